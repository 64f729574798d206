import type { Context } from '#context';
import type { TenantTx } from '#db';

type Tx = TenantTx<Context>;

/** What matching reads of a promotion beside what it owes. */
export interface PromotionDescription {
  name: string;
  endsOn: string;
  /** Names of the products in its tactics. */
  productNames: readonly string[];
}

/** A promotion as the evidence of a dispute has it, ready for JSON. */
export interface PromotionDossier {
  id: string;
  code: string;
  name: string;
  state: string;
  customerId: string;
  startsOn: string;
  endsOn: string;
  shipStartsOn: string;
  shipEndsOn: string;
  claimByOn: string;
  tactics: readonly Record<string, unknown>[];
  /** Every version with what was recorded of it, the first one first. */
  versions: readonly Record<string, unknown>[];
  history: readonly Record<string, unknown>[];
}

/** What the desk asks of promotions; apps wires it. */
export interface ClaimsPorts {
  /** Promotions by id, from their codes; unknown ones are absent. */
  describePromotions(tx: Tx, codes: readonly string[]): Promise<Map<string, PromotionDescription>>;
  /** All there is to show of promotions, in the order of the codes. */
  promotionDossiers(tx: Tx, codes: readonly string[]): Promise<PromotionDossier[]>;
}
