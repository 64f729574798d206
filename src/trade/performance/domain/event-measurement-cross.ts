import { type BaselineModel, estimateLevel, timeFactor } from './event-measurement-baseline.ts';
import type { SalesGrid } from './event-measurement-grid.ts';

/** What promotions gain on a shelf in a week, and what they take from the products beside them. */
export interface CrossEffects {
  /** Shelf number of each series. */
  shelfOf: Int32Array;
  /** Gains of promoted own and competitors' series, and sales without promotions, per shelf number × weeks + week. */
  ownGain: Float64Array;
  rivalGain: Float64Array;
  ownBase: Float64Array;
  rivalBase: Float64Array;
  /** Gain of one event on one shelf in one week, by {@link gainKey}. */
  eventGain: Map<number, number>;
  /** Share of a gain that is taken from the same side of the shelf and from the other side, by the side that loses. */
  own: SideShares;
  rival: SideShares;
}

interface SideShares {
  fromSame: number;
  fromOther: number;
}

/** Expected losses are never above this share of a cell. */
const LARGEST_LOSS = 0.6;
/** Shares of a gain are kept between 0 and this. */
const LARGEST_SHARE = 0.8;

function gainKey(shelfWeek: number, event: number): number {
  return shelfWeek * 100_000 + event;
}

function emptyEffects(grid: SalesGrid): CrossEffects {
  const numbers = new Map([...grid.shelves.values()].flatMap((list, shelf) => list.map((s) => [s, shelf] as const)));
  const size = grid.shelves.size * grid.weeks;
  return {
    shelfOf: Int32Array.from(grid.series, (_, s) => numbers.get(s)!),
    ownGain: new Float64Array(size),
    rivalGain: new Float64Array(size),
    ownBase: new Float64Array(size),
    rivalBase: new Float64Array(size),
    eventGain: new Map(),
    own: { fromSame: 0, fromOther: 0 },
    rival: { fromSame: 0, fromOther: 0 },
  };
}

/** Expected units of every cell without promotions; promoted runs leave themselves out of the level. */
function expectedUnits(grid: SalesGrid, model: BaselineModel): Float64Array {
  const expected = new Float64Array(grid.units.length).fill(Number.NaN);
  for (let s = 0; s < grid.series.length; s++) {
    const row = s * grid.weeks;
    for (let week = 0; week < grid.weeks; ) {
      let last = week;
      if (grid.promoted[row + week]) while (last + 1 < grid.weeks && grid.promoted[row + last + 1]) last++;
      const level = estimateLevel(grid, model, s, [week, last, last]);
      for (; week <= last; week++) if (level) expected[row + week] = level.level * timeFactor(grid, model, s, week);
    }
  }
  return expected;
}

function sumGains(grid: SalesGrid, effects: CrossEffects, expected: Float64Array): void {
  for (let cell = 0; cell < expected.length; cell++) {
    const units = grid.units[cell]!;
    const base = expected[cell]!;
    if (Number.isNaN(units) || Number.isNaN(base)) continue;
    const s = Math.floor(cell / grid.weeks);
    const shelfWeek = effects.shelfOf[s]! * grid.weeks + (cell % grid.weeks);
    const { own } = grid.series[s]!;
    (own ? effects.ownBase : effects.rivalBase)[shelfWeek]! += base;
    if (!grid.promoted[cell]) continue;
    (own ? effects.ownGain : effects.rivalGain)[shelfWeek]! += units - base;
    const key = gainKey(shelfWeek, grid.eventOf[cell]! + 1);
    if (own) effects.eventGain.set(key, (effects.eventGain.get(key) ?? 0) + units - base);
  }
}

/** Weighted least squares of a side's losses on the gains of both sides, without intercept. */
class ShareRegression {
  readonly #xx = [0, 0, 0];
  readonly #xy = [0, 0];

  add(loss: number, same: number, other: number, variance: number): void {
    this.#xx[0]! += (same * same) / variance;
    this.#xx[1]! += (same * other) / variance;
    this.#xx[2]! += (other * other) / variance;
    this.#xy[0]! += (same * loss) / variance;
    this.#xy[1]! += (other * loss) / variance;
  }

