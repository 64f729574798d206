import type { SalesGrid } from './event-measurement-grid.ts';

/**
 * What sells with no promotion: units = series level × category-week index × regular price effect. The index is
 * shared by all series of a category (seasons, holidays, trend), the level is read from clean weeks around a window.
 */
export interface BaselineModel {
  /** Category-week index per cell group: category number × weeks + week, mean about 1. */
  index: Float64Array;
  /** Relative variance of the index. */
  indexVariance: Float64Array;
  /** Category number of each series. */
  categoryOf: Int32Array;
  /** Share of a cell's sales that other promotions on its shelf, or its own earlier one, are expected to take. */
  loss: Float64Array;
  /** Elasticity to the regular price, pooled over all series. */
  basePriceElasticity: number;
  /** 1 / e-folding distance in weeks of the weights around a window. */
  kernelWeeks: number;
  /** Relative variance of a series-week beyond counting noise. */
  noiseVariance: number;
  /** Relative variance that all series of a customer share in a week. */
  sharedVariance: number;
  /** Relative variance of a level between the clean weeks and the window: slow drift. */
  driftVariance: number;
}

/** A level around a window and its relative variance; null where there are too few clean weeks. */
export interface LevelEstimate {
  level: number;
  relativeVariance: number;
  cleanWeeks: number;
}

/** A level needs at least this many clean weeks within {@link LEVEL_REACH_WEEKS} of the window. */
export const FEWEST_CLEAN_WEEKS = 6;
/** Weeks farther from the window than this say nothing about its level. */
const LEVEL_REACH_WEEKS = 26;
/** A category-week index is read from quiet cells when there are this many, else from clean ones. */
const FEWEST_QUIET_CELLS = 8;
/** Prior weight (in cells) that pulls a thin index towards its neighbours' mean of 1. */
const INDEX_PRIOR_CELLS = 0.5;
const ROUNDS = 6;
/** Relative variance added where only weeks right after promotions are left to read a level from: 5 % either way. */
const AFTERMATH_VARIANCE = 0.0025;

function priceFactor(grid: SalesGrid, model: BaselineModel, cell: number): number {
  return Math.exp(model.basePriceElasticity * grid.logBasePrice[cell]!);
}

/** Units expected in a cell per unit of level. */
export function timeFactor(grid: SalesGrid, model: BaselineModel, series: number, week: number): number {
  const cell = series * grid.weeks + week;
  const index = model.index[model.categoryOf[series]! * grid.weeks + week]!;
  return index * priceFactor(grid, model, cell) * (1 - model.loss[cell]!);
}

/**
 * The level of a series around weeks `first` … `last`, which are left out, as are those up to `leaveOutTo`: from quiet
 * weeks where there are enough, else from clean ones, else from all without a promotion.
 */
export function estimateLevel(
  grid: SalesGrid,
  model: BaselineModel,
  series: number,
  [first, last, leaveOutTo]: readonly [number, number, number],
): LevelEstimate | null {
  const row = series * grid.weeks;
  for (const mask of [grid.quiet, grid.clean, grid.unpromoted]) {
    let weights = 0;
    let squares = 0;
    let sold = 0;
    let expected = 0;
    let cleanWeeks = 0;
    const from = Math.max(0, first - LEVEL_REACH_WEEKS);
    for (let week = from; week < Math.min(grid.weeks, leaveOutTo + 1 + LEVEL_REACH_WEEKS); week++) {
      if ((week >= first && week <= leaveOutTo) || !mask[row + week]) continue;
      const weight = Math.exp(-(week < first ? first - week : week - last) / model.kernelWeeks);
      const factor = timeFactor(grid, model, series, week);
      sold += (weight * grid.units[row + week]!) / factor;
      expected += weight;
      squares += weight * weight;
      weights += weight;
      cleanWeeks++;
    }
    if (cleanWeeks < FEWEST_CLEAN_WEEKS) continue;
    const level = sold / expected;
    if (!(level > 0)) return null;
    const perWeek = model.noiseVariance + 1 / level;
    const added = model.driftVariance + (mask === grid.unpromoted ? AFTERMATH_VARIANCE : 0);
    return { level, cleanWeeks, relativeVariance: (perWeek * squares) / weights ** 2 + added };
  }
  return null;
}

function categoryNumbers(grid: SalesGrid): { categoryOf: Int32Array; count: number } {
  const numbers = new Map<string, number>();
  const categoryOf = Int32Array.from(grid.series, ({ category }) => {
    const known = numbers.get(category) ?? numbers.size;
    numbers.set(category, known);
    return known;
  });
  return { categoryOf, count: numbers.size };
}

/** Which cells the index of each category-week is read from. */
function indexMask(grid: SalesGrid, categoryOf: Int32Array, count: number): Uint8Array {
  const quietCells = new Int32Array(count * grid.weeks);
  grid.quiet.forEach((quiet, cell) => {
    if (quiet) quietCells[categoryOf[Math.floor(cell / grid.weeks)]! * grid.weeks + (cell % grid.weeks)]!++;
  });
  return Uint8Array.from(grid.clean, (clean, cell) => {
    const group = categoryOf[Math.floor(cell / grid.weeks)]! * grid.weeks + (cell % grid.weeks);
    return quietCells[group]! >= FEWEST_QUIET_CELLS ? grid.quiet[cell]! : clean;
  });
}

