import { COVARIATE_COUNT, fillCovariates, type PlanRows, type PlanStates, planStates } from './response-covariates.ts';
import {
  findSeries,
  type KnownSeries,
  type MarketUsual,
  type OpenResponse,
  type PlannedWeek,
} from './response-open.ts';
import { seasonEffect } from './response-predict.ts';
import type { TailWeek } from './response-state.ts';

/** Expected units of one planned week under four readings of the plan, which differ by one part each. */
export interface PlanMeans {
  series: KnownSeries;
  /** Week number (the model's own count). */
  week: number;
  /** No plan at all. */
  none: number;
  /** The plan's price and flags in the week itself. */
  own: number;
  /** And purchases brought forward from or to other weeks of the plan. */
  timed: number;
  /** And the plan's effect on other products: the expected units. */
  all: number;
  promoted: boolean;
}

/** Evaluates a plan; the answer has one entry per row, in the order of the rows, or reasons by row number. */
export function evaluatePlan(open: OpenResponse, rows: PlannedWeek[]): PlanMeans[] | Map<number, string> {
  const ordered = orderRows(open, rows);
  if (ordered instanceof Map) return ordered;
  const { plan, series } = ordered;
  const withPlan = statesOf(ordered, rows, (row) => row);
  const without = statesOf(ordered, rows, (row, known) => (known.own ? withoutPlan(row) : row));
  const local = localRows(open, ordered);
  const means = (own: PlanStates, timing: PlanStates, cross: PlanStates) =>
    meansOf(open, ordered, fillCovariates(local, { own, timing, cross }));
  const none = means(without, without, without);
  const own = means(withPlan, without, without);
  const timed = means(withPlan, withPlan, without);
  const all = means(withPlan, withPlan, withPlan);
  const answer = new Array<PlanMeans>(rows.length);
  plan.forEach((entry, at) => {
    if (entry.row < 0) return;
    const row = rows[entry.row]!;
    answer[entry.row] = {
      series: series[entry.series]!,
      week: entry.week,
      none: none[at]!,
      own: own[at]!,
      timed: timed[at]!,
      all: all[at]!,
      promoted: row.feature || row.display || row.priceReduction || withPlan.depth[at]! > 0.03,
    };
  });
  return answer;
}

function withoutPlan(row: PlannedWeek): PlannedWeek {
  const without = row.without ?? { price: row.basePrice, feature: false, display: false, priceReduction: false };
  return { ...row, ...without };
}

interface OrderedPlan {
  /** Sorted by series and week; `row` is -1 for a promoted week of the past, whose state is in `tail`. */
  plan: { series: number; week: number; row: number; tail?: TailWeek }[];
  series: KnownSeries[];
}

function orderRows(open: OpenResponse, rows: PlannedWeek[]): OrderedPlan | Map<number, string> {
  const reasons = new Map<number, string>();
  const numbers = new Map<string, number>();
  const series: KnownSeries[] = [];
  const weeks = new Map<string, number>();
  const plan: OrderedPlan['plan'] = [];
  rows.forEach((row, at) => {
    const key = `${row.customer}\u0000${row.product}`;
    let number = numbers.get(key);
    if (number === undefined) {
      const found = findSeries(open, row);
      if (typeof found === 'string') {
        reasons.set(at, found);
        return;
      }
      number = series.push(found) - 1;
      numbers.set(key, number);
    }
    let week = weeks.get(row.weekStart);
    if (week === undefined) {
      week = weekNumber(open, row.weekStart);
      weeks.set(row.weekStart, week);
    }
    plan.push({ series: number, week, row: at });
  });
  if (reasons.size > 0) return reasons;
  addTail(open, series, plan);
  plan.sort((a, b) => a.series - b.series || a.week - b.week || b.row - a.row);
  return { plan: withoutDoubles(plan), series };
}

function addTail(open: OpenResponse, series: KnownSeries[], plan: OrderedPlan['plan']): void {
  series.forEach((known, number) => {
    if (known.unit.series < 0) return;
    for (const tail of open.tailOf.get(known.unit.series) ?? [])
      plan.push({ series: number, week: tail.week, row: -1, tail });
  });
}

/** A planned week wins over the past that the model remembers; two plans for one week are an error of the caller. */
function withoutDoubles(plan: OrderedPlan['plan']): OrderedPlan['plan'] {
  return plan.filter((entry, at) => {
    const before = plan[at - 1];
    if (!before || before.series !== entry.series || before.week !== entry.week) return true;
    if (entry.row >= 0)
      throw new RangeError(`rows ${entry.row} and ${before.row} plan the same customer, product and week`);
    return false;
  });
}

