import type { PanelSeries, SalesPanel } from './sales-panel.ts';

/** An event as measurement sees it: what is sold where, and when; ISO dates, both inclusive. */
export interface MeasuredScope {
  series: readonly { customer: string; product: string }[];
  startsOn: string;
  endsOn: string;
}

/** A panel laid out densely: cell = series × weeks + week. */
export interface SalesGrid {
  weekStart: readonly string[];
  weeks: number;
  series: readonly PanelSeries[];
  /** NaN where a week is missing. */
  units: Float64Array;
  /** Log of the regular price against the series' mean; 0 where unknown. */
  logBasePrice: Float64Array;
  /** Number of the event (in the order given) that a cell is in, −1 where it is in none. */
  eventOf: Int32Array;
  /** 1 from a series' first to its last reported week: outside, a week is not missing but not listed. */
  listed: Uint8Array;
  /** 1 where a cell is in an event or carries a flag or a price cut. */
  promoted: Uint8Array;
  /** 1 where a cell is known and not promoted. */
  unpromoted: Uint8Array;
  /** 1 where a cell is known, not promoted and not in the weeks after a promotion. */
  clean: Uint8Array;
  /** 1 where a clean cell also has no promoted product of its category beside it. */
  quiet: Uint8Array;
  /** Series index by {@link seriesKey}. */
  byKey: ReadonlyMap<string, number>;
  /** Series indices by {@link shelfKey}. */
  shelves: ReadonlyMap<string, readonly number[]>;
}

/** A shelf price below this share of the regular price is a promotion, flag or not. */
const PRICE_CUT_BELOW = 0.98;

/** Key of a series: customer and product. */
export function seriesKey(customer: string, product: string): string {
  return `${customer}\u0000${product}`;
}

/** Key of a shelf: customer and category. */
export function shelfKey(series: Pick<PanelSeries, 'customer' | 'category'>): string {
  return `${series.customer}\u0000${series.category}`;
}

/** First and last week index that a scope touches, or null where it touches none of the panel's weeks. */
export function weekRange(weekStart: readonly string[], startsOn: string, endsOn: string): [number, number] | null {
  let first = -1;
  let last = -1;
  for (let week = 0; week < weekStart.length; week++) {
    const next = weekStart[week + 1];
    if (
      weekStart[week]! > endsOn ||
      (next === undefined ? daysAfter(weekStart[week]!, startsOn) >= 7 : next <= startsOn)
    )
      continue;
    if (first < 0) first = week;
    last = week;
  }
  return first < 0 ? null : [first, last];
}

/** Days from one ISO date to another. */
export function daysAfter(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000;
}

function layOut(panel: SalesPanel, keep: Int32Array, series: readonly PanelSeries[]): SalesGrid {
  const weeks = panel.weekStart.length;
  const size = series.length * weeks;
  const units = new Float64Array(size).fill(Number.NaN);
  const logBasePrice = new Float64Array(size);
  const promoted = new Uint8Array(size);
  const eventOf = new Int32Array(size).fill(-1);
  for (let i = 0; i < panel.units.length; i++) {
    const s = keep[panel.seriesIndex[i]!]!;
    if (s < 0) continue;
    const cell = s * weeks + panel.week[i]!;
    units[cell] = panel.units[i]!;
    const price = panel.price[i]!;
    const basePrice = panel.basePrice[i]!;
    if (basePrice > 0) logBasePrice[cell] = Math.log(basePrice);
    const cut = basePrice > 0 && price > 0 && price < PRICE_CUT_BELOW * basePrice;
    if (cut || panel.feature[i] || panel.display[i] || panel.priceReduction[i]) promoted[cell] = 1;
  }
  centre(logBasePrice, weeks);
  const shelves = new Map<string, number[]>();
  series.forEach((it, s) => {
    const list = shelves.get(shelfKey(it));
    if (list) list.push(s);
    else shelves.set(shelfKey(it), [s]);
  });
  const byKey = new Map(series.map((it, s) => [seriesKey(it.customer, it.product), s]));
  const unpromoted = new Uint8Array(size);
  const clean = new Uint8Array(size);
  const quiet = new Uint8Array(size);
  const listed = markListed(series, units, weeks);
  const { weekStart } = panel;
  return {
    weekStart,
    weeks,
    series,
    units,
    logBasePrice,
    promoted,
    eventOf,
    listed,
    unpromoted,
    clean,
    quiet,
    byKey,
    shelves,
  };
}

