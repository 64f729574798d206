import type { Decimal } from '#money';
import { type FeelRun, stepsOfSeries } from './feel-run.ts';
import {
  type FeelDate,
  type FeelDateTime,
  FeelNumber,
  type FeelValue,
  finite,
  isContext,
  isList,
  isNumber,
  typeNameOf,
} from './feel-value.ts';
import {
  addDays,
  addMonths,
  addNanos,
  daysDuration,
  instantOf,
  instantOfTime,
  midnightOf,
  monthsDuration,
  turnTime,
} from './time-arithmetic.ts';
import { dayNanos } from './time-zone.ts';

type Typed = Extract<FeelValue, { readonly type: string }>;

function isTyped(value: FeelValue): value is Typed {
  return value !== null && typeof value === 'object' && !isList(value) && !isContext(value) && !isNumber(value);
}

function undefinedFor(operator: string, a: FeelValue, b: FeelValue, run: FeelRun): null {
  return run.nothing(`${typeNameOf(a)} ${operator} ${typeNameOf(b)} is not defined.`);
}

const outOfRange = (run: FeelRun) => run.nothing('A result is out of range.');

function ofNumber(value: Decimal, run: FeelRun): FeelValue {
  return finite(value) ?? outOfRange(run);
}

/** a + b: numbers, strings, durations, and a duration after a date or time (DMN 1.5 tables 45, 46). */
export function add(a: FeelValue, b: FeelValue, run: FeelRun): FeelValue {
  if (isNumber(a) && isNumber(b)) return ofNumber(a.plus(b), run);
  if (typeof a === 'string' && typeof b === 'string') return run.text(a + b);
  if (isTyped(a) && isTyped(b)) {
    const sum = isDuration(b) ? later(a, b, 1) : isDuration(a) ? later(b, a, 1) : undefined;
    if (sum !== undefined) return sum ?? outOfRange(run);
  }
  return undefinedFor('+', a, b, run);
}

/** a − b: numbers, durations, a duration before a date or time, the time between two of them. */
export function subtract(a: FeelValue, b: FeelValue, run: FeelRun): FeelValue {
  if (isNumber(a) && isNumber(b)) return ofNumber(a.minus(b), run);
  if (isTyped(a) && isTyped(b)) {
    const difference = isDuration(b) ? later(a, b, -1) : elapsed(b, a);
    if (difference !== undefined) return difference ?? outOfRange(run);
  }
  return undefinedFor('-', a, b, run);
}

type Duration = Extract<Typed, { type: 'days and time duration' | 'years and months duration' }>;

function isDuration(value: Typed): value is Duration {
  return value.type === 'days and time duration' || value.type === 'years and months duration';
}

/** `value` plus or minus a duration; null out of range, undefined where there is no such sum. */
function later(value: Typed, duration: Duration, sign: 1 | -1): FeelValue | undefined {
  if (duration.type === 'years and months duration') {
    const months = duration.months * sign;
    if (value.type === 'years and months duration') return monthsDuration(value.months + months);
    if (value.type === 'date') return addMonths(value, months);
    if (value.type !== 'date and time') return undefined;
    const date = addMonths(value.date, months);
    return date && { ...value, date };
  }
  const nanos = duration.nanos * BigInt(sign);
  switch (value.type) {
    case 'days and time duration':
      return daysDuration(value.nanos + nanos);
    case 'time':
      return turnTime(value, nanos);
    case 'date and time':
      return addNanos(value, nanos);
    case 'date':
      return wholeDays(value, nanos);
    default:
      return undefined;
  }
}

/** A date is its midnight; the time of day that the sum falls on is cut off. */
function wholeDays(date: FeelDate, nanos: bigint): FeelValue {
  const days = nanos / dayNanos - (nanos % dayNanos < 0n ? 1n : 0n);
  return addDays(date, days);
}

/** From one date, time, or date and time to another; undefined where one has a zone and the other none. */
function elapsed(from: Typed, to: Typed): FeelValue | undefined {
  if (from.type === 'time' && to.type === 'time') {
    if ((from.zone === null) !== (to.zone === null)) return undefined;
    return daysDuration(instantOfTime(to) - instantOfTime(from));
  }
  const start = momentOf(from);
  const end = momentOf(to);
  if (!start || !end || (start.time.zone === null) !== (end.time.zone === null)) return undefined;
  return daysDuration(instantOf(end) - instantOf(start));
}

function momentOf(value: Typed): FeelDateTime | null {
  return value.type === 'date and time' ? value : value.type === 'date' ? midnightOf(value) : null;
}

/** a × b: numbers, and a duration by a number. */
export function multiply(a: FeelValue, b: FeelValue, run: FeelRun): FeelValue {
  if (isNumber(a) && isNumber(b)) return ofNumber(a.times(b), run);
  const scaled =
    isTyped(a) && isNumber(b) ? scale(a, b, run) : isNumber(a) && isTyped(b) ? scale(b, a, run) : undefined;
  return scaled === undefined ? undefinedFor('*', a, b, run) : scaled;
}

/** a ÷ b: numbers, a duration by a number, a duration by a duration. By zero there is no answer. */
export function divide(a: FeelValue, b: FeelValue, run: FeelRun): FeelValue {
  if (isNumber(b) && b.isZero()) return run.nothing('Nothing can be divided by zero.');
  if (isNumber(a) && isNumber(b)) return ofNumber(a.div(b), run);
  if (isTyped(a) && isNumber(b)) {
    const part = isDuration(a) ? scale(a, b, run, 'divided') : undefined;
    if (part !== undefined) return part;
  }
  if (isTyped(a) && isTyped(b) && isDuration(a) && a.type === b.type) {
    const divisor = sizeOf(b as Duration);
    return divisor.isZero() ? run.nothing('Nothing can be divided by zero.') : sizeOf(a).div(divisor);
  }
  return undefinedFor('/', a, b, run);
}

function sizeOf(duration: Duration): Decimal {
  return new FeelNumber(duration.type === 'years and months duration' ? duration.months : String(duration.nanos));
}

function scale(
  value: Typed,
  factor: Decimal,
  run: FeelRun,
  how: 'multiplied' | 'divided' = 'multiplied',
): FeelValue | undefined {
  if (!isDuration(value)) return undefined;
  const size = sizeOf(value);
  const scaled = (how === 'multiplied' ? size.times(factor) : size.div(factor)).trunc();
  // A duration of more than 60 digits of nanoseconds is a mistake, not a time.
  if (!scaled.isFinite() || scaled.e > 60) return outOfRange(run);
  if (value.type === 'years and months duration') return monthsDuration(scaled.toNumber()) ?? outOfRange(run);
  return daysDuration(BigInt(scaled.toFixed(0)));
}

/** a to the power of b, both numbers. */
export function power(a: FeelValue, b: FeelValue, run: FeelRun): FeelValue {
  if (!isNumber(a) || !isNumber(b)) return undefinedFor('**', a, b, run);
  run.step(stepsOfSeries);
  return ofNumber(a.pow(b), run);
}

/** −a: a number or a duration. */
export function negate(value: FeelValue, run: FeelRun): FeelValue {
  if (isNumber(value)) return value.negated();
  if (isTyped(value) && value.type === 'days and time duration') return daysDuration(-value.nanos);
  if (isTyped(value) && value.type === 'years and months duration') return monthsDuration(0 - value.months);
  return run.nothing(`A ${typeNameOf(value)} has no negative.`);
}
