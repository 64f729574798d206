import type { SalesPanel } from '../domain/sales-panel.ts';
import { type PlanRows, type PlanStates, planStates } from './response-covariates.ts';
import { type ResponseStructure, structureOf, type UnitLevels } from './response-structure.ts';

/** The training rows of a panel and all that is derived from them; rows are sorted by (series, week). */
export interface TrainingSet {
  structure: ResponseStructure;
  units: UnitLevels[];
  rows: PlanRows;
  states: PlanStates;
  counts: Float64Array;
  /** Mean log base price per series. */
  usualLogBase: Float64Array;
  /** First row of each series, length series + 1. */
  unitStart: Int32Array;
  origin: number;
}

/** Selects the usable observations before week number `origin`: finite units ≥ 0 and both prices > 0. */
export function trainingSet(panel: SalesPanel, origin: number): TrainingSet {
  const usable = usableObservations(panel, origin);
  const seen = [...new Set(Array.from(usable, (i) => panel.seriesIndex[i]!))];
  const dense = new Map(seen.map((series, i) => [series, i]));
  const { structure, units } = structureOf(seen.map((series) => panel.series[series]!));
  const seriesIndex = usable.map((i) => dense.get(panel.seriesIndex[i]!)!);
  const unitStart = new Int32Array(units.length + 1);
  for (const series of seriesIndex) unitStart[series + 1] = unitStart[series + 1]! + 1;
  for (let unit = 0; unit < units.length; unit++) unitStart[unit + 1] = unitStart[unit + 1]! + unitStart[unit]!;
  const counts = Float64Array.from(usable, (i) => panel.units[i]!);
  const usualLogBase = meanLogBase(panel, usable, seriesIndex, units.length);
  const pick = (from: ArrayLike<number>) => Float64Array.from(usable, (i) => from[i]!);
  const prices = {
    price: pick(panel.price),
    basePrice: pick(panel.basePrice),
    feature: pick(panel.feature),
    display: pick(panel.display),
    priceReduction: pick(panel.priceReduction),
  };
  const rows: PlanRows = {
    rows: usable.length,
    seriesIndex,
    week: usable.map((i) => panel.week[i]!),
    firstWeek: 0,
    weeks: origin,
    categoryMarket: Int32Array.from(units, (unit) => unit.categoryMarket),
    groupMarket: Int32Array.from(units, (unit) => unit.groupMarket),
    share: marketShares(counts, seriesIndex, units, structure.categoryMarkets.length),
  };
  const states = planStates(usable.length, prices, (row) => usualLogBase[seriesIndex[row]!]!);
  return { structure, units, rows, states, counts, usualLogBase, unitStart, origin };
}

function usableObservations(panel: SalesPanel, origin: number): Int32Array {
  const usable = new Int32Array(panel.seriesIndex.length);
  let count = 0;
  for (let i = 0; i < panel.seriesIndex.length; i++) {
    const known = panel.units[i]! >= 0 && panel.units[i]! < Number.POSITIVE_INFINITY;
    if (panel.week[i]! < origin && known && panel.price[i]! > 0 && panel.basePrice[i]! > 0) usable[count++] = i;
  }
  return usable.slice(0, count);
}

function meanLogBase(panel: SalesPanel, usable: Int32Array, seriesIndex: Int32Array, series: number): Float64Array {
  const sum = new Float64Array(series);
  const count = new Float64Array(series);
  usable.forEach((i, row) => {
    const s = seriesIndex[row]!;
    sum[s] = sum[s]! + Math.log(panel.basePrice[i]!);
    count[s] = count[s]! + 1;
  });
  return sum.map((value, s) => value / count[s]!);
}

function marketShares(
  counts: Float64Array,
  seriesIndex: Int32Array,
  units: UnitLevels[],
  markets: number,
): Float64Array {
  const bySeries = new Float64Array(units.length);
  const byMarket = new Float64Array(markets);
  counts.forEach((count, row) => {
    const series = seriesIndex[row]!;
    bySeries[series] = bySeries[series]! + count;
    const market = units[series]!.categoryMarket;
    byMarket[market] = byMarket[market]! + count;
  });
  return bySeries.map((value, series) => (value > 0 ? value / byMarket[units[series]!.categoryMarket]! : 0));
}
