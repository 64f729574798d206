import { type BaselineModel, estimateLevel, timeFactor } from './event-measurement-baseline.ts';
import type { SalesGrid } from './event-measurement-grid.ts';

/** Weeks `first` … `last` of a series; its level is read outside of the weeks left out. */
export interface SeriesWindow {
  series: number;
  first: number;
  last: number;
  /** First and last week of the event and the last week of its aftermath: left out of the level. */
  leaveOut: readonly [number, number, number];
  /** Cells that do not count (another promotion is on): they are skipped. */
  skip?: (cell: number) => boolean;
  /** Factor on the baseline of a cell. */
  scale?: (cell: number) => number;
}

/** One week of one series in a comparison; `actual` is null where the week is missing. */
export interface ComparedCell {
  series: number;
  week: number;
  actual: number | null;
  baseline: number;
}

/** Actual against baseline over windows; missing weeks are filled at the windows' own ratio. */
export interface Comparison {
  actual: number;
  baseline: number;
  /** Variance of actual − baseline as an estimate of its expectation. */
  variance: number;
  /** The part of the variance that is the baseline's own. */
  baselineVariance: number;
  cells: ComparedCell[];
  missingCells: number;
  /** Series with too few clean weeks for a level: left out. */
  thinSeries: number[];
  /** Fewest clean weeks behind a level. */
  cleanWeeks: number;
}

/** Relative variance added to a filled cell: its own ratio may differ from the windows'. */
const FILL_VARIANCE = 0.1;

class VarianceSum {
  noise = 0;
  level = 0;
  readonly #shared = new Map<string, number>();
  readonly #index = new Map<number, number>();

  add(grid: SalesGrid, model: BaselineModel, cell: ComparedCell, actual: number, filled: boolean): void {
    const extra = filled ? FILL_VARIANCE * actual * actual : 0;
    this.noise += model.noiseVariance * actual * actual + Math.max(actual, 0) + extra;
    const customerWeek = `${grid.series[cell.series]!.customer}\u0000${cell.week}`;
    this.#shared.set(customerWeek, (this.#shared.get(customerWeek) ?? 0) + actual);
    const group = model.categoryOf[cell.series]! * grid.weeks + cell.week;
    this.#index.set(group, (this.#index.get(group) ?? 0) + cell.baseline);
  }

  total(model: BaselineModel): { all: number; baseline: number } {
    let shared = 0;
    for (const actual of this.#shared.values()) shared += actual * actual * model.sharedVariance;
    let baseline = this.level;
    for (const [group, units] of this.#index) baseline += units * units * model.indexVariance[group]!;
    return { all: this.noise + shared + baseline, baseline };
  }
}

interface WindowCells {
  cells: ComparedCell[];
  /** Relative variance of each series' level. */
  levelVariance: Map<number, number>;
  thinSeries: number[];
  cleanWeeks: number;
}

function collectCells(grid: SalesGrid, model: BaselineModel, windows: readonly SeriesWindow[]): WindowCells {
  const out: WindowCells = {
    cells: [],
    levelVariance: new Map(),
    thinSeries: [],
    cleanWeeks: Number.POSITIVE_INFINITY,
  };
  for (const { series, first, last, leaveOut, skip, scale } of windows) {
    const level = estimateLevel(grid, model, series, leaveOut);
    if (!level) {
      out.thinSeries.push(series);
      continue;
    }
    out.cleanWeeks = Math.min(out.cleanWeeks, level.cleanWeeks);
    out.levelVariance.set(series, level.relativeVariance);
    for (let week = first; week <= Math.min(last, grid.weeks - 1); week++) {
      const cell = series * grid.weeks + week;
      if (!grid.listed[cell] || skip?.(cell)) continue;
      const units = grid.units[cell]!;
      const baseline = level.level * timeFactor(grid, model, series, week) * (scale?.(cell) ?? 1);
      out.cells.push({ series, week, actual: Number.isNaN(units) ? null : units, baseline });
    }
  }
  return out;
}

/** Compares actual with baseline over windows. */
export function compareWindows(grid: SalesGrid, model: BaselineModel, windows: readonly SeriesWindow[]): Comparison {
  const { cells, levelVariance, thinSeries, cleanWeeks } = collectCells(grid, model, windows);
  let knownActual = 0;
  let knownBaseline = 0;
  for (const cell of cells) {
    if (cell.actual === null) continue;
    knownActual += cell.actual;
    knownBaseline += cell.baseline;
  }
  const ratio = knownBaseline > 0 ? knownActual / knownBaseline : 1;
  const variance = new VarianceSum();
  const seriesBaseline = new Map<number, number>();
  let actual = 0;
  let baseline = 0;
  let missingCells = 0;
  for (const cell of cells) {
    const units = cell.actual ?? cell.baseline * ratio;
    if (cell.actual === null) missingCells++;
    actual += units;
    baseline += cell.baseline;
    variance.add(grid, model, cell, units, cell.actual === null);
    seriesBaseline.set(cell.series, (seriesBaseline.get(cell.series) ?? 0) + cell.baseline);
  }
  for (const [series, units] of seriesBaseline) variance.level += units * units * levelVariance.get(series)!;
  const { all, baseline: baselineVariance } = variance.total(model);
  return { actual, baseline, variance: all, baselineVariance, cells, missingCells, thinSeries, cleanWeeks };
}
