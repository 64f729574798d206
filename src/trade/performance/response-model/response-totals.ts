import type { ConformalScore } from '#ml';
import { WORKING_DISPERSION } from './response-state.ts';

/** One out-of-sample forecast of a calibration fold. */
export interface FoldRow {
  fold: number;
  customer: string;
  customerGroup: string;
  product: string;
  week: number;
  actual: number;
  mean: number;
  promoted: boolean;
  /** Standard deviation (log) of the series' level. */
  levelDeviation: number;
}

/** Relative variances of forecast errors that do not average out over stores or weeks, by quiet and promoted weeks. */
export interface ErrorComponents {
  quiet: ComponentSet;
  promoted: ComponentSet;
}

/** Squared relative errors: common to a product, to a product's week, to a series; and of single rows (a factor). */
export interface ComponentSet {
  product: number;
  productWeek: number;
  series: number;
  /** Mean squared row error over the working variance of {@link rowVariance}. */
  row: number;
}

/** One row of a total: its mean and what its errors have in common with other rows. */
export interface TotalRow {
  customer: string;
  product: string;
  week: number;
  mean: number;
  promoted: boolean;
  levelDeviation: number;
}

/** Working variance of one row's units around its mean. */
export function rowVariance(mean: number): number {
  return WORKING_DISPERSION.linear * mean + WORKING_DISPERSION.quadratic * mean * mean;
}

class Sums {
  private readonly cells = new Map<string, { error: number; mean: number; variance: number; promoted: number }>();

  add(key: string, error: number, mean: number, variance: number, promoted: boolean): void {
    const cell = this.cells.get(key) ?? { error: 0, mean: 0, variance: 0, promoted: 0 };
    cell.error += error;
    cell.mean += mean;
    cell.variance += variance;
    cell.promoted += promoted ? mean : 0;
    this.cells.set(key, cell);
  }

  entries(): [string, { error: number; mean: number; variance: number; promoted: number }][] {
    return [...this.cells];
  }
}

/**
 * Estimates the components by moments: products of errors of two different weeks of one product (of one series) have the
 * common part as their mean; what a product's week varies beyond that and beyond its rows' own noise is the week's part.
 */
export function errorComponents(rows: FoldRow[]): ErrorComponents {
  return {
    quiet: componentsOf(rows.filter((row) => !row.promoted)),
    promoted: componentsOf(rows.filter((row) => row.promoted)),
  };
}

const FLOOR = 0.02 ** 2;

function componentsOf(rows: FoldRow[]): ComponentSet {
  if (rows.length === 0) return { product: 0.1 ** 2, productWeek: 0.2 ** 2, series: 0.1 ** 2, row: 1 };
  let squares = 0;
  for (const row of rows) {
    squares += Math.min(25, (row.actual - row.mean) ** 2 / rowVariance(row.mean));
  }
  const noise = squares / rows.length;
  const productWeeks = new Sums();
  const seriesWeeks = new Sums();
  for (const row of rows) {
    const variance = noise * rowVariance(row.mean);
    const error = row.actual - row.mean;
    productWeeks.add(`${row.fold}|${row.product}\u0000${row.week}`, error, row.mean, variance, row.promoted);
    seriesWeeks.add(
      `${row.fold}|${row.customer}|${row.product}\u0000${row.week}`,
      error,
      row.mean,
      variance,
      row.promoted,
    );
  }
  const product = commonPart(productWeeks);
  let excess = 0;
  let weight = 0;
  for (const [, cell] of productWeeks.entries()) {
    excess += cell.error ** 2 - cell.variance;
    weight += cell.mean ** 2;
  }
  return {
    product,
    productWeek: Math.max(FLOOR, excess / weight - product),
    series: Math.max(FLOOR, commonPart(seriesWeeks) - product),
    row: noise,
  };
}

