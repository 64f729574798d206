/**
 * The covariates of the promotion response model, in the order in which they stand in a row. All are shares, logs or
 * 0/1 flags: depth = log(base price / price) of a cut, `rise` the same for a price above base.
 */
export const COVARIATES = [
  'one',
  'depth',
  'rise',
  'logBasePrice',
  'featureOnly',
  'displayOnly',
  'featureDisplay',
  'priceReduction',
  'depthFeature',
  'depthDisplay',
  'lag1DepthQuiet',
  'lag1DepthBusy',
  'lag1Quiet',
  'lag1Busy',
  'lag2Depth',
  'lag2Promoted',
  'lead1Depth',
  'lead1Promoted',
  'crossGroupDepth',
  'crossGroupLoudness',
  'crossCategoryDepth',
  'crossCategoryLoudness',
  'crossBasePrice',
] as const;

/** Name of one covariate. */
export type Covariate = (typeof COVARIATES)[number];

/** How many covariates a row has. */
export const COVARIATE_COUNT = COVARIATES.length;

/** Position of each covariate in a row. */
export const AT = Object.fromEntries(COVARIATES.map((name, i) => [name, i])) as Record<Covariate, number>;

/** Weeks that a promotion reaches back over: purchases brought forward are missing that long. */
export const LAG_WEEKS = 4;

/** What is known of a plan, per row: the state of one product at one customer in one week. Rows sorted by (series, week). */
export interface PlanStates {
  /** max(0, log(base price / price)), capped. */
  depth: Float64Array;
  /** max(0, log(price / base price)), capped. */
  rise: Float64Array;
  /** log base price less the series' own usual log base price. */
  logBase: Float64Array;
  feature: Uint8Array;
  display: Uint8Array;
  priceReduction: Uint8Array;
}

/** Where rows stand: which series and week, and in which market (customer × category, customer × group) they compete. */
export interface PlanRows {
  rows: number;
  seriesIndex: ArrayLike<number>;
  /** Week number, ascending within a series; length = rows. */
  week: ArrayLike<number>;
  firstWeek: number;
  weeks: number;
  /** Market of each series: customer × category, and customer × product group; dense numbers, -1 for none. */
  categoryMarket: Int32Array;
  groupMarket: Int32Array;
  /** Series' usual share of its category market, 0..1. */
  share: ArrayLike<number>;
  /**
   * Usual cut and loudness of each series, taken for products that a market holds but the rows do not mention.
   * Left out in training, where what is not mentioned was not sold.
   */
  usual?: { depth: ArrayLike<number>; loudness: ArrayLike<number> };
  /** Usual sums of each market: Σ share × usual over its series. */
  usualMarket?: { category: UsualMarket; group: UsualMarket };
}

/** Usual share-weighted cut and loudness of each market. */
export interface UsualMarket {
  depth: ArrayLike<number>;
  loudness: ArrayLike<number>;
}

/** Share-weighted sums per market × week: what competes there. */
interface MarketSums {
  depth: Float64Array;
  loudness: Float64Array;
  logBase: Float64Array;
}

const DEPTH_CAP = 1.2;
const RISE_CAP = 0.4;

/** Turns prices and flags into a state; a missing or non-positive price counts as the base price and the other way round. */
export function planStates(
  rows: number,
  read: {
    price: ArrayLike<number>;
    basePrice: ArrayLike<number>;
    feature: ArrayLike<number>;
    display: ArrayLike<number>;
    priceReduction: ArrayLike<number>;
  },
  usualLogBase: (row: number) => number,
): PlanStates {
  const states: PlanStates = {
    depth: new Float64Array(rows),
    rise: new Float64Array(rows),
    logBase: new Float64Array(rows),
    feature: new Uint8Array(rows),
    display: new Uint8Array(rows),
    priceReduction: new Uint8Array(rows),
  };
  for (let row = 0; row < rows; row++) {
    const base = read.basePrice[row]! > 0 ? read.basePrice[row]! : read.price[row]!;
    const price = read.price[row]! > 0 ? read.price[row]! : base;
    const cut = base > 0 ? Math.log(base / price) : 0;
    states.depth[row] = Math.min(DEPTH_CAP, Math.max(0, cut));
    states.rise[row] = Math.min(RISE_CAP, Math.max(0, -cut));
    states.logBase[row] = base > 0 ? Math.max(-0.7, Math.min(0.7, Math.log(base) - usualLogBase(row))) : 0;
    states.feature[row] = read.feature[row] ? 1 : 0;
    states.display[row] = read.display[row] ? 1 : 0;
    states.priceReduction[row] = read.priceReduction[row] ? 1 : 0;
  }
  return states;
}

/** True where a row carries any promotion flag or a cut of at least 3 %. */
export function isPromoted(states: PlanStates, row: number): boolean {
  return (
    states.feature[row] === 1 ||
    states.display[row] === 1 ||
    states.priceReduction[row] === 1 ||
    states.depth[row]! > 0.03
  );
}

/** Which plan each part of a row is read from: scenarios switch the parts on and off. */
export interface CovariateSources {
  own: PlanStates;
  timing: PlanStates;
  cross: PlanStates;
}

/** Fills the covariates of every row, row-major in the order of {@link COVARIATES}. */
export function fillCovariates(rows: PlanRows, sources: CovariateSources): Float32Array {
  const into = new Float32Array(rows.rows * COVARIATE_COUNT);
  fillOwn(rows, sources.own, into);
  fillTiming(rows, sources.own, sources.timing, into);
  fillCross(rows, sources.cross, into);
  return into;
}

