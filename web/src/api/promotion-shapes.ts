import type { Figure, Money } from './shapes.ts';

export type RatePer = 'case' | 'unit' | 'percent';

/** A tactic as it is sent. */
export interface TacticInput {
  /** Known tactics keep their id over changes. */
  id?: string;
  mechanic: string;
  productIds: string[];
  /** A fund in another currency names the type of exchange rate. */
  fundSplit: { fundId: string; share: string; fx?: { type: string; on?: string } }[];
  rate?: TacticRate;
  lumpSum?: Money;
  passThrough?: string;
  startsOn?: string;
  endsOn?: string;
  fundingBasis?: 'shipments' | 'consumption';
  redemptionRate?: string;
  stores?: number;
  recognition?: Recognition;
  tiers?: TacticTiers;
  cap?: Money;
  minimum?: Money;
  fx?: { type: string; on?: string };
}

/** A funded rate; a percentage is of the list price where it does not say. */
export interface TacticRate {
  amount: string;
  currency: string;
  per: RatePer;
  percentOf?: 'list' | 'invoice';
}

/** When a lump sum is earned. */
export type Recognition = 'on_date' | 'straight_line' | 'volume_curve';

/** Higher rates from so many cases on. */
export interface TacticTiers {
  method: 'retroactive' | 'incremental';
  steps: { from: string; rate: string }[];
}

/** A tactic as it is answered. */
export interface Tactic {
  id: string;
  mechanic: string;
  productIds: string[];
  fundSplit: { fundId: string; share: string; fx?: { type: string; on: string } }[];
  rate: TacticRate | null;
  lumpSum: Money | null;
  passThrough: string;
  startsOn: string | null;
  endsOn: string | null;
  fundingBasis: 'shipments' | 'consumption' | null;
  redemptionRate: string | null;
  stores: number | null;
  recognition: Recognition | null;
  tiers: TacticTiers | null;
  cap: Money | null;
  minimum: Money | null;
  /** The exchange rate that its money is converted by. */
  fx: { type: string; on: string; from: string; to: string; rate: string; rateId: string } | null;
  feature?: boolean;
  display?: boolean;
}

/** The body of POST and PATCH /promotions and of /promotions/preview. */
export interface PromotionInput {
  name: string;
  customerId: string;
  startsOn: string;
  endsOn: string;
  shipStartsOn?: string;
  shipEndsOn?: string;
  tactics: TacticInput[];
}

/** A promotion in a list. */
export interface PromotionRow {
  id: string;
  code: string;
  name: string;
  customerId: string;
  state: string;
  version: number;
  startsOn: string;
  endsOn: string;
  currency: string;
  plannedSpend: Money | null;
  netProfit: Money | null;
  netRoi: string | null;
  createdBy: string;
  createdAt: string;
  updatedAt: string;
  submittedAt: string | null;
  productIds?: string[];
  mechanics?: string[];
}

export interface Promotion extends PromotionRow {
  shipStartsOn: string | null;
  shipEndsOn: string | null;
  claimByOn: string | null;
  tactics: Tactic[];
}

export interface PlanWeek {
  weekStart: string;
  fiscalWeek: string | null;
  productId: string;
  baselineUnits: string;
  predictedUnits: string;
  incrementalUnits: string;
  low: string;
  high: string;
  promoted: boolean;
}

export interface PlanProduct {
  productId: string;
  baselineUnits: string;
  predictedUnits: string;
  incrementalUnits: string;
  low: string;
  high: string;
  spend: Money | null;
  basePrice: string | Money | null;
  shelfPrice: string | Money | null;
  depth: string | null;
}

/** What a plan sells, costs and earns. */
export interface Plan {
  promotionId: string | null;
  currency: string;
  modelVersion: string | number | null;
  baselineVersion: string | number | null;
  formulaVersion: string | number;
  refusal: string | null;
  weeks: PlanWeek[];
  products: PlanProduct[];
  totals: {
    baselineUnits: string;
    predictedUnits: string;
    incrementalUnits: string;
    incrementalLow: string;
    incrementalHigh: string;
    baselineCases: string | null;
    incrementalCases: string | null;
    dipUnits: string | null;
    cannibalisationUnits: string | null;
    haloUnits: string | null;
    liftPercent: string | null;
  } | null;
  spend: Money;
  spendByTactic: {
    tacticId?: string | null;
    index?: number;
    mechanic: string;
    volumeBasis: string | null;
    volume: string | null;
    unit: string | null;
    rate: { amount: string; currency: string; per: string } | null;
    assumption: string | null;
    spend: Money;
    /** The spend with its formula and inputs; plans of before it was told lack it. */
    figure?: Figure;
    splits: { fundId: string; amount: Money }[];
  }[];
  figures: Partial<Record<string, Figure>>;
  retailer: {
    marginBefore: Money;
    marginAfter: Money;
    percentBefore: string | null;
    percentAfter: string | null;
    note: string;
    /** Absent from plans that were kept before it was told. */
    figures?: Partial<Record<string, Figure>>;
  } | null;
  funds: { fundId: string; name: string; available: Money; needed: Money; after: Money }[];
  conflicts: Conflict[];
  guardrails: {
    rule: string;
    severity: 'block' | 'warn';
    message: string;
    by?: { decision: string; version: number; row: number };
  }[];
}

export interface Conflict {
  promotionId: string;
  code: string;
  name: string;
  customerId: string;
  customerName: string;
  startsOn: string;
  endsOn: string;
  state: string;
  productIds: string[];
  policy: 'block' | 'warn';
  reason: string;
}

export interface HistoryItem {
  at: string;
  actorName: string | null;
  action: string;
  detail: string | null;
}

export interface PromotionVersion {
  version: number;
  state: string;
  body: Record<string, unknown>;
  recordedBy: string;
  recordedAt: string;
}

export interface PostEvent {
  promotionId: string;
  measurementVersion: number | string | null;
  measuredAt: string | null;
  state: 'measured' | 'refused' | 'pending';
  reason: string | null;
  predicted: {
    incrementalUnits: string | null;
    low: string | null;
    high: string | null;
    spend: Money | null;
    netProfit: Money | null;
    netRoi: string | null;
    modelVersion: string | number | null;
  } | null;
  actual: {
    baselineUnits: string;
    actualUnits: string;
    incrementalUnits: string;
    low: string | null;
    high: string | null;
    dipUnits: string | null;
    cannibalisationUnits: string | null;
    haloUnits: string | null;
    spend: Money;
    grossProfit: Money | null;
    netProfit: Money | null;
    grossRoi: string | null;
    netProfitLow: Money | null;
    netProfitHigh: Money | null;
    netRoi: string | null;
    netRoiLow: string | null;
    netRoiHigh: string | null;
  } | null;
  weeks: {
    weekStart: string;
    fiscalWeek: string | null;
    baselineUnits: string | null;
    actualUnits: string | null;
    low: string | null;
    high: string | null;
    phase: 'before' | 'event' | 'dip';
  }[];
  baselineVersion: string | number | null;
  formulaVersion: string | number | null;
  figures: Partial<Record<string, Figure>> | null;
  /** Absent from measurements of before it was told. */
  forwardBuying?: { volume: Figure | null; spend: Figure | null; reason: string | null } | null;
  notes: string[];
  verdict: { decision: 'repeat' | 'fix' | 'stop'; reasons: string[] } | null;
}
