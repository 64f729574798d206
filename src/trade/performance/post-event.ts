import type { MoneyJson } from '#money';
import type { Figures } from './domain/event-figure.ts';
import type { Verdict } from './domain/event-verdict.ts';
import type { ForwardBuyingOutcome } from './forward-buying.ts';

/** What a promotion was expected to do when somebody last relied on it. Units are decimal strings of POS units. */
export interface PredictedOutcome {
  incrementalUnits: string;
  low: string;
  high: string;
  spend: MoneyJson;
  netProfit: MoneyJson;
  netRoi: string | null;
  modelVersion: string;
}

/** What it did. Null components are not estimated, never zero. */
export interface ActualOutcome {
  baselineUnits: string;
  actualUnits: string;
  incrementalUnits: string;
  low: string;
  high: string;
  dipUnits: string | null;
  cannibalisationUnits: string | null;
  haloUnits: string | null;
  spend: MoneyJson;
  grossProfit: MoneyJson;
  grossRoi: string | null;
  netProfit: MoneyJson;
  netProfitLow: MoneyJson;
  netProfitHigh: MoneyJson;
  netRoi: string | null;
  netRoiLow: string | null;
  netRoiHigh: string | null;
}

/** One week of all of the event's series together. */
export interface PostEventWeek {
  weekStart: string;
  /** `FY2026 W12`; null outside of the fiscal calendar. */
  fiscalWeek: string | null;
  baselineUnits: string;
  /** Null where the week is missing. */
  actualUnits: string | null;
  low: string | null;
  high: string | null;
  phase: 'before' | 'event' | 'dip';
}

/** A product in a week of the event, all customers together: what the result's units are the sums of. */
export interface PostEventFact {
  weekStart: string;
  productId: string;
  baselineUnits: string;
  actualUnits: string;
  incrementalUnits: string;
  /** Series without a fact in the week: they stand at the event's own ratio to their baseline. */
  missingSeries: number;
}

/** The part of a post-event result that is stored as it is. */
export interface PostEventBody {
  reason: string | null;
  predicted: PredictedOutcome | null;
  actual: ActualOutcome | null;
  weeks: PostEventWeek[];
  /** Absent from results of before it was told. */
  facts?: PostEventFact[];
  figures: Figures | null;
  /** Null where nothing was measured; absent from results of before it was told. */
  forwardBuying?: ForwardBuyingOutcome | null;
  verdict: Verdict | null;
  notes: string[];
}

/** A post-event result as it is answered. Numbered measurements are immutable; `pending` ones are not stored. */
export interface PostEvent extends PostEventBody {
  promotionId: string;
  state: 'measured' | 'refused' | 'pending';
  /** Null while pending. */
  measurementVersion: number | null;
  measuredAt: string | null;
  baselineVersion: string | null;
  formulaVersion: string;
}
