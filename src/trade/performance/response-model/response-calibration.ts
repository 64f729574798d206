import {
  type ConformalScore,
  type ConformalTable,
  calibrateConformal,
  lastValue,
  recentMean,
  sameSeasonBefore,
  totalBias,
  wape,
} from '#ml';
import type { SalesPanel } from '../domain/sales-panel.ts';
import { fitResponse } from './response-fit.ts';
import { openResponse, type PlannedWeek } from './response-open.ts';
import { evaluatePlan } from './response-plan.ts';
import { SEASON_WEEKS } from './response-state.ts';
import { type ErrorComponents, errorComponents, type FoldRow, rowVariance, scoreTotals } from './response-totals.ts';

/** Weighted errors of one method on the calibration folds: ratios. */
export interface MethodScore {
  wape: number;
  bias: number;
  rows: number;
}

/** Whose forecasts the held-out weeks score: the model's, and the naive methods' beside it. */
export const SCORED_METHODS = ['model', 'lastValue', 'meanOf8Weeks', 'sameWeekLastYear'] as const;
export type ScoredMethod = (typeof SCORED_METHODS)[number];

/** The held-out weeks of one series by one method, units: their sums over the series make the method's score. */
export interface HoldOutSeries {
  method: ScoredMethod;
  customer: string;
  product: string;
  weeks: number;
  actual: number;
  forecast: number;
  /** Σ over weeks of |forecast − actual|. */
  absoluteError: number;
}

/** What out-of-sample forecasts before the origin taught: interval tables and scores beside the naive methods. */
export interface ResponseCalibration {
  level: number;
  horizonWeeks: number;
  /** Week numbers from which the folds were forecast. */
  origins: number[];
  row: ConformalTable;
  components: ErrorComponents;
  /** One table per fold; the widest counts. */
  total: ConformalTable[];
  accuracy: Record<ScoredMethod, MethodScore>;
  holdOut: HoldOutSeries[];
}

/** Share of outcomes that an interval is meant to hold. */
export const INTERVAL_LEVEL = 0.9;

const HORIZON_WEEKS = 12;
const FOLDS = 2;

/** A series counts as well observed with this many observations, one of them in the last weeks. */
const WELL_OBSERVED = { observations: 26, recentWeeks: 8 };

/**
 * Fits the response again from earlier origins, forecasts the weeks after each and calibrates 90 % intervals on the
 * errors: nothing at or after `origin` is looked at. Throws RangeError where no fold has a forecast to score.
 */
export function calibrateResponse(
  panel: SalesPanel,
  origin: number,
  onProgress: (share: number) => void,
): ResponseCalibration {
  const horizonWeeks = Math.min(HORIZON_WEEKS, Math.floor(origin / 4));
  const folds = origin - FOLDS * horizonWeeks >= SEASON_WEEKS ? FOLDS : 1;
  const origins = Array.from({ length: folds }, (_, fold) => origin - (fold + 1) * horizonWeeks);
  const histories = seriesHistories(panel, origin);
  const forecasts = origins.flatMap((foldOrigin, fold) => {
    const report = (share: number) => onProgress((fold + share) / folds);
    return forecastFold(panel, histories, { fold, origin: foldOrigin, horizonWeeks }, report);
  });
  if (forecasts.length === 0) throw new RangeError('no well observed series to calibrate on');
  const rows = forecasts.map(({ row }) => row);
  const components = errorComponents(rows);
  const totals = (fold: number) =>
    scoreTotals(
      rows.filter((row) => row.fold === fold),
      components,
    );
  return {
    level: INTERVAL_LEVEL,
    horizonWeeks,
    origins,
    row: calibrateConformal(rows.map(rowScore), { level: INTERVAL_LEVEL, classes: 2, bins: 8 }),
    components,
    total: origins.map((_, fold) => calibrateConformal(totals(fold), { level: INTERVAL_LEVEL, classes: 2, bins: 4 })),
    accuracy: Object.fromEntries(
      SCORED_METHODS.map((method) => [method, methodScore(forecasts, method)]),
    ) as ResponseCalibration['accuracy'],
    holdOut: SCORED_METHODS.flatMap((method) => holdOutOf(forecasts, method)),
  };
}

interface FoldForecast {
  row: FoldRow;
  naive: Record<Exclude<ScoredMethod, 'model'>, number>;
}

