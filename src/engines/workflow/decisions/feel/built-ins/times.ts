import type { Decimal } from '#money';
import type { BuiltInTable } from '../built-in.ts';
import type { FeelRun } from '../feel-run.ts';
import { makeDate, makeOffset, makeTime, parseDate, parseDateTime, parseDuration, parseTime } from '../feel-time.ts';
import { type DaysDuration, type FeelDate, FeelNumber, type FeelTime, type FeelValue } from '../feel-value.ts';
import { addDays, midnightOf, monthsBetween, monthsDuration } from '../time-arithmetic.ts';
import { epochDayOf, isZoneName, secondNanos } from '../time-zone.ts';

const monthNames = 'January February March April May June July August September October November December'.split(' ');
const dayNames = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');

const number = (value: number) => new FeelNumber(value);
const known = (value: FeelValue, text: string, run: FeelRun) =>
  value ?? run.nothing(`"${text.slice(0, 60)}" is no such date, time or duration.`);

const weekday = (date: FeelDate) => (((epochDayOf(date) + 3) % 7) + 7) % 7;
const dayOfYear = (date: FeelDate) => epochDayOf(date) - epochDayOf({ year: date.year, month: 1, day: 1 }) + 1;

/** ISO 8601: the week that holds the year's first Thursday is its first. */
function weekOfYear(date: FeelDate): number {
  const thursday = addDays(date, BigInt(3 - weekday(date)))!;
  return Math.ceil(dayOfYear(thursday) / 7);
}

function timeOf(hour: Decimal, minute: Decimal, second: Decimal, offset: DaysDuration | null, run: FeelRun): FeelValue {
  const whole = second.floor();
  const nanos = second.minus(whole).times(1e9).trunc().toNumber();
  const zone = offset && makeOffset(Number(offset.nanos / secondNanos));
  if (offset && !zone) return run.nothing('No place is so far from Greenwich.');
  const time = makeTime(hour.toNumber(), minute.toNumber(), whole.toNumber(), nanos, zone);
  return time ?? run.nothing('There is no such time.');
}

function inZone(date: FeelDate, time: FeelTime, timezone: string, run: FeelRun): FeelValue {
  if (!isZoneName(timezone)) return run.nothing('There is no such zone.');
  return { type: 'date and time', date, time: { ...time, zone: { name: timezone } } };
}

function between(from: FeelDate, to: FeelDate): FeelValue {
  return monthsDuration(monthsBetween(from, to));
}

function nowOf(run: FeelRun): FeelValue {
  return parseDateTime(run.now.toISOString());
}

/** One function of the parts of a date, for dates and for dates with times. */
function ofDate(body: (date: FeelDate) => FeelValue): BuiltInTable[string] {
  return [
    ['date: date', ([date]) => body(date)],
    ['date: date and time', ([moment]) => body(moment.date)],
  ];
}

/** Functions that make dates, times and durations, and tell about them (DMN 1.5 tables 74, 81, 82). */
export const timeFunctions: BuiltInTable = {
  date: [
    ['from: string', ([from], run) => known(parseDate(from), from, run)],
    ['from: date', ([from]) => from],
    ['from: date and time', ([from]) => from.date],
    [
      'year: number, month: number, day: number',
      ([year, month, day], run) =>
        makeDate(year.toNumber(), month.toNumber(), day.toNumber()) ?? run.nothing('There is no such day.'),
    ],
  ],
  time: [
    ['from: string', ([from], run) => known(parseTime(from), from, run)],
    ['from: time', ([from]) => from],
    ['from: date', ([from]) => midnightOf(from).time],
    ['from: date and time', ([from]) => from.time],
    [
      'hour: number, minute: number, second: number, offset?: days and time duration|null',
      ([hour, minute, second, offset], run) => timeOf(hour, minute, second, offset ?? null, run),
    ],
  ],
  'date and time': [
    ['from: string', ([from], run) => known(parseDateTime(from), from, run)],
    ['date: date, time: time', ([date, time]) => ({ type: 'date and time', date, time })],
    ['date: date and time, time: time', ([moment, time]) => ({ type: 'date and time', date: moment.date, time })],
    [
      'date: date and time, timezone: string',
      ([moment, timezone], run) => inZone(moment.date, moment.time, timezone, run),
    ],
    ['from: date and time', ([from]) => from],
  ],
  duration: [
    ['from: string', ([from], run) => known(parseDuration(from), from, run)],
    ['from: days and time duration', ([from]) => from],
    ['from: years and months duration', ([from]) => from],
  ],
  'years and months duration': [
    ['from: date, to: date', ([from, to]) => between(from, to)],
    ['from: date and time, to: date and time', ([from, to]) => between(from.date, to.date)],
  ],
  'day of year': ofDate((date) => number(dayOfYear(date))),
  'day of week': ofDate((date) => dayNames[weekday(date)]!),
  'month of year': ofDate((date) => monthNames[date.month - 1]!),
  'week of year': ofDate((date) => number(weekOfYear(date))),
  now: [['', (_, run) => nowOf(run)]],
  today: [['', (_, run) => parseDate(run.now.toISOString().slice(0, 10))]],
};
