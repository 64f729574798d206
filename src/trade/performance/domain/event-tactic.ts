import type { Decimal, Money } from '#money';

/** Ways to spend, and the volume each one's cost follows: domain.md "Tactics". */
export const volumeBasisOf = {
  off_invoice: 'shipped_cases',
  bill_back: 'shipped_cases',
  scan_back: 'pos_units',
  temporary_price_reduction: 'pos_units',
  feature: 'none',
  display: 'none',
  demo: 'none',
  co_op: 'none',
  slotting: 'none',
  everyday_low_price: 'shipped_cases',
  volume_rebate: 'shipped_cases',
  multibuy: 'redemptions',
  coupon: 'redemptions',
  distributor_chargeback: 'depletions',
} as const satisfies Record<string, 'shipped_cases' | 'pos_units' | 'redemptions' | 'depletions' | 'none'>;

/** How a tactic works. */
export type Mechanic = keyof typeof volumeBasisOf;
/** What a tactic's cost is counted on. */
export type VolumeBasis = (typeof volumeBasisOf)[Mechanic];

/** All mechanics, in the order of domain.md. */
export const mechanics = Object.keys(volumeBasisOf) as [Mechanic, ...Mechanic[]];

/** A funded rate: money per case or unit, or percent of a price of the case. */
export interface TacticRate {
  /** Decimal; for `percent`, 12.5 is 12.5 %. */
  amount: Decimal;
  currency: string;
  per: 'case' | 'unit' | 'percent';
  /** What a percent is of: the list price unless the tactic says invoice price. */
  percentOf?: 'list' | 'invoice';
}

/** One tactic as money sees it. */
export interface EventTactic {
  /** Stable key that the answer repeats: the tactic's id, or its index as text while it has none. */
  key: string;
  mechanic: Mechanic;
  productIds: readonly string[];
  rate: TacticRate | null;
  lumpSum: Money | null;
  /** Share of the funded rate that reaches the shelf price, 0..1. */
  passThrough: Decimal;
  /** Shares sum to 1. */
  fundSplit: readonly { fundId: string; share: Decimal }[];
  /** Redemptions per POS unit, 0..1: multibuy and coupon only; without it they are refused. */
  redemptionRate?: Decimal;
}

/** One product of an event: its money per case and its volumes. */
export interface EventProduct {
  productId: string;
  unitsPerCase: Decimal;
  /** Per case. */
  listPrice: Money;
  /** Per case: what it costs to make and move. */
  cost: Money;
  /** Everyday terms per case, on and off the invoice; absent where there are none. Never the event's own discount. */
  onInvoiceTerms?: Money;
  standingTerms?: Money;
  /** POS units in the event's weeks with no promotion. */
  baselineUnits: Decimal;
  /** POS units in the event's weeks: predicted before, actual after. */
  units: Decimal;
  /** Cases shipped in the buy window; null where not known: then the units sold, in cases, stand in for them. */
  shippedCases: Decimal | null;
}
