import { conformalScores, widestScores } from '#ml';
import { MINIMUM, type PromotionModel, type Refusal } from './promotion-model-data.ts';
import { type OpenResponse, openResponse, type PlannedWeek } from './response-open.ts';
import { evaluatePlan, type PlanMeans } from './response-plan.ts';
import { liftComponents, rowVariance, type TotalRow, totalClass, totalDeviation } from './response-totals.ts';

/** The prediction of one planned week, in units. baseline + ownLift + pullForward + cross = expected. */
export interface WeekPrediction {
  /** The week without the plan: no own promotion, none brought forward, none of the plan's other products. */
  baseline: number;
  expected: number;
  /** 90 % interval of the units to be sold under the plan. */
  low: number;
  high: number;
  /** 90 % interval of the units to be sold without the plan. */
  baselineLow: number;
  baselineHigh: number;
  /** Effect of the week's own price and flags. */
  ownLift: number;
  /** Purchases moved from or to the plan's other weeks (negative in a dip). */
  pullForward: number;
  /** Effect of the plan's other products on this one (negative: cannibalised). */
  cross: number;
  /** `pooled`: too little history of its own, borrowed from its product, group and category; the interval is wider. */
  method: 'fitted' | 'pooled';
  /** True where the cut is deeper than nearly all cuts the category has seen: the response is extrapolated. */
  beyondData: boolean;
}

const opened = new WeakMap<PromotionModel, OpenResponse>();

function open(model: PromotionModel): OpenResponse {
  let known = opened.get(model);
  if (!known) {
    known = openResponse(model.fitted);
    opened.set(model, known);
  }
  return known;
}

/**
 * Predicts planned weeks. Give all planned products of a customer and the weeks after an event in one call: cross
 * effects and dips are read from the rows; products that are not among them count as usually promoted. Refuses as a
 * whole, naming the rows, where a customer, product or category is too thin. Throws RangeError for two rows of the same
 * customer, product and week, or a bad date.
 */
export function predictWeeks(model: PromotionModel, rows: PlannedWeek[]): WeekPrediction[] | Refusal {
  const means = evaluate(model, rows);
  if (!Array.isArray(means)) return means;
  return means.map((mean, i) => weekPrediction(model, mean, rows[i]!));
}

function evaluate(model: PromotionModel, rows: PlannedWeek[]): PlanMeans[] | Refusal {
  const means = evaluatePlan(open(model), rows);
  if (means instanceof Map) {
    return { refused: [...new Set(means.values())].slice(0, 5).join('; '), rows: [...means.keys()] };
  }
  return refuseUnknownLift(model, means) ?? means;
}

function refuseUnknownLift(model: PromotionModel, means: PlanMeans[]): Refusal | undefined {
  const { promotedRows, structure } = model.fitted;
  const thin = means
    .map((_, i) => i)
    .filter((i) => {
      const mean = means[i]!;
      return mean.promoted && promotedRows[mean.series.unit.category]! < MINIMUM.promotedInCategory;
    });
  if (thin.length === 0) return undefined;
  const category = means[thin[0]!]!.series.unit.category;
  return {
    refused: `category ${structure.categories[category]} has ${promotedRows[category]} promoted observations; ${MINIMUM.promotedInCategory} are needed to give a lift`,
    rows: thin,
  };
}

function weekPrediction(model: PromotionModel, mean: PlanMeans, row: PlannedWeek): WeekPrediction {
  const expected = rowInterval(model, mean, mean.all, mean.promoted);
  const baseline = rowInterval(model, mean, mean.none, false);
  const cut = row.price > 0 && row.basePrice > 0 ? Math.log(row.basePrice / row.price) : 0;
  return {
    baseline: mean.none,
    expected: mean.all,
    low: expected.low,
    high: expected.high,
    baselineLow: baseline.low,
    baselineHigh: baseline.high,
    ownLift: mean.own - mean.none,
    pullForward: mean.timed - mean.own,
    cross: mean.all - mean.timed,
    method: mean.series.observations >= MINIMUM.seriesObservations ? 'fitted' : 'pooled',
    beyondData: cut > model.fitted.deepestCut[mean.series.unit.category]! + 0.01,
  };
}

function rowInterval(
  model: PromotionModel,
  { series }: PlanMeans,
  units: number,
  promoted: boolean,
): { low: number; high: number } {
  const scores = conformalScores(model.calibration.row, units, promoted ? 1 : 0);
  const deviation = Math.sqrt(rowVariance(units));
  const level = NORMAL_90 * series.levelDeviation;
  // A level that is only borrowed is uncertain by a factor: its lower bound shrinks and does not pass zero.
  const low = Math.max(0, units + Math.min(0, scores.low) * deviation);
  const shrunk = low * Math.exp(-level);
  return {
    low: Math.max(shrunk, units - Math.hypot(scores.low * deviation, level * units)),
    high: units + Math.hypot(Math.max(0, scores.high) * deviation, level * units),
  };
}

/** Half a 90 % interval of a normal error, in standard deviations. */
const NORMAL_90 = 1.645;