/** Mean of units / factor of each series over the masked cells; NaN where there are none. */
function seriesLevels(grid: SalesGrid, model: BaselineModel, mask: Uint8Array): Float64Array {
  return Float64Array.from(grid.series, (_, s) => {
    let sold = 0;
    let expected = 0;
    for (let week = 0; week < grid.weeks; week++) {
      const cell = s * grid.weeks + week;
      if (!mask[cell]) continue;
      sold += grid.units[cell]!;
      expected += timeFactor(grid, model, s, week);
    }
    return sold > 0 ? sold / expected : Number.NaN;
  });
}

function updateIndex(grid: SalesGrid, model: BaselineModel, mask: Uint8Array, levels: Float64Array): void {
  const sums = new Float64Array(model.index.length);
  const weights = new Float64Array(model.index.length);
  for (let s = 0; s < grid.series.length; s++) {
    const level = levels[s]!;
    if (!(level > 0)) continue;
    const weight = 1 / (model.noiseVariance + 1 / level);
    for (let week = 0; week < grid.weeks; week++) {
      const cell = s * grid.weeks + week;
      if (!mask[cell]) continue;
      const group = model.categoryOf[s]! * grid.weeks + week;
      const rest = priceFactor(grid, model, cell) * (1 - model.loss[cell]!);
      sums[group]! += (weight * grid.units[cell]!) / (level * rest);
      weights[group]! += weight;
    }
  }
  const prior = INDEX_PRIOR_CELLS / (model.noiseVariance + 0.01);
  for (let group = 0; group < sums.length; group++) {
    model.index[group] = (sums[group]! + prior) / (weights[group]! + prior);
    model.indexVariance[group] = 1 / (weights[group]! + prior);
  }
}

/** Slope of the log residual on the regular price within series, pulled to 0 by a prior of one effective series-year. */
function updateBasePriceElasticity(
  grid: SalesGrid,
  model: BaselineModel,
  mask: Uint8Array,
  levels: Float64Array,
): void {
  let cross = 0;
  let squares = 0.5;
  for (let s = 0; s < grid.series.length; s++) {
    if (!(levels[s]! > 0)) continue;
    for (let week = 0; week < grid.weeks; week++) {
      const cell = s * grid.weeks + week;
      const x = grid.logBasePrice[cell]!;
      if (!mask[cell] || x === 0) continue;
      const expected = levels[s]! * timeFactor(grid, model, s, week);
      cross += x * (grid.units[cell]! / expected - 1);
      squares += x * x;
    }
  }
  model.basePriceElasticity = Math.min(0.5, Math.max(-4, model.basePriceElasticity + cross / squares));
}

/** Relative residual variance beyond counting noise around the series' local level. */
function residualVariance(grid: SalesGrid, model: BaselineModel): { noise: number; shared: number } {
  let squares = 0;
  let count = 0;
  const byShelfWeek = new Map<string, { sum: number; squares: number; count: number }>();
  for (let s = 0; s < grid.series.length; s++) {
    for (let week = 1; week < grid.weeks; week++) {
      const cell = s * grid.weeks + week;
      if (!grid.quiet[cell] || week % 3 !== 0) continue;
      const around = estimateLevel(grid, model, s, [week, week, week]);
      if (!around) continue;
      const expected = around.level * timeFactor(grid, model, s, week);
      const residual = grid.units[cell]! / expected - 1;
      const counting = 1 / expected + around.relativeVariance - model.driftVariance;
      squares += residual * residual - counting;
      count++;
      const key = `${grid.series[s]!.customer}\u0000${week}`;
      const group = byShelfWeek.get(key) ?? { sum: 0, squares: 0, count: 0 };
      group.sum += residual;
      group.squares += residual * residual;
      group.count++;
      byShelfWeek.set(key, group);
    }
  }
  let pairs = 0;
  let products = 0;
  for (const group of byShelfWeek.values()) {
    products += group.sum ** 2 - group.squares;
    pairs += group.count * (group.count - 1);
  }
  const shared = pairs > 0 ? Math.max(0, products / pairs) : 0;
  const all = count > 0 ? Math.max(1e-6, squares / count) : 0.02;
  return { noise: Math.max(1e-6, all - shared), shared };
}

/** Fits the model of sales without promotions on clean cells, given expected losses per cell (none when absent). */
export function fitBaseline(grid: SalesGrid, loss?: Float64Array): BaselineModel {
  const { categoryOf, count } = categoryNumbers(grid);
  const model: BaselineModel = {
    index: new Float64Array(count * grid.weeks).fill(1),
    indexVariance: new Float64Array(count * grid.weeks),
    categoryOf,
    loss: loss ?? new Float64Array(grid.units.length),
    basePriceElasticity: 0,
    kernelWeeks: 12,
    noiseVariance: 0.02,
    sharedVariance: 0,
    driftVariance: 0,
  };
  const mask = indexMask(grid, categoryOf, count);
  for (let round = 0; round < ROUNDS; round++) {
    const levels = seriesLevels(grid, model, mask);
    updateIndex(grid, model, mask, levels);
    if (round >= 2) updateBasePriceElasticity(grid, model, mask, levels);
  }
  const { noise, shared } = residualVariance(grid, model);
  model.noiseVariance = noise;
  model.sharedVariance = shared;
  updateIndex(grid, model, mask, seriesLevels(grid, model, mask));
  return model;
}
