import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { EarningTactic } from './domain/accrual.ts';

/** A range of dates, both inclusive. */
export interface DateRange {
  startsOn: string;
  endsOn: string;
}

/** What settlement asks of the modules that own promotions and sales; apps wires it. */
export interface SettlementPorts {
  /**
   * Every approved tactic that started on or before the period's end, with all its volumes known through that day, also
   * those of earlier periods: restated and late facts are found by the difference to what was accrued.
   */
  readEarnings(tx: TenantTx<Context>, period: DateRange): Promise<EarningTactic[]>;
  /** The people who approved any of the promotions: none of them may settle what is claimed for it. */
  approversOf(tx: TenantTx<Context>, promotionIds: readonly string[]): Promise<ReadonlySet<string>>;
}