/** An amount of units with its 90 % interval. */
export interface UnitsInterval {
  units: number;
  low: number;
  high: number;
}

/** Totals over all rows of a plan. incremental = expected − baseline = ownLift + pullForward + cross. */
export interface TotalPrediction {
  baseline: UnitsInterval;
  expected: UnitsInterval;
  incremental: UnitsInterval;
  ownLift: number;
  pullForward: number;
  cross: number;
}

/**
 * Predicts totals over customers, products and weeks. Stores are not added as if independent: the errors that they share
 * are part of the interval, which is calibrated on totals. Refuses like {@link predictWeeks}.
 */
export function predictTotal(model: PromotionModel, rows: PlannedWeek[]): TotalPrediction | Refusal {
  const totals = predictTotals(model, rows, () => 'all');
  return totals instanceof Map ? (totals.get('all') ?? emptyTotal()) : totals;
}

function emptyTotal(): TotalPrediction {
  const nothing = { units: 0, low: 0, high: 0 };
  return { baseline: nothing, expected: nothing, incremental: nothing, ownLift: 0, pullForward: 0, cross: 0 };
}

/**
 * Predicts one plan and totals it by group; rows whose group is undefined shape the others (cross effects, dips) and are
 * in no total. Refuses like {@link predictWeeks}.
 */
export function predictTotals(
  model: PromotionModel,
  rows: PlannedWeek[],
  groupOf: (row: PlannedWeek, number: number) => string | undefined,
): Map<string, TotalPrediction> | Refusal {
  const means = evaluate(model, rows);
  if (!Array.isArray(means)) return means;
  const members = new Map<string, number[]>();
  rows.forEach((row, i) => {
    const key = groupOf(row, i);
    if (key === undefined) return;
    const list = members.get(key);
    if (list) list.push(i);
    else members.set(key, [i]);
  });
  const totals = new Map<string, TotalPrediction>();
  for (const [key, list] of members) {
    totals.set(
      key,
      totalOf(
        model,
        list.map((i) => means[i]!),
        list.map((i) => rows[i]!),
      ),
    );
  }
  return totals;
}

function totalOf(model: PromotionModel, means: PlanMeans[], rows: PlannedWeek[]): TotalPrediction {
  const sum = (of: (mean: PlanMeans) => number) => means.reduce((total, mean) => total + of(mean), 0);
  const weeks = new Set(means.map((mean) => mean.week)).size;
  const interval = (units: number, deviation: number, size: number, floor: number): UnitsInterval => {
    const scores = widestScores(model.calibration.total, size, totalClass(weeks));
    return { units, low: Math.max(floor, units + scores.low * deviation), high: units + scores.high * deviation };
  };
  const { components } = model.calibration;
  const expected = sum((mean) => mean.all);
  const baseline = sum((mean) => mean.none);
  const planned = means.map((mean, i) => totalRow(mean, rows[i]!, mean.all, mean.promoted));
  const quiet = means.map((mean, i) => totalRow(mean, rows[i]!, mean.none, false));
  const liftDeviation = incrementalDeviation(model, means, planned);
  return {
    baseline: interval(baseline, totalDeviation(quiet, components), baseline, 0),
    expected: interval(expected, totalDeviation(planned, components), expected, 0),
    incremental: interval(expected - baseline, liftDeviation, expected, Number.NEGATIVE_INFINITY),
    ownLift: sum((mean) => mean.own - mean.none),
    pullForward: sum((mean) => mean.timed - mean.own),
    cross: sum((mean) => mean.all - mean.timed),
  };
}

function totalRow(mean: PlanMeans, row: PlannedWeek, units: number, promoted: boolean): TotalRow {
  return {
    customer: row.customer,
    product: row.product,
    week: mean.week,
    mean: units,
    promoted,
    levelDeviation: mean.series.levelDeviation,
  };
}

/** Purchases brought forward and cross effects are small and hard to see: this part of each is their standard deviation. */
const SIDE_EFFECT_DEVIATION = 0.4;

/**
 * Standard deviation of incremental units. A shock that promoted and quiet weeks share scales the lift with the level;
 * what promoted weeks err beyond quiet ones is the error of the lift itself, and weighs on all that they sell.
 */
function incrementalDeviation(model: PromotionModel, means: PlanMeans[], planned: TotalRow[]): number {
  const { components } = model.calibration;
  const promoted = planned.filter((row) => row.promoted);
  const gained = planned.flatMap((row, i) =>
    row.promoted ? [{ ...row, promoted: false, mean: Math.abs(means[i]!.all - means[i]!.none) }] : [],
  );
  let timing = 0;
  let cross = 0;
  for (const mean of means) {
    timing += mean.timed - mean.own;
    cross += mean.all - mean.timed;
  }
  return Math.hypot(
    totalDeviation(gained, components),
    totalDeviation(promoted, liftComponents(components)),
    SIDE_EFFECT_DEVIATION * timing,
    SIDE_EFFECT_DEVIATION * cross,
  );
}
