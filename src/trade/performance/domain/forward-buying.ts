/** One customer × product, week by week: what came in and what went out. */
export interface StockSeries {
  unitsPerCase: number;
  /** Units sold to shoppers; null where the week is missing. */
  soldUnits: readonly (number | null)[];
  /** Cases that we shipped; null where nothing is known of the customer's shipments yet. */
  shippedCases: readonly (number | null)[];
  /** Whether a promotion was on the shelf. */
  promoted: readonly boolean[];
}

/** The weeks of an event: from the first week of its buy window to its last week in store, both inclusive. */
export interface StockWindow {
  first: number;
  last: number;
}

/** What the customers bought ahead, in cases, with its 90 % interval. */
export interface ForwardBuying {
  refused?: undefined;
  cases: number;
  low: number;
  high: number;
  shippedCases: number;
  soldCases: number;
  /** What stock usually changes over as many quiet weeks. */
  usualCases: number;
  /** Cases sold out of stock after the event; null where another event follows at once or the data ends. */
  unwound: { cases: number; weeks: number } | null;
  series: number;
  seriesLeftOut: number;
}

/** Forward buying that would have been invention, and why. */
export interface ForwardBuyingRefused {
  refused: string;
}

/** The formula of forward buying; changes whenever a number may. */
export const FORWARD_BUYING_VERSION = 'forward-buying/1';

/** Bought ahead is sold within so many weeks, or was not bought ahead. */
const UNWINDING_WEEKS = 6;
/** After a promotion stock is not what it usually is. */
const AFTERMATH_WEEKS = 4;
/** With less than this there is no saying how stock usually moves. */
const FEWEST_QUIET_WINDOWS = 20;
const LARGEST_SHARE_LEFT_OUT = 0.2;
/** 90 % of a normal distribution. */
const NORMAL_WIDTH = 1.645;

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Cases shipped and sold over weeks; null where one of them is missing. */
function flow({ soldUnits, shippedCases, unitsPerCase }: StockSeries, first: number, last: number) {
  let [sold, shipped] = [0, 0];
  for (let week = first; week <= last; week++) {
    const [out, into] = [soldUnits[week], shippedCases[week]];
    if (out === null || out === undefined || into === null || into === undefined) return null;
    sold += out / unitsPerCase;
    shipped += into;
  }
  return { sold, shipped };
}

interface QuietWeeks {
  /** Mean cases a week. */
  base: number;
  /** What stock changed over windows as long as the event's, in weeks of regular sales. */
  changes: number[];
}

/** How a series behaves before the event where nothing runs; the time after other promotions is left out. */
function quietWeeks(series: StockSeries, { first, last }: StockWindow): QuietWeeks {
  const length = last - first + 1;
  const busy = series.promoted.map((_, week) => {
    return week >= first || series.promoted.slice(Math.max(0, week - AFTERMATH_WEEKS), week + 1).some(Boolean);
  });
  const weekly = busy.flatMap((taken, week) => {
    const one = taken ? null : flow(series, week, week);
    return one ? [one.sold] : [];
  });
  const base = weekly.length > 0 ? total(weekly) / weekly.length : 0;
  const changes: number[] = [];
  for (let from = 0; base > 0 && from + length <= busy.length; from++) {
    if (busy.slice(from, from + length).some(Boolean)) continue;
    const one = flow(series, from, from + length - 1);
    if (one) changes.push((one.shipped - one.sold) / base);
  }
  return { base, changes };
}

/** What the stock gave back after the event, up to the next promotion of any of the series or the end of the data. */
function unwinding(series: readonly StockSeries[], last: number, usualPerWeek: number): ForwardBuying['unwound'] {
  let weeks = 0;
  let cases = 0;
  for (let week = last + 1; week <= last + UNWINDING_WEEKS; week++) {
    const flows = series.map((one) => (one.promoted[week] ? null : flow(one, week, week)));
    if (flows.some((one) => one === null)) break;
    weeks++;
    cases += total(flows.map((one) => one!.sold - one!.shipped)) + usualPerWeek;
  }
  return weeks > 0 ? { cases, weeks } : null;
}

/**
 * Forward buying as stock shows it: what came in over the buy window and the event beyond what went out, less what
 * stock usually changes over as many weeks. The interval is the usual swing of stock between orders. Refuses with the
 * reason where shipments or sales are missing, or where the customers' stock is never quiet.
 */
export function measureForwardBuying(
  all: readonly StockSeries[],
  window: StockWindow,
): ForwardBuying | ForwardBuyingRefused {
  const known = all.flatMap((series) => {
    const own = flow(series, window.first, window.last);
    const quiet = own && quietWeeks(series, window);
    return quiet && quiet.base > 0 ? [{ series, own, quiet }] : [];
  });
  const seriesLeftOut = all.length - known.length;
  if (known.length === 0 || seriesLeftOut > LARGEST_SHARE_LEFT_OUT * all.length)
    return { refused: `shipments or sales are missing for ${seriesLeftOut} of ${all.length} series of the event` };
  const changes = known.flatMap(({ quiet }) => quiet.changes);
  if (changes.length < FEWEST_QUIET_WINDOWS)
    return { refused: 'too few weeks without promotions to tell how stock usually moves' };
  const length = window.last - window.first + 1;
  const mean = total(changes) / changes.length;
  const variance = total(changes.map((change) => (change - mean) ** 2)) / (changes.length - 1);
  const base = total(known.map(({ quiet }) => quiet.base));
  // Windows that overlap say the same thing twice: a stretch of the window's length counts once.
  const meanVariance = variance / Math.max(1, changes.length / length);
  const error = Math.sqrt(variance * total(known.map(({ quiet }) => quiet.base ** 2)) + meanVariance * base ** 2);
  const shippedCases = total(known.map(({ own }) => own.shipped));
  const soldCases = total(known.map(({ own }) => own.sold));
  const cases = shippedCases - soldCases - mean * base;
  const unwound = unwinding(
    known.map(({ series }) => series),
    window.last,
    (mean * base) / length,
  );
  return {
    ...{ cases, low: cases - NORMAL_WIDTH * error, high: cases + NORMAL_WIDTH * error },
    ...{ shippedCases, soldCases, usualCases: mean * base, unwound, series: known.length, seriesLeftOut },
  };
}
