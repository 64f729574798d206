import { Decimal as DecimalJs } from 'decimal.js';
import { Problem } from '#problem';
import { currencyDigits } from './currency.ts';

/** Decimal arithmetic for rates and quantities: 40 significant digits, half away from zero. */
export const Decimal: DecimalJs.Constructor = DecimalJs.clone({
  precision: 40,
  rounding: DecimalJs.ROUND_HALF_UP,
  toExpNeg: -40,
  toExpPos: 40,
});
/** A decimal number: a rate, a share or a quantity. */
export type Decimal = DecimalJs;

/** An exact amount: integer minor units (cents) of one ISO 4217 currency. */
export interface Money {
  readonly minor: bigint;
  readonly currency: string;
}

/** Money as it travels in JSON: `{ amount: "15600.00", currency: "USD" }`. */
export interface MoneyJson {
  amount: string;
  currency: string;
}

/** An exact amount from a decimal string. Throws `request.malformed` when it has more digits than the currency. */
export function money(amount: string, currency: string): Money {
  const digits = currencyDigits(currency);
  if (!/^-?\d{1,18}(\.\d+)?$/.test(amount)) {
    throw new Problem('request.malformed', { detail: `"${amount}" is not a decimal amount.` });
  }
  const scaled = new Decimal(amount).times(new Decimal(10).pow(digits));
  if (!scaled.isInteger()) {
    throw new Problem('request.malformed', { detail: `${amount} has more than ${digits} decimals for ${currency}.` });
  }
  return { minor: BigInt(scaled.toFixed(0)), currency };
}

/** An amount from a database `numeric` of any scale; digits beyond the currency's must be zero. */
export function moneyFromNumeric(numeric: string, currency: string): Money {
  return money(new Decimal(numeric).toString(), currency);
}

/** Nothing, in a currency. */
export function zero(currency: string): Money {
  currencyDigits(currency);
  return { minor: 0n, currency };
}

/** An amount from integer minor units. */
export function fromMinor(minor: bigint, currency: string): Money {
  return { minor, currency };
}

/** Parses the JSON form. */
export function fromJson(json: MoneyJson): Money {
  return money(json.amount, json.currency);
}

/** The decimal string with exactly the currency's digits: what the database's `numeric` and JSON carry. */
export function amountOf(value: Money): string {
  const digits = currencyDigits(value.currency);
  const sign = value.minor < 0n ? '-' : '';
  const text = (value.minor < 0n ? -value.minor : value.minor).toString().padStart(digits + 1, '0');
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** The JSON form. */
export function toJson(value: Money): MoneyJson {
  return { amount: amountOf(value), currency: value.currency };
}

/** The amount as a decimal number of major units. */
export function toDecimal(value: Money): Decimal {
  return new Decimal(value.minor.toString()).div(new Decimal(10).pow(currencyDigits(value.currency)));
}

/**
 * The house's one rounding rule, at named points only (a tactic's cost, an accrual line, a converted amount): half away
 * from zero to the currency's minor unit.
 */
export function roundToMoney(amount: Decimal, currency: string): Money {
  const scaled = amount.times(new Decimal(10).pow(currencyDigits(currency)));
  return { minor: BigInt(scaled.toDecimalPlaces(0, DecimalJs.ROUND_HALF_UP).toFixed(0)), currency };
}

/** Throws `money.currency_mismatch` unless both are in one currency. */
function sameCurrency(a: Money, b: Money): void {
  if (a.currency !== b.currency) {
    throw new Problem('money.currency_mismatch', { detail: `${a.currency} and ${b.currency} cannot be added.` });
  }
}

/** a + b, in one currency. */
export function add(a: Money, b: Money): Money {
  sameCurrency(a, b);
  return { minor: a.minor + b.minor, currency: a.currency };
}

/** a − b, in one currency. */
export function subtract(a: Money, b: Money): Money {
  sameCurrency(a, b);
  return { minor: a.minor - b.minor, currency: a.currency };
}

/** Σ of `values`, in `currency`. */
export function sum(values: readonly Money[], currency: string): Money {
  return values.reduce(add, zero(currency));
}

/** −1, 0 or 1 as a is below, equal to or above b. */
export function compare(a: Money, b: Money): -1 | 0 | 1 {
  sameCurrency(a, b);
  return a.minor < b.minor ? -1 : a.minor > b.minor ? 1 : 0;
}

/** A money amount times a decimal factor, rounded by the house rule. */
export function multiply(value: Money, factor: Decimal): Money {
  return roundToMoney(toDecimal(value).times(factor), value.currency);
}

/** a / b as a decimal string with `digits` places, or null where b is zero: a ratio to nothing is not a number. */
export function ratio(a: Money, b: Money, digits = 4): string | null {
  sameCurrency(a, b);
  if (b.minor === 0n) return null;
  return new Decimal(a.minor.toString()).div(b.minor.toString()).toFixed(digits);
}

/**
 * Splits an amount by weights so that the parts sum exactly: largest remainder (Hamilton), ties to the first. The
 * caller orders `weights` by a stable key. Throws `request.malformed` when no weight is positive.
 */
export function allocate(total: Money, weights: readonly Decimal[]): Money[] {
  const sumOfWeights = weights.reduce((acc, weight) => acc.plus(weight), new Decimal(0));
  if (!sumOfWeights.gt(0) || weights.some((weight) => weight.lt(0))) {
    throw new Problem('request.malformed', { detail: 'A split needs weights that are not negative and not all zero.' });
  }
  const magnitude = total.minor < 0n ? -total.minor : total.minor;
  const exact = weights.map((weight) => new Decimal(magnitude.toString()).times(weight).div(sumOfWeights));
  const parts = exact.map((share) => BigInt(share.floor().toFixed(0)));
  let missing = magnitude - parts.reduce((acc, part) => acc + part, 0n);
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share.minus(share.floor()) }))
    .sort((a, b) => b.remainder.comparedTo(a.remainder) || a.index - b.index);
  for (const { index } of byRemainder) {
    if (missing === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    missing -= 1n;
  }
  return parts.map((part) => ({ minor: total.minor < 0n ? -part : part, currency: total.currency }));
}
