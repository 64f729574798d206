import type { MethodScore, ResponseCalibration } from './response-calibration.ts';
import type { FittedResponse } from './response-state.ts';

/** Name and version of the formula; a change of the covariates, layers or intervals makes a new one. */
export const PROMOTION_FORMULA = 'multilevel-scan-pro/1';

/** What a model needs at least, in observations: below it the answer is a refusal with the reason. */
export const MINIMUM = {
  /** Weeks of sales before the origin. */
  weeks: 26,
  /** Usable customer × product × week observations. */
  observations: 500,
  /** Promoted observations in a category before a lift is given for it. */
  promotedInCategory: 50,
  /** Observations of a series before its answer counts as fitted and not as pooled. */
  seriesObservations: 26,
};

/** Why no figure is given, in words for the person who asked; `rows` are the rows (by number) that are to blame. */
export interface Refusal {
  refused: string;
  rows: number[];
}

/** A fitted promotion response model: plain JSON data. */
export interface PromotionModel {
  version: ModelVersion;
  fitted: FittedResponse;
  calibration: ResponseCalibration;
}

/** What a figure made by this model says about its origin. */
export interface ModelVersion {
  formula: string;
  /** First day of the last week that was learned from, ISO date. */
  trainedThrough: string;
  observations: number;
  series: number;
  products: number;
  customers: number;
  weeks: number;
  hyperParameters: { intervalLevel: number; calibrationHorizonWeeks: number; calibrationOrigins: number[] };
  /** Out-of-sample errors before the origin, beside the naive methods on the same rows. */
  accuracy: Record<keyof ResponseCalibration['accuracy'], MethodScore>;
}
