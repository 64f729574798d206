import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { EarningTactic } from './books/domain/accrual.ts';
import type { ClaimsPorts } from './claims/claims-ports.ts';

type Tx = TenantTx<Context>;

/** A range of dates, both inclusive. */
export interface DateRange {
  startsOn: string;
  endsOn: string;
}

/** Some of the tactics that earn, and where to go on. */
export interface EarningsBatch {
  tactics: EarningTactic[];
  /** Cursor of the next batch; null after the last one. */
  next: string | null;
}

/** Which fiscal weeks have facts, and when the last fact was recorded. */
export interface FactWeeks {
  /** First days of the weeks that have sales, or shipments, of anybody. */
  sales: string[];
  shipments: string[];
  lastRecordedAt: Date | null;
}

/** What settlement asks of the modules that own promotions and sales; apps wires it. */
export interface SettlementPorts extends ClaimsPorts {
  /**
   * Every approved tactic that started on or before the period's end, with all its volumes known through that day, also
   * those of earlier periods: restated and late facts are found by the difference to what was accrued. In batches of
   * whole promotions, by an order that stays: the first with `after` null, then with the cursor of the one before.
   */
  readEarnings(tx: Tx, period: DateRange, after: string | null): Promise<EarningsBatch>;
  /** The people who approved any of the promotions: none of them may settle what is claimed for it. */
  approversOf(tx: Tx, promotionIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** The weeks of a period that have facts. */
  factWeeks(tx: Tx, period: DateRange): Promise<FactWeeks>;
}

/** What preparing accruals asks. */
export type EarningsPort = Pick<SettlementPorts, 'readEarnings'>;
/** What closing a period asks. */
export type FactsPort = Pick<SettlementPorts, 'factWeeks'>;