  solve(): SideShares {
    // prior: 0 ± 0.2, so that a side with no events stays at 0
    const [a, b, c] = [this.#xx[0]! + 25, this.#xx[1]!, this.#xx[2]! + 25];
    const determinant = a * c - b * b;
    const clamp = (x: number): number => Math.min(LARGEST_SHARE, Math.max(0, x));
    return {
      fromSame: clamp((c * this.#xy[0]! - b * this.#xy[1]!) / determinant),
      fromOther: clamp((a * this.#xy[1]! - b * this.#xy[0]!) / determinant),
    };
  }
}

function fitShares(
  grid: SalesGrid,
  model: BaselineModel,
  effects: CrossEffects,
  expected: Float64Array,
  own: boolean,
): SideShares {
  const sums = new Map<number, { loss: number; base: number; squares: number }>();
  grid.clean.forEach((clean, cell) => {
    const s = Math.floor(cell / grid.weeks);
    const base = expected[cell]!;
    if (!clean || grid.series[s]!.own !== own || Number.isNaN(base)) return;
    const shelfWeek = effects.shelfOf[s]! * grid.weeks + (cell % grid.weeks);
    if (effects.ownGain[shelfWeek] === 0 && effects.rivalGain[shelfWeek] === 0) return;
    const sum = sums.get(shelfWeek) ?? { loss: 0, base: 0, squares: 0 };
    sum.loss += base - grid.units[cell]!;
    sum.base += base;
    sum.squares += base * base;
    sums.set(shelfWeek, sum);
  });
  const regression = new ShareRegression();
  for (const [shelfWeek, { loss, base, squares }] of sums) {
    const gains = [Math.max(0, effects.ownGain[shelfWeek]!), Math.max(0, effects.rivalGain[shelfWeek]!)] as const;
    const observed = base / (own ? effects.ownBase : effects.rivalBase)[shelfWeek]!;
    const variance = model.noiseVariance * squares + base + model.sharedVariance * base * base;
    regression.add(loss, observed * gains[own ? 0 : 1], observed * gains[own ? 1 : 0], variance);
  }
  return regression.solve();
}

/** Estimates what promotions on a shelf gain, and which share of it the products beside them lose. */
export function fitCrossEffects(grid: SalesGrid, model: BaselineModel): CrossEffects {
  const effects = emptyEffects(grid);
  const expected = expectedUnits(grid, model);
  sumGains(grid, effects, expected);
  effects.own = fitShares(grid, model, effects, expected, true);
  effects.rival = fitShares(grid, model, effects, expected, false);
  return effects;
}

/**
 * Expected share of a cell that promotions of other products take; a cell loses nothing to its own event, nor to
 * `without`. Products of competitors that are promoted together count as one event.
 */
export function lossShare(grid: SalesGrid, effects: CrossEffects, cell: number, without = -1): number {
  const s = Math.floor(cell / grid.weeks);
  const { own } = grid.series[s]!;
  const shelfWeek = effects.shelfOf[s]! * grid.weeks + (cell % grid.weeks);
  const base = (own ? effects.ownBase : effects.rivalBase)[shelfWeek]!;
  if (!(base > 0)) return 0;
  const shares = own ? effects.own : effects.rival;
  let same = (own ? effects.ownGain : effects.rivalGain)[shelfWeek]!;
  if (grid.promoted[cell])
    same -= own ? (effects.eventGain.get(gainKey(shelfWeek, grid.eventOf[cell]! + 1)) ?? 0) : same;
  if (without >= 0) same -= effects.eventGain.get(gainKey(shelfWeek, without + 1)) ?? 0;
  const other = (own ? effects.rivalGain : effects.ownGain)[shelfWeek]!;
  const lost = shares.fromSame * Math.max(0, same) + shares.fromOther * Math.max(0, other);
  return Math.min(LARGEST_LOSS, lost / base);
}
