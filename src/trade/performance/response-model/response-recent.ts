import { COVARIATE_COUNT, isPromoted, LAG_WEEKS, loudness } from './response-covariates.ts';
import { predictRow, unitCoefficients } from './response-predict.ts';
import { type FittedResponse, type TailWeek, WORKING_DISPERSION } from './response-state.ts';
import type { TrainingSet } from './response-training.ts';

/** How recent levels are read: decay in weeks, weight of promoted weeks, and the prior's weight in expected units. */
const RECENT = { decayWeeks: 8, promotedWeight: 0.3, productPrior: 1000, seriesPrior: 15 };

/**
 * Log ratio of recent sales to the fit, shrunk to 1: first per product, then per series on top of its product. The ratio
 * is of discounted sums, (Σ w·actual + k) / (Σ w·fitted + k): the posterior mean of a gamma prior with weight k
 * (exponential smoothing of a Poisson level: Harvey & Fernandes 1989).
 */
export function recentLevels(
  set: TrainingSet,
  fitted: FittedResponse,
  covariates: Float32Array,
): { levels: number[]; productLevels: number[] } {
  const mean = fittedMeans(set, fitted, covariates);
  const product = (series: number) => set.units[series]!.product;
  const ofProduct = levelRatios(set, mean, product, set.structure.products.length, RECENT.productPrior);
  for (let row = 0; row < mean.length; row++) {
    mean[row] = mean[row]! * Math.exp(ofProduct[product(set.rows.seriesIndex[row]!)]!);
  }
  const ofSeries = levelRatios(set, mean, (series) => series, set.units.length, RECENT.seriesPrior);
  return {
    levels: ofSeries.map((level, series) => level + ofProduct[product(series)]!),
    productLevels: ofProduct,
  };
}

function fittedMeans(set: TrainingSet, fitted: FittedResponse, covariates: Float32Array): Float64Array {
  const mean = new Float64Array(set.rows.rows);
  set.units.forEach((unit, series) => {
    const beta = unitCoefficients(fitted, unit);
    for (let row = set.unitStart[series]!; row < set.unitStart[series + 1]!; row++) {
      mean[row] = predictRow(fitted, unit, beta, covariates, row * COVARIATE_COUNT, set.rows.week[row]!);
    }
  });
  return mean;
}

function levelRatios(
  set: TrainingSet,
  mean: Float64Array,
  keyOf: (series: number) => number,
  keys: number,
  prior: number,
): number[] {
  const actual = new Float64Array(keys).fill(prior);
  const expected = new Float64Array(keys).fill(prior);
  for (let row = 0; row < mean.length; row++) {
    const age = set.origin - 1 - set.rows.week[row]!;
    if (age > 6 * RECENT.decayWeeks) continue;
    const key = keyOf(set.rows.seriesIndex[row]!);
    const weight =
      (Math.exp(-age / RECENT.decayWeeks) * (isPromoted(set.states, row) ? RECENT.promotedWeight : 1)) /
      (WORKING_DISPERSION.linear + WORKING_DISPERSION.quadratic * mean[row]!);
    actual[key] = actual[key]! + weight * set.counts[row]!;
    expected[key] = expected[key]! + weight * mean[row]!;
  }
  return Array.from(actual, (value, key) => Math.log(value / expected[key]!));
}

/** Promoted weeks that lie at most {@link LAG_WEEKS} before the origin. */
export function keptStates(set: TrainingSet): TailWeek[] {
  const tail: TailWeek[] = [];
  for (let row = 0; row < set.rows.rows; row++) {
    if (set.rows.week[row]! < set.origin - LAG_WEEKS || !isPromoted(set.states, row)) continue;
    tail.push({
      series: set.rows.seriesIndex[row]!,
      week: set.rows.week[row]!,
      depth: set.states.depth[row]!,
      feature: set.states.feature[row]!,
      display: set.states.display[row]!,
      priceReduction: set.states.priceReduction[row]!,
    });
  }
  return tail;
}

const USUAL_WEEKS = 26;

/** What is usual per series (over the last 26 weeks, weeks without sales counting as quiet) and per category. */
export function keptUsual(
  set: TrainingSet,
): Pick<FittedResponse, 'usualDepth' | 'usualLoudness' | 'promotedRows' | 'deepestCut'> {
  const usualDepth = new Array<number>(set.units.length).fill(0);
  const usualLoudness = new Array<number>(set.units.length).fill(0);
  const promotedRows = new Array<number>(set.structure.categories.length).fill(0);
  const cuts: number[][] = set.structure.categories.map(() => []);
  for (let row = 0; row < set.rows.rows; row++) {
    const series = set.rows.seriesIndex[row]!;
    const category = set.units[series]!.category;
    if (isPromoted(set.states, row)) promotedRows[category] = promotedRows[category]! + 1;
    if (set.states.depth[row]! > 0) cuts[category]!.push(set.states.depth[row]!);
    if (set.rows.week[row]! < set.origin - USUAL_WEEKS) continue;
    usualDepth[series] = usualDepth[series]! + set.states.depth[row]! / USUAL_WEEKS;
    usualLoudness[series] = usualLoudness[series]! + loudness(set.states, row) / USUAL_WEEKS;
  }
  const deepestCut = cuts.map((list) => {
    const sorted = list.sort((a, b) => a - b);
    return sorted[Math.floor(0.995 * (sorted.length - 1))] ?? 0;
  });
  return { usualDepth, usualLoudness, promotedRows, deepestCut };
}