function weekNumber(open: OpenResponse, weekStart: string): number {
  const ms = Date.parse(weekStart);
  if (Number.isNaN(ms)) throw new RangeError(`${weekStart} is not a date`);
  return open.fitted.origin + Math.round((ms - open.originMs) / (7 * 86_400_000));
}

function statesOf(
  ordered: OrderedPlan,
  rows: PlannedWeek[],
  read: (row: PlannedWeek, known: KnownSeries) => PlannedWeek,
): PlanStates {
  const { plan, series } = ordered;
  const count = plan.length;
  const columns = {
    price: new Float64Array(count),
    basePrice: new Float64Array(count),
    feature: new Uint8Array(count),
    display: new Uint8Array(count),
    priceReduction: new Uint8Array(count),
  };
  plan.forEach((entry, at) => {
    if (entry.tail) {
      columns.price[at] = Math.exp(-entry.tail.depth);
      columns.basePrice[at] = 1;
      columns.feature[at] = entry.tail.feature;
      columns.display[at] = entry.tail.display;
      columns.priceReduction[at] = entry.tail.priceReduction;
      return;
    }
    const row = read(rows[entry.row]!, series[entry.series]!);
    columns.price[at] = row.price;
    columns.basePrice[at] = row.basePrice;
    columns.feature[at] = Number(row.feature);
    columns.display[at] = Number(row.display);
    columns.priceReduction[at] = Number(row.priceReduction);
  });
  const usual = (at: number) =>
    plan[at]!.tail ? 0 : (series[plan[at]!.series]!.usualLogBase ?? Math.log(columns.basePrice[at]!));
  return planStates(count, columns, usual);
}

/** The plan's rows in the shape the covariates want, with markets renumbered to those that occur. */
function localRows(open: OpenResponse, ordered: OrderedPlan): PlanRows {
  const { plan, series } = ordered;
  let firstWeek = Number.POSITIVE_INFINITY;
  let lastWeek = Number.NEGATIVE_INFINITY;
  for (const { week } of plan) {
    firstWeek = Math.min(firstWeek, week);
    lastWeek = Math.max(lastWeek, week);
  }
  const category = renumber(series.map((known) => known.unit.categoryMarket));
  const group = renumber(series.map((known) => known.unit.groupMarket));
  const { fitted, usualMarket } = open;
  const usual = (of: number[], known: KnownSeries) => (known.unit.series < 0 ? 0 : of[known.unit.series]!);
  return {
    rows: plan.length,
    seriesIndex: Int32Array.from(plan, (entry) => entry.series),
    week: Int32Array.from(plan, (entry) => entry.week),
    firstWeek,
    weeks: lastWeek - firstWeek + 1,
    categoryMarket: category.numbers,
    groupMarket: group.numbers,
    share: Float64Array.from(series, (known) => known.share),
    usual: {
      depth: Float64Array.from(series, (known) => usual(fitted.usualDepth, known)),
      loudness: Float64Array.from(series, (known) => usual(fitted.usualLoudness, known)),
    },
    usualMarket: {
      category: pickUsual(usualMarket.category, category.chosen),
      group: pickUsual(usualMarket.group, group.chosen),
    },
  };
}

function renumber(markets: number[]): { numbers: Int32Array; chosen: number[] } {
  const local = new Map<number, number>();
  const numbers = Int32Array.from(markets, (market) => {
    if (market < 0) return -1;
    const known = local.get(market) ?? local.size;
    local.set(market, known);
    return known;
  });
  return { numbers, chosen: [...local.keys()] };
}

function pickUsual(usual: MarketUsual, chosen: number[]): MarketUsual {
  return {
    depth: Float64Array.from(chosen, (market) => usual.depth[market]!),
    loudness: Float64Array.from(chosen, (market) => usual.loudness[market]!),
  };
}

function meansOf(open: OpenResponse, ordered: OrderedPlan, covariates: Float32Array): Float64Array {
  const means = new Float64Array(ordered.plan.length);
  ordered.plan.forEach((entry, at) => {
    if (entry.row < 0) return;
    const known = ordered.series[entry.series]!;
    let eta = known.level + seasonEffect(open.fitted, known.unit, entry.week);
    const base = at * COVARIATE_COUNT;
    for (let c = 0; c < COVARIATE_COUNT; c++) eta += covariates[base + c]! * known.beta[c]!;
    means[at] = Math.exp(Math.min(20, Math.max(-12, eta)));
  });
  return means;
}