/** Fits before the fold's origin and forecasts the weeks after it. */
function forecastFold(
  panel: SalesPanel,
  histories: Float64Array[],
  { fold, origin, horizonWeeks }: { fold: number; origin: number; horizonWeeks: number },
  onProgress: (share: number) => void,
): FoldForecast[] {
  const open = openResponse(fitResponse(panel, origin, onProgress));
  const future = futureRows(panel, histories, origin, horizonWeeks);
  const means = evaluatePlan(open, future.rows);
  if (means instanceof Map) throw new Error(`a well observed series was refused: ${[...means.values()][0]}`);
  return means.map((mean, i) => {
    const observation = future.observation[i]!;
    const series = panel.seriesIndex[observation]!;
    const { customer, customerGroup, product } = panel.series[series]!;
    const history = histories[series]!;
    return {
      row: {
        ...{ fold, customer, customerGroup, product, week: mean.week },
        ...{ actual: panel.units[observation]!, mean: mean.all, promoted: mean.promoted },
        levelDeviation: mean.series.levelDeviation,
      },
      naive: {
        lastValue: lastValue(history, origin),
        meanOf8Weeks: recentMean(history, origin, 8),
        sameWeekLastYear: sameSeasonBefore(history, origin, mean.week, SEASON_WEEKS),
      },
    };
  });
}

/** Error of one row in units of its working standard deviation. */
function rowScore(row: FoldRow): ConformalScore {
  return {
    score: (row.actual - row.mean) / Math.sqrt(rowVariance(row.mean)),
    size: row.mean,
    class: row.promoted ? 1 : 0,
  };
}

const forecastOf = ({ row, naive }: FoldForecast, method: ScoredMethod): number =>
  method === 'model' ? row.mean : naive[method];

function methodScore(all: readonly FoldForecast[], method: ScoredMethod): MethodScore {
  const known = all.filter((one) => Number.isFinite(forecastOf(one, method)));
  const actuals = known.map(({ row }) => row.actual);
  const forecasts = known.map((one) => forecastOf(one, method));
  return { wape: wape(actuals, forecasts), bias: totalBias(actuals, forecasts), rows: known.length };
}

/** The weeks that {@link methodScore} scores, summed by series; the same weeks, so the same score. */
function holdOutOf(all: readonly FoldForecast[], method: ScoredMethod): HoldOutSeries[] {
  const bySeries = new Map<string, HoldOutSeries>();
  for (const one of all) {
    const { customer, product, actual } = one.row;
    const forecast = forecastOf(one, method);
    if (!Number.isFinite(forecast)) continue;
    const key = `${customer}|${product}`;
    const sums = bySeries.get(key) ?? { method, customer, product, weeks: 0, actual: 0, forecast: 0, absoluteError: 0 };
    sums.weeks += 1;
    sums.actual += actual;
    sums.forecast += forecast;
    sums.absoluteError += Math.abs(forecast - actual);
    bySeries.set(key, sums);
  }
  return [...bySeries.values()];
}

/** Units per series and week before `end`; NaN where nothing is known. */
function seriesHistories(panel: SalesPanel, end: number): Float64Array[] {
  const histories = panel.series.map(() => new Float64Array(end).fill(Number.NaN));
  for (let i = 0; i < panel.seriesIndex.length; i++) {
    if (panel.week[i]! < end && usable(panel, i)) histories[panel.seriesIndex[i]!]![panel.week[i]!] = panel.units[i]!;
  }
  return histories;
}

function usable(panel: SalesPanel, i: number): boolean {
  return panel.units[i]! >= 0 && Number.isFinite(panel.units[i]!) && panel.price[i]! > 0 && panel.basePrice[i]! > 0;
}

function futureRows(
  panel: SalesPanel,
  histories: Float64Array[],
  origin: number,
  horizonWeeks: number,
): { rows: PlannedWeek[]; observation: number[] } {
  const observed = histories.map((history) => isWellObserved(history, origin));
  const rows: PlannedWeek[] = [];
  const observation: number[] = [];
  for (let i = 0; i < panel.seriesIndex.length; i++) {
    const week = panel.week[i]!;
    if (week < origin || week >= origin + horizonWeeks) continue;
    if (!observed[panel.seriesIndex[i]!] || !usable(panel, i)) continue;
    rows.push(plannedWeekOf(panel, i));
    observation.push(i);
  }
  return { rows, observation };
}

function isWellObserved(history: Float64Array, origin: number): boolean {
  let count = 0;
  let recent = 0;
  for (let week = 0; week < origin; week++) {
    if (Number.isNaN(history[week]!)) continue;
    count++;
    if (week >= origin - WELL_OBSERVED.recentWeeks) recent++;
  }
  return count >= Math.min(WELL_OBSERVED.observations, origin / 2) && recent > 0;
}

/** One observation of a panel as a planned week: its prices and flags, without its outcome. */
export function plannedWeekOf(panel: SalesPanel, observation: number): PlannedWeek {
  const { customer, product, productGroup, category } = panel.series[panel.seriesIndex[observation]!]!;
  return {
    customer,
    product,
    weekStart: panel.weekStart[panel.week[observation]!]!,
    price: panel.price[observation]!,
    basePrice: panel.basePrice[observation]!,
    feature: panel.feature[observation] === 1,
    display: panel.display[observation] === 1,
    priceReduction: panel.priceReduction[observation] === 1,
    like: { productGroup, category },
  };
}
