import type { Figure, Money } from '../../api/shapes.ts';

/** What measured promotions are rolled up by. */
export const cuts = ['mechanic', 'customer', 'product', 'brand', 'period'] as const;
/** One of {@link cuts}. */
export type Cut = (typeof cuts)[number];

/** What to do with events of a kind next time. */
export type Decision = 'repeat' | 'fix' | 'stop';

/** Measured promotions together. */
export interface ResultGroup {
  currency: string;
  events: number;
  earned: number;
  figures: Record<string, Figure>;
  prediction: {
    events: number;
    predictedNetProfit: Figure | null;
    error: string | null;
    naiveError: string | null;
    errorOnNaive: string | null;
    naiveEvents: number;
  };
  verdict: { decision: Decision; reasons: string[] };
}

/** A row of a roll-up. */
export interface ResultRow extends ResultGroup {
  key: string;
  id: string | null;
  label: string;
}

/** A measured promotion. */
export interface ResultEvent {
  promotionId: string;
  measurementVersion: number;
  customerId: string;
  mechanics: string[];
  startsOn: string;
  endsOn: string;
  group: { key: string; label: string };
  decision: Decision | null;
  incrementalUnits: string;
  lift: string | null;
  spend: Money;
  netProfit: Money;
  netProfitLow: Money;
  netProfitHigh: Money;
  netRoi: string | null;
  predictedUnits: string | null;
  predictedNetProfit: Money | null;
  naiveUnits: string | null;
}