function fillOwn(rows: PlanRows, own: PlanStates, into: Float32Array): void {
  for (let row = 0; row < rows.rows; row++) {
    const at = row * COVARIATE_COUNT;
    const depth = own.depth[row]!;
    const feature = own.feature[row]!;
    const display = own.display[row]!;
    into[at + AT.one] = 1;
    into[at + AT.depth] = depth;
    into[at + AT.rise] = own.rise[row]!;
    into[at + AT.logBasePrice] = own.logBase[row]!;
    into[at + AT.featureOnly] = feature * (1 - display);
    into[at + AT.displayOnly] = display * (1 - feature);
    into[at + AT.featureDisplay] = feature * display;
    into[at + AT.priceReduction] = own.priceReduction[row]!;
    into[at + AT.depthFeature] = depth * feature;
    into[at + AT.depthDisplay] = depth * display;
  }
}

function fillTiming(rows: PlanRows, own: PlanStates, timing: PlanStates, into: Float32Array): void {
  for (let row = 0; row < rows.rows; row++) {
    const at = row * COVARIATE_COUNT;
    const busy = isPromoted(own, row);
    const before = rowAt(rows, row, -1);
    if (before >= 0) {
      const promoted = isPromoted(timing, before) ? 1 : 0;
      into[at + (busy ? AT.lag1DepthBusy : AT.lag1DepthQuiet)] = timing.depth[before]!;
      into[at + (busy ? AT.lag1Busy : AT.lag1Quiet)] = promoted;
    }
    for (let back = 2; back <= LAG_WEEKS; back++) {
      const earlier = rowAt(rows, row, -back);
      if (earlier < 0) continue;
      into[at + AT.lag2Depth] = into[at + AT.lag2Depth]! + timing.depth[earlier]! / (LAG_WEEKS - 1);
      into[at + AT.lag2Promoted] =
        into[at + AT.lag2Promoted]! + (isPromoted(timing, earlier) ? 1 / (LAG_WEEKS - 1) : 0);
    }
    const after = busy ? -1 : rowAt(rows, row, 1);
    if (after >= 0) {
      into[at + AT.lead1Depth] = timing.depth[after]!;
      into[at + AT.lead1Promoted] = isPromoted(timing, after) ? 1 : 0;
    }
  }
}

/** Row of the same series `step` weeks away, or -1. */
function rowAt(rows: PlanRows, row: number, step: number): number {
  const wanted = rows.week[row]! + step;
  const direction = Math.sign(step);
  for (let other = row + direction; Math.abs(other - row) <= Math.abs(step); other += direction) {
    if (other < 0 || other >= rows.rows || rows.seriesIndex[other] !== rows.seriesIndex[row]) return -1;
    if (rows.week[other] === wanted) return other;
  }
  return -1;
}

/** How loud a promotion is apart from its price: 0, 1 (feature or display) or 2 (both). */
export function loudness(states: PlanStates, row: number): number {
  return states.feature[row]! + states.display[row]!;
}

function marketSums(
  rows: PlanRows,
  states: PlanStates,
  market: Int32Array,
  usual: UsualMarket | undefined,
): MarketSums {
  const size = (usual ? usual.depth.length : market.reduce((most, one) => Math.max(most, one + 1), 0)) * rows.weeks;
  const sums: MarketSums = {
    depth: new Float64Array(size),
    loudness: new Float64Array(size),
    logBase: new Float64Array(size),
  };
  if (usual) {
    for (let cell = 0; cell < size; cell++) {
      sums.depth[cell] = usual.depth[Math.floor(cell / rows.weeks)]!;
      sums.loudness[cell] = usual.loudness[Math.floor(cell / rows.weeks)]!;
    }
  }
  for (let row = 0; row < rows.rows; row++) {
    const series = rows.seriesIndex[row]!;
    const cell = cellOf(rows, market, row);
    if (cell < 0) continue;
    const share = rows.share[series]!;
    const usualDepth = rows.usual?.depth[series] ?? 0;
    const usualLoudness = rows.usual?.loudness[series] ?? 0;
    sums.depth[cell] = sums.depth[cell]! + share * (states.depth[row]! - usualDepth);
    sums.loudness[cell] = sums.loudness[cell]! + share * (loudness(states, row) - usualLoudness);
    sums.logBase[cell] = sums.logBase[cell]! + share * states.logBase[row]!;
  }
  return sums;
}

function cellOf(rows: PlanRows, market: Int32Array, row: number): number {
  const number = market[rows.seriesIndex[row]!]!;
  return number < 0 ? -1 : number * rows.weeks + rows.week[row]! - rows.firstWeek;
}

function fillCross(rows: PlanRows, states: PlanStates, into: Float32Array): void {
  const group = marketSums(rows, states, rows.groupMarket, rows.usualMarket?.group);
  const category = marketSums(rows, states, rows.categoryMarket, rows.usualMarket?.category);
  for (let row = 0; row < rows.rows; row++) {
    const at = row * COVARIATE_COUNT;
    const share = rows.share[rows.seriesIndex[row]!]!;
    const inCategory = cellOf(rows, rows.categoryMarket, row);
    if (inCategory < 0) continue;
    const inGroup = cellOf(rows, rows.groupMarket, row);
    const groupDepth = inGroup < 0 ? 0 : group.depth[inGroup]! - share * states.depth[row]!;
    const groupLoudness = inGroup < 0 ? 0 : group.loudness[inGroup]! - share * loudness(states, row);
    into[at + AT.crossGroupDepth] = groupDepth;
    into[at + AT.crossGroupLoudness] = groupLoudness;
    into[at + AT.crossCategoryDepth] = category.depth[inCategory]! - groupDepth - share * states.depth[row]!;
    into[at + AT.crossCategoryLoudness] =
      category.loudness[inCategory]! - groupLoudness - share * loudness(states, row);
    into[at + AT.crossBasePrice] = category.logBase[inCategory]! - share * states.logBase[row]!;
  }
}
