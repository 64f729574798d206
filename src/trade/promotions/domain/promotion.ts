import type { Mechanic, Recognition } from '#performance';
import type { PromotionState } from './promotion-state.ts';

/** The exchange rate by which money of another currency counts in the promotion's: 1 `from` is `rate` `to`. */
export interface AppliedFx {
  type: string;
  /** The day whose rate it is. */
  on: string;
  from: string;
  to: string;
  rate: string;
  rateId: string;
}

/**
 * A tactic of a promotion; what is optional is not in versions of the time before it was known. Decimals travel as
 * strings; money is in `fx.from` where there is one, else in the promotion's currency.
 */
export interface Tactic {
  id: string;
  mechanic: Mechanic;
  productIds: string[];
  /** Shares sum to 1. A fund in another currency bears its part at `fx`. */
  fundSplit: { fundId: string; share: string; fx?: AppliedFx | undefined }[];
  rate: {
    amount: string;
    currency: string;
    per: 'case' | 'unit' | 'percent';
    /** What a percent is of; the list price where absent. */
    percentOf?: 'list' | 'invoice' | undefined;
  } | null;
  /** For each of the `stores` where there are any. */
  lumpSum: string | null;
  /** Share of the funded rate that reaches the shelf price, 0..1. */
  passThrough: string;
  /** Dates of its own inside the promotion's; null: the promotion's. */
  startsOn?: string | null;
  endsOn?: string | null;
  fundingBasis?: 'shipments' | 'consumption' | null;
  /** Redemptions per unit sold, 0..1. */
  redemptionRate?: string | null;
  stores?: number | null;
  recognition?: Recognition | null;
  /** Rates in the unit of `rate`, from so many cases on. */
  tiers?: { method: 'retroactive' | 'incremental'; steps: { from: string; rate: string }[] } | null;
  cap?: string | null;
  minimum?: string | null;
  fx?: AppliedFx | null;
}

/** What a planner states: everything that is approved. */
export interface PromotionTerms {
  name: string;
  customerId: string;
  startsOn: string;
  endsOn: string;
  shipStartsOn: string;
  shipEndsOn: string;
  claimByOn: string;
  currency: string;
  tactics: Tactic[];
}

/** A promotion: its terms and where it stands. */
export interface Promotion extends PromotionTerms {
  id: string;
  code: string;
  state: PromotionState;
  heldFrom: PromotionState | null;
  /** The business date after which it earns nothing more: on hold, or cancelled after its approval. */
  stoppedOn: string | null;
  version: number;
  makers: string[];
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
  submittedBy: string | null;
  submittedAt: Date | null;
  plannedSpend: string | null;
  netProfit: string | null;
  netRoi: string | null;
}

/**
 * The days on which a promotion was, is or is to be on the shelves: what was cancelled or held is so up to its last day.
 * Null where it never came or comes to them.
 */
export function daysOnShelf(
  promotion: Pick<Promotion, 'state' | 'startsOn' | 'endsOn' | 'stoppedOn'>,
): { startsOn: string; endsOn: string } | null {
  const { state, startsOn, endsOn, stoppedOn } = promotion;
  if (state === 'draft' || state === 'rejected' || (state === 'cancelled' && stoppedOn === null)) return null;
  if (stoppedOn === null || stoppedOn >= endsOn) return { startsOn, endsOn };
  return stoppedOn < startsOn ? null : { startsOn, endsOn: stoppedOn };
}
