import type { Figure } from '../../api/shapes.ts';

export type TermKind = 'on_invoice' | 'off_invoice' | 'conditional' | 'growth' | 'volume_rebate';
export type TermBasis = 'percent_of_list' | 'percent_of_invoice' | 'per_case' | 'lump_sum';

/** From a threshold on, a rate: decimal strings. */
export interface Tier {
  from: string;
  rate: string;
}

/** One line of an agreement. */
export interface TermLine {
  code: string;
  kind: TermKind;
  basis: TermBasis;
  rate: string | null;
  tiers: { method: 'retroactive' | 'incremental'; measure: 'cases' | 'money'; steps: Tier[] } | null;
  condition: string | null;
  payment: 'on_invoice' | 'quarterly' | 'yearly';
}

/** What a version of an agreement says. */
export interface TermsContent {
  name: string;
  validFrom: string;
  validTo: string | null;
  note: string;
  lines: TermLine[];
  /** Where the terms are not in the customer's currency: the type of exchange rate, and whose day's; null elsewhere. */
  fx: { type: string; on?: string | null } | null;
}

/** A version of an agreement. */
export interface TermsVersion extends TermsContent {
  id: string;
  number: number;
  state: 'draft' | 'agreed' | 'superseded' | 'declined';
  madeBy: string;
  madeAt: string;
  agreedBy: string | null;
  agreedAt: string | null;
  supersededAt: string | null;
}

/** An agreement with what is in force and what waits for a yes. */
export interface Agreement {
  id: string;
  code: string;
  customerId: string;
  productId: string | null;
  currency: string;
  version: number;
  current: TermsVersion | null;
  draft: TermsVersion | null;
}

/** The last word on a condition in a fiscal period. */
export interface Condition {
  lineCode: string;
  fiscalYear: number;
  period: number;
  startsOn: string;
  endsOn: string;
  met: boolean;
  note: string;
  recordedBy: string;
  recordedAt: string;
}

/** Where a tiered line stands in a fiscal year. */
export interface LineAttainment {
  line: TermLine;
  attained: Tier | null;
  expected: Tier | null;
  low: Tier | null;
  high: Tier | null;
  next: Tier | null;
  thresholds: Tier[] | null;
  figures: Record<'volume' | 'expectedVolume' | 'missing' | 'rebate' | 'expectedRebate' | 'accrued', Figure>;
}

/** Where the tiered lines of an agreement stand in a fiscal year. */
export interface Attainment {
  fiscalYear: number;
  startsOn: string;
  endsOn: string;
  currency: string;
  through: string | null;
  method: string | null;
  lines: LineAttainment[];
}

/** A step of a waterfall: what is taken off is positive. */
export interface WaterfallStep {
  step: string;
  amount: Figure;
  ofList: Figure;
  perCase: Figure;
}

/** A waterfall by fiscal period and in total. */
export interface Waterfall {
  currency: string;
  periods: {
    fiscalYear: number;
    period: number;
    startsOn: string;
    endsOn: string;
    cases: string;
    steps: WaterfallStep[];
  }[];
  total: { cases: string; steps: WaterfallStep[] };
  notes: string[];
}