/** A series counts as listed to the end where its customer has stopped reporting altogether. */
function markListed(series: readonly PanelSeries[], units: Float64Array, weeks: number): Uint8Array {
  const lastOfSeries = new Int32Array(series.length).fill(-1);
  const lastOfCustomer = new Map<string, number>();
  const listed = new Uint8Array(units.length);
  series.forEach(({ customer }, s) => {
    for (let week = 0; week < weeks; week++) if (!Number.isNaN(units[s * weeks + week]!)) lastOfSeries[s] = week;
    lastOfCustomer.set(customer, Math.max(lastOfCustomer.get(customer) ?? -1, lastOfSeries[s]!));
  });
  series.forEach(({ customer }, s) => {
    const row = units.subarray(s * weeks, (s + 1) * weeks);
    const first = row.findIndex((x) => !Number.isNaN(x));
    const last = lastOfSeries[s] === lastOfCustomer.get(customer) ? weeks - 1 : lastOfSeries[s]!;
    if (first >= 0) listed.fill(1, s * weeks + first, s * weeks + last + 1);
  });
  return listed;
}

/** Takes each series' mean off its known values. */
function centre(values: Float64Array, weeks: number): void {
  for (let from = 0; from < values.length; from += weeks) {
    const row = values.subarray(from, from + weeks);
    const known = row.filter((x) => x !== 0);
    const mean = known.reduce((sum, x) => sum + x, 0) / Math.max(1, known.length);
    for (let i = 0; i < row.length; i++) if (row[i] !== 0) row[i]! -= mean;
  }
}

function markEvents(grid: SalesGrid, events: readonly MeasuredScope[]): void {
  events.forEach((event, number) => {
    const range = weekRange(grid.weekStart, event.startsOn, event.endsOn);
    if (!range) return;
    for (const { customer, product } of event.series) {
      const s = grid.byKey.get(seriesKey(customer, product));
      if (s === undefined) continue;
      grid.promoted.fill(1, s * grid.weeks + range[0], s * grid.weeks + range[1] + 1);
      grid.eventOf.fill(number, s * grid.weeks + range[0], s * grid.weeks + range[1] + 1);
    }
  });
}

function markClean(grid: SalesGrid, dipWeeks: number): void {
  const { weeks } = grid;
  for (let s = 0; s < grid.series.length; s++) {
    let since = Number.POSITIVE_INFINITY;
    for (let cell = s * weeks; cell < (s + 1) * weeks; cell++) {
      since = grid.promoted[cell] ? 0 : since + 1;
      if (Number.isNaN(grid.units[cell]!)) continue;
      if (since > 0) grid.unpromoted[cell] = 1;
      if (since > dipWeeks) grid.clean[cell] = 1;
    }
  }
}

function markQuiet(grid: SalesGrid): void {
  for (const shelf of grid.shelves.values()) {
    for (let week = 0; week < grid.weeks; week++) {
      if (shelf.some((s) => grid.promoted[s * grid.weeks + week])) continue;
      for (const s of shelf) grid.quiet[s * grid.weeks + week] = grid.clean[s * grid.weeks + week]!;
    }
  }
}

/**
 * Lays a panel out densely and marks promoted, clean and quiet cells; only series of the given categories are kept
 * (all when absent).
 */
export function buildGrid(
  panel: SalesPanel,
  events: readonly MeasuredScope[],
  dipWeeks: number,
  categories?: ReadonlySet<string>,
): SalesGrid {
  const series: PanelSeries[] = [];
  const keep = Int32Array.from(panel.series, (it) =>
    categories && !categories.has(it.category) ? -1 : series.push(it) - 1,
  );
  const grid = layOut(panel, keep, series);
  markEvents(grid, events);
  markClean(grid, dipWeeks);
  markQuiet(grid);
  return grid;
}
