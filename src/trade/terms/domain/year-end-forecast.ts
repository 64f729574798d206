/** Cases of one fiscal week; `week` is its number in the year. */
export interface WeekCases {
  week: number;
  cases: number;
}

/** What is expected to be shipped until the fiscal year's end. Cases. */
export interface RestOfYear {
  cases: number;
  /** 90 % interval; null where its width cannot be told. */
  low: number | null;
  high: number | null;
  /** How it was estimated, in words. */
  method: string;
  /** What was estimated in another way and does not count. */
  beside?: { cases: number; method: string } | undefined;
}

/** What a forecast is made from. */
export interface YearSoFar {
  /** Every week that has ended with its shipments, also those without any. */
  toDate: readonly WeekCases[];
  /** Every week of the year before; empty where there is none. */
  lastYear: readonly WeekCases[];
  /** The numbers of the weeks that are left. */
  weeksLeft: readonly number[];
}

/** Fewer weeks say nothing about a year. */
const fewestWeeks = 4;
/** Weeks are added up to blocks before their scatter is taken: a full delivery this week means a small one the next. */
const blockWeeks = 4;
/** An interval needs the scatter of at least so many blocks. */
const fewestBlocks = 3;

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** The quantile of Student's t with 90 % between it and its negative (Cornish-Fisher, within 1 % from 2 degrees on). */
function t90(degrees: number): number {
  const z = 1.6449;
  return z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
}

/** Sums of whole blocks, the latest last. */
function blocks(values: readonly number[]): number[] {
  const first = values.length % blockWeeks;
  const count = Math.floor(values.length / blockWeeks);
  return Array.from({ length: count }, (_, i) =>
    total(values.slice(first + i * blockWeeks, first + (i + 1) * blockWeeks)),
  );
}

/** Last year's remaining weeks times this year's growth so far: a ratio estimate, so that the season is kept. */
function byGrowth({ toDate, weeksLeft }: YearSoFar, lastYearOf: (week: number) => number): RestOfYear | null {
  const now = total(toDate.map(({ cases }) => cases));
  const before = total(toDate.map(({ week }) => lastYearOf(week)));
  const left = total(weeksLeft.map(lastYearOf));
  if (before <= 0 || left <= 0) return null;
  const growth = now / before;
  const cases = growth * left;
  const method = 'last year’s remaining weeks × this year’s growth so far';
  const errors = blocks(toDate.map((one) => one.cases - growth * lastYearOf(one.week)));
  if (errors.length < fewestBlocks) return { cases, low: null, high: null, method };
  const blockVariance = total(errors.map((error) => error ** 2)) / (errors.length - 1);
  // The growth is itself an estimate, and what is to come scatters like what is behind.
  const blocksLeft = weeksLeft.length / blockWeeks;
  const variance = blockVariance * ((left / before) ** 2 * (toDate.length / blockWeeks) + blocksLeft);
  const margin = t90(errors.length - 1) * Math.sqrt(variance);
  return { cases, low: Math.max(0, cases - margin), high: cases + margin, method };
}

/** Without a last year nobody knows the season: there is no interval to be given. */
function byRunRate({ toDate, weeksLeft }: YearSoFar): RestOfYear {
  const mean = total(toDate.map(({ cases }) => cases)) / toDate.length;
  const method = 'run rate: mean week so far × weeks left, the season is not known';
  return { cases: mean * weeksLeft.length, low: null, high: null, method };
}

/**
 * Cases until the year's end: last year's remaining weeks times this year's growth so far; the run rate where there is
 * no last year. Null with fewer than four weeks behind: not estimated, which is not zero.
 */
export function forecastRestOfYear(year: YearSoFar): RestOfYear | null {
  if (year.weeksLeft.length === 0) return { cases: 0, low: 0, high: 0, method: 'the year is over' };
  if (year.toDate.length < fewestWeeks) return null;
  const known = new Map(year.lastYear.map(({ week, cases }) => [week, cases]));
  // A 53rd week has no counterpart: the week before stands in.
  const lastYearOf = (week: number) => known.get(week) ?? known.get(week - 1) ?? 0;
  return byGrowth(year, lastYearOf) ?? byRunRate(year);
}

/**
 * The rest of a year as its account plan expects it: the plan knows promotions and changes that no shipment shows yet. It
 * has no interval of its own. What shipments alone would say stands beside it.
 */
export function planOfRest(planned: { cases: string; method: string }, forecast: RestOfYear | null): RestOfYear {
  return {
    ...{ cases: Number(planned.cases), low: null, high: null, method: planned.method },
    ...(forecast ? { beside: { cases: forecast.cases, method: forecast.method } } : {}),
  };
}