/** Σ over pairs of weeks of error·error over Σ of mean·mean, per key before the separator. */
function commonPart(weeks: Sums): number {
  const totals = new Map<string, { error: number; errors: number; mean: number; means: number }>();
  for (const [key, cell] of weeks.entries()) {
    const group = key.slice(0, key.indexOf('\u0000'));
    const total = totals.get(group) ?? { error: 0, errors: 0, mean: 0, means: 0 };
    total.error += cell.error;
    total.errors += cell.error ** 2;
    total.mean += cell.mean;
    total.means += cell.mean ** 2;
    totals.set(group, total);
  }
  let above = 0;
  let below = 0;
  for (const total of totals.values()) {
    above += total.error ** 2 - total.errors;
    below += total.mean ** 2 - total.means;
  }
  return Math.max(FLOOR, below > 0 ? above / below : FLOOR);
}

/** Sums of means by number, each with the relative variance that its members share. */
class SharedErrors {
  private readonly cells = new Map<number, { mean: number; relative: number }>();

  add(key: number, mean: number, relative: number): void {
    const cell = this.cells.get(key);
    if (cell) cell.mean += mean;
    else this.cells.set(key, { mean, relative });
  }

  variance(): number {
    let variance = 0;
    for (const { mean, relative } of this.cells.values()) variance += relative * mean * mean;
    return variance;
  }
}

function numbered(): (name: string) => number {
  const numbers = new Map<string, number>();
  return (name) => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, numbers.size);
    return numbers.size - 1;
  };
}

/** More than the customers or weeks of any plan: keeps composite keys apart. */
const KEY_SPAN = 2 ** 20;

/** Standard deviation of the error of a total, in units: parts that rows have in common do not average out. */
export function totalDeviation(rows: TotalRow[], components: ErrorComponents): number {
  const [product, productWeek, series] = [new SharedErrors(), new SharedErrors(), new SharedErrors()];
  const productNumber = numbered();
  const customerNumber = numbered();
  let variance = 0;
  for (const row of rows) {
    const set = row.promoted ? components.promoted : components.quiet;
    const key = 2 * productNumber(row.product) + (row.promoted ? 1 : 0);
    variance += set.row * rowVariance(row.mean);
    product.add(key, row.mean, set.product);
    productWeek.add(key * KEY_SPAN + row.week, row.mean, set.productWeek);
    series.add(key * KEY_SPAN + customerNumber(row.customer), row.mean, set.series + row.levelDeviation ** 2);
  }
  return Math.sqrt(variance + product.variance() + productWeek.variance() + series.variance());
}

/** What promoted weeks err beyond quiet ones: the error of the lift. */
export function liftComponents({ quiet, promoted }: ErrorComponents): ErrorComponents {
  const lift = {
    product: Math.max(FLOOR, promoted.product - quiet.product),
    productWeek: Math.max(FLOOR, promoted.productWeek - quiet.productWeek),
    series: Math.max(FLOOR, promoted.series - quiet.series),
    row: Math.max(0, promoted.row - quiet.row),
  };
  return { quiet: lift, promoted: lift };
}

/** Class of a total in the interval table: totals over one week, and over several. */
export function totalClass(weeks: number): number {
  return weeks > 1 ? 1 : 0;
}

const SPAN_WEEKS = 4;

/** Scores the totals that people ask for: a product's week or four weeks, over a customer group and over everybody. */
export function scoreTotals(rows: FoldRow[], components: ErrorComponents): ConformalScore[] {
  const totals = new Map<string, FoldRow[]>();
  const put = (key: string, row: FoldRow) => {
    const list = totals.get(key);
    if (list) list.push(row);
    else totals.set(key, [row]);
  };
  for (const row of rows) {
    const span = Math.floor(row.week / SPAN_WEEKS);
    const stem = `${row.fold}|${row.product}`;
    put(`0|${stem}|${row.week}`, row);
    put(`0|${stem}|${row.week}|${row.customerGroup}`, row);
    put(`1|${stem}|${span}`, row);
    put(`1|${stem}|${span}|${row.customerGroup}`, row);
  }
  return [...totals].map(([key, list]) => {
    let actual = 0;
    let mean = 0;
    for (const row of list) {
      actual += row.actual;
      mean += row.mean;
    }
    return { score: (actual - mean) / totalDeviation(list, components), size: mean, class: Number(key[0]) };
  });
}
