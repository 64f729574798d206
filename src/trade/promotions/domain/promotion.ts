import type { Mechanic } from '#performance';
import type { PromotionState } from './promotion-state.ts';

/** A tactic of a promotion. Decimals travel as strings. */
export interface Tactic {
  id: string;
  mechanic: Mechanic;
  productIds: string[];
  /** Shares sum to 1. */
  fundSplit: { fundId: string; share: string }[];
  rate: { amount: string; currency: string; per: 'case' | 'unit' | 'percent' } | null;
  /** Decimal string in the promotion's currency. */
  lumpSum: string | null;
  /** Share of the funded rate that reaches the shelf price, 0..1. */
  passThrough: string;
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
