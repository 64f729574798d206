import type { Decimal, Money } from '#money';
import { type Mechanic, mechanicRules, type VolumeBasis } from './mechanic.ts';

/** A funded rate: money per case or unit, or percent of a price of the case. */
export interface TacticRate {
  /** Decimal; for `percent`, 12.5 is 12.5 %. With tiers, what they say counts. */
  amount: Decimal;
  currency: string;
  per: 'case' | 'unit' | 'percent';
  /** What a percent is of: the list price unless the tactic says invoice price. */
  percentOf?: 'list' | 'invoice';
}

/** Higher rates for more cases, in the unit of the tactic's rate. */
export interface TacticTiers {
  /** `retroactive`: the tier that is reached pays on every case; `incremental`: each tier pays on the cases within it. */
  method: 'retroactive' | 'incremental';
  /** By `from` (cases), rising in both; below the first nothing is paid. */
  steps: readonly { from: Decimal; rate: Decimal }[];
}

/** When a lump sum is earned: all of it on the first day, evenly over the days, or as the expected volume goes. */
export type Recognition = 'on_date' | 'straight_line' | 'volume_curve';

/** What a tactic pays by: everything that its money follows from, beside volumes and prices. */
export interface TacticTerms {
  mechanic: Mechanic;
  rate: TacticRate | null;
  /** For the whole tactic, or for each of its `stores`. */
  lumpSum: Money | null;
  /** Stores that are paid the lump sum; one where absent. */
  stores?: number;
  /** Redemptions per POS unit, 0..1: multibuy and coupon only; without it they are refused. */
  redemptionRate?: Decimal;
  /** What a temporary price reduction is funded on: consumption (scans) unless it says shipments. */
  fundingBasis?: 'shipments' | 'consumption';
  tiers?: TacticTiers;
  /** Most and least that the tactic pays in all. */
  cap?: Money;
  minimum?: Money;
  recognition?: Recognition;
}

/** A fund's share of a tactic; a fund in another currency bears it at an exchange rate, which the note names. */
export interface FundShare {
  fundId: string;
  share: Decimal;
  fx?: { currency: string; rate: Decimal; note: string };
}

/** One tactic as money sees it. */
export interface EventTactic extends TacticTerms {
  /** Stable key that the answer repeats: the tactic's id, or its index as text while it has none. */
  key: string;
  productIds: readonly string[];
  /** Share of the funded rate that reaches the shelf price, 0..1. */
  passThrough: Decimal;
  /** Shares sum to 1. */
  fundSplit: readonly FundShare[];
  /** Dates of its own inside the event's; both inclusive. */
  startsOn?: string;
  endsOn?: string;
}

/** What a tactic's cost is counted on; a temporary price reduction says so itself. */
export function volumeBasisOf({ mechanic, fundingBasis }: Pick<TacticTerms, 'mechanic' | 'fundingBasis'>): VolumeBasis {
  if (mechanic === 'temporary_price_reduction' && fundingBasis === 'shipments') return 'shipped_cases';
  return mechanicRules[mechanic].volumeBasis;
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
  /**
   * Cases that single tactics are counted on, by tactic key: those with dates of their own, and depletions. `assumed`
   * where sales to shoppers stand in for them.
   */
  counted?: ReadonlyMap<string, { cases: Decimal; assumed: boolean }>;
}
