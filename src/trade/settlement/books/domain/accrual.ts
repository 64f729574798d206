import type { EarningTerms, FundShare, Mechanic } from '#performance';

/** Volume on a tactic's own basis from one day on, with the funded rate per volume in major units of the currency. */
export type EarnedVolume = EarningTerms['volumes'][number];

/**
 * A tactic as accruing sees it: what it pays for, and when. Its dates are its own, or the promotion's; volumes are units
 * scanned or redeemed, or cases shipped or depleted, and none for a lump sum alone.
 */
export interface EarningTactic extends EarningTerms {
  promotionId: string;
  /** The code that people and remittances call the promotion by. */
  promotionCode: string;
  tacticId: string;
  customerId: string;
  mechanic: Mechanic;
  /** Shares sum to 1. */
  fundSplit: readonly FundShare[];
  /** The last day on which the customer may ask for the money. */
  claimByOn: string;
}
