import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { Money } from '#money';

/** What has become of a tactic's money, as the books and the desk know it. */
export interface TacticSettlement {
  tacticId: string;
  /** Accrued so far. */
  earned: Money;
  /** Earned − settled − released. */
  open: Money;
  /** Matched by claims or deductions that are not settled yet. */
  claimed: Money;
  /** The last day of the latest period that it earned in; null before the first accrual. */
  accruedThrough: string | null;
}

/** What promotions ask of settlement, which stands above them; `apps` wires it. */
export interface PromotionPorts {
  /** The tactics of some promotions that have earned or are claimed, by promotion id; others are absent. */
  settlementOf(tx: TenantTx<Context>, promotionIds: readonly string[]): Promise<Map<string, TacticSettlement[]>>;
}
