export {
  type ConformalScore,
  type ConformalTable,
  calibrateConformal,
  conformalScores,
  widestScores,
} from './conformal-intervals.ts';
export { fitMultilevelCounts, type MultilevelFit, type MultilevelFitOptions } from './fit-multilevel-counts.ts';
export type { FitFunction } from './fit-worker.ts';
export {
  type CoefficientLayout,
  coefficientsOfUnit,
  type Grouping,
  type MultilevelDesign,
  type RowFactor,
} from './multilevel-design.ts';
export type { Dispersion } from './multilevel-workspace.ts';
export { type History, lastValue, recentMean, sameSeasonBefore } from './naive-forecasts.ts';
export { type RunFitOptions, runFit } from './run-fit.ts';
export { coverage, pinballLoss, totalBias, wape } from './score-forecasts.ts';
