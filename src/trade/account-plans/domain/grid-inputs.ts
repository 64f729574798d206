import { Problem } from '#problem';

/**
 * What an account plan is counted from, as columns of integers. A row is an account × product (`account * products +
 * product`), a cell a row × week (`row * weeks + week`).
 */
export interface GridInputs {
  accounts: number;
  products: number;
  /** Segment of each week: a fiscal period, or the closed and the open part of the running one. Counts up from 0. */
  segmentOfWeek: readonly number[];
  /** Thousandths of a case that would sell with no promotion, by cell. */
  baselineMilli: Int32Array;
  /** Minor units per case, by product × week. */
  listMinor: Int32Array;
  costMinor: Int32Array;
  /** Ten-thousandths of a minor unit per case, whole numbers, by cell. */
  onInvoiceRate: Float64Array;
  offInvoiceRate: Float64Array;
}

/** The counted lines, in their order. Volumes are thousandths of a case, money is minor units. */
export const countedLines = [
  'volume',
  'incremental',
  'grossSales',
  'onInvoiceTerms',
  'offInvoiceTerms',
  'tacticSpend',
  'cost',
] as const;
export type CountedLine = (typeof countedLines)[number];
/** How many lines are counted. */
export const lineCount = countedLines.length;

/** So many thousandths of a case make one. */
const perCase = 1_000;
/** So many units of a rate make a minor unit: prices are whole minor units, terms have four more digits. */
export const rateScale = 10_000;

/**
 * Money of a volume (thousandths of a case) at a price (`scale` 1: minor units per case) or rate (`rateScale`), half up to the
 * minor unit: the plan's named rounding point is account × product × week × line; above it whole numbers are added.
 *
 * Exact: volume, price and rate are whole and not negative. A product beyond 2⁵³ is rounded by the machine, but never to a
 * number below 2⁵³: the check finds each one, and it is counted in integers of any size. Below, product, remainder and the
 * division without a remainder are exact.
 */
export function moneyOfVolume(volumeMilli: number, rate: number, scale: number): number {
  const unit = perCase * scale;
  const product = volumeMilli * rate + unit / 2;
  if (Number.isSafeInteger(product)) return (product - (product % unit)) / unit;
  const money = Number((BigInt(volumeMilli) * BigInt(rate) + BigInt(unit / 2)) / BigInt(unit));
  if (Number.isSafeInteger(money)) return money;
  throw new Problem('rule.violated', { detail: 'A volume times its price is too large to be counted exactly.' });
}

/** value × numerator / denominator, half away from zero, exact at any size. The denominator is positive. */
export function scaled(value: number, numerator: number, denominator: number): number {
  if (numerator === denominator) return value;
  const magnitude = BigInt(Math.abs(value)) * BigInt(numerator);
  const whole = Number((2n * magnitude + BigInt(denominator)) / (2n * BigInt(denominator)));
  return value < 0 ? -whole : whole;
}

/** The number, where a column of volumes can hold it; throws `rule.violated` beyond two million cases in a cell. */
export function inColumn(value: number): number {
  if (Math.abs(value) > 2 ** 31 - 1) {
    throw new Problem('rule.violated', { detail: 'A volume is beyond two million cases a week at one account.' });
  }
  return value;
}

/** Refuses columns of the wrong length: a plan is never counted on half its inputs. */
export function requireColumns(inputs: GridInputs): void {
  const { accounts, products, segmentOfWeek } = inputs;
  const cells = accounts * products * segmentOfWeek.length;
  const right =
    inputs.baselineMilli.length === cells &&
    inputs.onInvoiceRate.length === cells &&
    inputs.offInvoiceRate.length === cells &&
    inputs.listMinor.length === products * segmentOfWeek.length &&
    inputs.costMinor.length === products * segmentOfWeek.length;
  if (!right) throw new Error('the columns of a plan do not fit its accounts, products and weeks');
}
