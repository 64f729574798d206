import type { ResponseLayer } from './response-groupings.ts';
import type { ResponseStructure } from './response-structure.ts';

/**
 * Weights of the fit follow variance = μ + 0.25 μ². Moment estimates put the quadratic part lower, but on folds before
 * any scored week the flatter weights forecast better: single huge promotions no longer set a product's effects.
 */
export const WORKING_DISPERSION = { linear: 1, quadratic: 0.25 };

/** Weeks of a season: effects repeat at this distance, counted back from the origin. */
export const SEASON_WEEKS = 52;

/** Four-week parts of a season. */
export const SEASON_MONTHS = 13;

/** Season position of a week, 0..51, counted so that weeks 52 apart share it. */
export function seasonOf(week: number, origin: number): number {
  return (((week - origin) % SEASON_WEEKS) + SEASON_WEEKS) % SEASON_WEEKS;
}

/** One promoted week shortly before the origin: its purchases brought forward still matter afterwards. */
export interface TailWeek {
  series: number;
  week: number;
  depth: number;
  feature: number;
  display: number;
  priceReduction: number;
}

/** Kinds of promotion by what the shopper sees. */
export type PromotionKind = 'featureDisplay' | 'feature' | 'display' | 'priceReduction';

/** A fitted response as plain data: JSON in, JSON out, same predictions. */
export interface FittedResponse {
  structure: ResponseStructure;
  /** Number of the first week after the training weeks, and its first day. */
  origin: number;
  originDate: string;
  /** Training observations, and how many each series has. */
  rows: number;
  observations: number[];
  /** Coefficients, level-major: `coefficients[level · covariates.length + k]`; deviations per covariate. */
  layers: { name: ResponseLayer['name']; covariates: number[]; deviations: number[]; coefficients: number[] }[];
  /** Log effects: category × 52 weeks, group × 52 weeks, category × 13 four-week parts. */
  season: { category: number[]; group: number[]; month: number[] };
  seasonDeviation: number[];
  /** Standard error of each series' own level (log). */
  levelDeviation: number[];
  /** Log ratio of recent sales to the fit, per series and per product. */
  recentLevel: number[];
  productRecentLevel: number[];
  /** Usual share of its category market, usual log base price, usual cut and loudness, per series. */
  share: number[];
  usualLogBase: number[];
  usualDepth: number[];
  usualLoudness: number[];
  tail: TailWeek[];
  /** Median multiple of sales by kind of promotion over the training weeks, own effects only ("×1.25" is a multiple). */
  medianLift: Partial<Record<PromotionKind, { multiple: number; rows: number }>>;
  /** Promoted observations per category. */
  promotedRows: number[];
  /** Deepest cut with data behind it (99.5 % point of the cuts), log, per category. */
  deepestCut: number[];
}
