import { fitMultilevelCounts, type MultilevelDesign, type MultilevelFit, type RowFactor } from '#ml';
import type { SalesPanel } from '../domain/sales-panel.ts';
import { COVARIATE_COUNT, COVARIATES, fillCovariates } from './response-covariates.ts';
import { layerCovariates, layerLevel, layerLevels, RESPONSE_LAYERS } from './response-groupings.ts';
import { medianLifts } from './response-lifts.ts';
import { keptStates, keptUsual, recentLevels } from './response-recent.ts';
import { type FittedResponse, SEASON_MONTHS, SEASON_WEEKS, seasonOf, WORKING_DISPERSION } from './response-state.ts';
import { type TrainingSet, trainingSet } from './response-training.ts';

/**
 * Shocks of one week: enough to keep a week that nobody can explain from bending promotion effects, and too small to
 * swallow the promotions themselves, which often cover every store of a week (so their size cannot be estimated freely).
 */
const SHOCK_DEVIATION = { category: 0.03, product: 0.07 };

function rowFactors(set: TrainingSet): RowFactor[] {
  const { rows, units, structure, origin } = set;
  const factor = (
    name: string,
    levels: number,
    deviation: number,
    fixed: boolean,
    level: (unit: number, week: number) => number,
  ) => ({
    name,
    levels,
    deviation,
    fixed,
    levelOfRow: Int32Array.from({ length: rows.rows }, (_, row) => level(rows.seriesIndex[row]!, rows.week[row]!)),
  });
  const category = (unit: number) => units[unit]!.category;
  const season = (week: number) => seasonOf(week, origin);
  const months = SEASON_WEEKS / SEASON_MONTHS;
  return [
    factor('categorySeason', structure.categories.length * SEASON_WEEKS, 0.1, false, (unit, week) => {
      return category(unit) * SEASON_WEEKS + season(week);
    }),
    factor('groupSeason', structure.groups.length * SEASON_WEEKS, 0.05, false, (unit, week) => {
      return units[unit]!.group * SEASON_WEEKS + season(week);
    }),
    factor('categoryMonth', structure.categories.length * SEASON_MONTHS, 0.1, false, (unit, week) => {
      return category(unit) * SEASON_MONTHS + Math.floor(season(week) / months);
    }),
    factor('categoryWeek', structure.categories.length * origin, SHOCK_DEVIATION.category, true, (unit, week) => {
      return category(unit) * origin + week;
    }),
    factor('productWeek', structure.products.length * origin, SHOCK_DEVIATION.product, true, (unit, week) => {
      return units[unit]!.product * origin + week;
    }),
  ];
}

function designOf(set: TrainingSet): MultilevelDesign {
  return {
    rows: set.rows.rows,
    units: set.units.length,
    unitStart: set.unitStart,
    covariateCount: COVARIATE_COUNT,
    covariates: fillCovariates(set.rows, { own: set.states, timing: set.states, cross: set.states }),
    groupings: RESPONSE_LAYERS.map((layer) => {
      const covariates = layerCovariates(layer);
      return {
        name: layer.name,
        levels: layerLevels(layer, set.structure),
        levelOfUnit: Int32Array.from(set.units, (unit) => layerLevel(layer, unit)),
        covariates,
        deviation: covariates.map((covariate) => layer.deviations[COVARIATES[covariate]!]!),
        fixed: layer.fixed ?? false,
      };
    }),
    rowFactors: rowFactors(set),
  };
}

/**
 * Fits the response to all usable observations of a panel before week number `origin`: hierarchical log-log promotion
 * response (SCAN*PRO: Wittink et al. 1988; pull-forward: van Heerde, Leeflang & Wittink 2000; 2004), then brings the
 * levels up to date. Throws RangeError where the panel has no usable observation.
 */
export function fitResponse(
  panel: SalesPanel,
  origin: number,
  onProgress: (share: number) => void = () => undefined,
): FittedResponse {
  const set = trainingSet(panel, origin);
  if (set.rows.rows === 0) throw new RangeError('no usable observation before the origin');
  const design = designOf(set);
  const fit = fitMultilevelCounts(design, set.counts, { dispersion: WORKING_DISPERSION, onProgress });
  const fitted = store(set, fit, panel.weekStart, design);
  const { levels, productLevels } = recentLevels(set, fitted, design.covariates);
  fitted.recentLevel = levels;
  fitted.productRecentLevel = productLevels;
  fitted.medianLift = medianLifts(set, fitted);
  return fitted;
}

function store(set: TrainingSet, fit: MultilevelFit, weekStart: string[], design: MultilevelDesign): FittedResponse {
  const { layout, coefficients } = fit;
  const factor = (f: number) => {
    const start = layout.factorOffset[f]!;
    return rounded(coefficients.subarray(start, start + design.rowFactors[f]!.levels));
  };
  const layers = design.groupings.map((grouping, g) => {
    const start = layout.groupingOffset[g]!;
    const end = start + grouping.levels * grouping.covariates.length;
    return {
      name: RESPONSE_LAYERS[g]!.name,
      covariates: grouping.covariates,
      deviations: fit.groupingDeviation[g]!,
      coefficients: rounded(coefficients.subarray(start, end)),
    };
  });
  const seriesLayer = design.groupings.findIndex((grouping) => grouping.name === 'series');
  const width = design.groupings[seriesLayer]!.covariates.length;
  return {
    structure: set.structure,
    origin: set.origin,
    originDate: originDate(weekStart, set.origin),
    rows: set.rows.rows,
    layers,
    season: { category: factor(0), group: factor(1), month: factor(2) },
    seasonDeviation: fit.factorDeviation.slice(0, 3),
    levelDeviation: rounded(
      Float64Array.from(set.units, (_, unit) =>
        Math.sqrt(fit.variances[layout.groupingOffset[seriesLayer]! + unit * width]!),
      ),
    ),
    observations: Array.from(set.units, (_, unit) => set.unitStart[unit + 1]! - set.unitStart[unit]!),
    share: rounded(set.rows.share),
    usualLogBase: rounded(set.usualLogBase),
    ...keptUsual(set),
    tail: keptStates(set),
    recentLevel: [],
    productRecentLevel: [],
    medianLift: {},
  };
}

/** First day of the first week after the training weeks; extrapolated by 7 days where the panel ends there. */
function originDate(weekStart: string[], origin: number): string {
  if (weekStart[origin]) return weekStart[origin];
  const last = Date.parse(`${weekStart[origin - 1]}T00:00:00Z`);
  return new Date(last + 7 * 86_400_000).toISOString().slice(0, 10);
}

/** Six significant digits are kept: far below the noise, and half the size when stored. */
function rounded(values: ArrayLike<number>): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(6)));
}
