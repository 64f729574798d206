import { daysOfMonth, makeDate } from './feel-time.ts';
import type { DaysDuration, FeelDate, FeelDateTime, FeelTime, MonthsDuration } from './feel-value.ts';
import {
  dateOfEpochDay,
  dayNanos,
  epochDayOf,
  nanosOfDay,
  offsetSecondsOf,
  secondNanos,
  timeOfNanos,
} from './time-zone.ts';

/** Beyond this many days no date has a year that FEEL can write. */
const maxEpochDays = 370_000_000_000n;

/** A days and time duration of so many nanoseconds. */
export function daysDuration(nanos: bigint): DaysDuration {
  return { type: 'days and time duration', nanos };
}

/** A years and months duration, or null where the months cannot be counted exactly. */
export function monthsDuration(months: number): MonthsDuration | null {
  return Number.isSafeInteger(months) ? { type: 'years and months duration', months: months + 0 } : null;
}

/** Midnight of a day, in UTC: what a date is where a date and time is asked for (DMN 1.5 § 10.3.2.3.5). */
export function midnightOf(date: FeelDate): FeelDateTime {
  return {
    type: 'date and time',
    date,
    time: { type: 'time', hour: 0, minute: 0, second: 0, nanos: 0, zone: { offsetSeconds: 0 } },
  };
}

/** Nanoseconds since 1970 in UTC; a local date and time counts as if in UTC. */
export function instantOf(value: FeelDateTime): bigint {
  const day = epochDayOf(value.date);
  const offset = value.time.zone ? offsetSecondsOf(value.time.zone, day, value.time) : 0;
  return BigInt(day) * dayNanos + nanosOfDay(value.time) - BigInt(offset) * secondNanos;
}

/** Nanoseconds since midnight in UTC, which a zone may put before or after the day; a local time counts as in UTC. */
export function instantOfTime(time: FeelTime): bigint {
  const offset = time.zone ? offsetSecondsOf(time.zone, 0, time) : 0;
  return nanosOfDay(time) - BigInt(offset) * secondNanos;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

/** A date so many days later, or null beyond the calendar. */
export function addDays(date: FeelDate, days: bigint): FeelDate | null {
  if (days > maxEpochDays * 2n || days < -maxEpochDays * 2n) return null;
  const { year, month, day } = dateOfEpochDay(epochDayOf(date) + Number(days));
  return makeDate(year, month, day);
}

/** A date and time so much later on its own clock, or null beyond the calendar. */
export function addNanos(value: FeelDateTime, nanos: bigint): FeelDateTime | null {
  const total = nanosOfDay(value.time) + nanos;
  const days = floorDivide(total, dayNanos);
  const date = addDays(value.date, days);
  return date && { ...value, date, time: timeOfNanos(total - days * dayNanos, value.time.zone) };
}

/** A date so many months later; a day that the month lacks becomes its last. Null beyond the calendar. */
export function addMonths(date: FeelDate, months: number): FeelDate | null {
  const total = date.year * 12 + (date.month - 1) + months;
  const year = Math.floor(total / 12);
  const month = total - year * 12 + 1;
  return makeDate(year, month, Math.min(date.day, daysOfMonth(year, month)));
}

/** A time so much later, around the clock. */
export function turnTime(time: FeelTime, nanos: bigint): FeelTime {
  const total = nanosOfDay(time) + nanos;
  return timeOfNanos(total - floorDivide(total, dayNanos) * dayNanos, time.zone);
}

/** Whole months from one date to another, negative where the second is earlier. */
export function monthsBetween(from: FeelDate, to: FeelDate): number {
  const months = (to.year - from.year) * 12 + to.month - from.month;
  if (months > 0 && to.day < from.day) return months - 1;
  if (months < 0 && to.day > from.day) return months + 1;
  return months;
}

/** A duration without its sign. */
export function absolute(duration: DaysDuration | MonthsDuration): DaysDuration | MonthsDuration {
  if (duration.type === 'years and months duration') return { ...duration, months: Math.abs(duration.months) };
  return { ...duration, nanos: duration.nanos < 0n ? -duration.nanos : duration.nanos };
}
