import {
  FeelNumber,
  type FeelRange,
  type FeelTime,
  type FeelValue,
  isContext,
  isList,
  isNumber,
} from './feel-value.ts';
import { daysDuration } from './time-arithmetic.ts';
import { epochDayOf, offsetSecondsOf, secondNanos } from './time-zone.ts';

const number = (value: number | bigint) => new FeelNumber(String(value));

type Properties<T> = Readonly<Record<string, (value: T) => FeelValue>>;
type Typed = Extract<FeelValue, { readonly type: string }>;

/** ISO: Monday is 1. */
function weekdayOf(date: { year: number; month: number; day: number }): number {
  return ((((epochDayOf(date) + 3) % 7) + 7) % 7) + 1;
}

function timeOffset(time: FeelTime, epochDay: number): FeelValue {
  return time.zone && daysDuration(BigInt(offsetSecondsOf(time.zone, epochDay, time)) * secondNanos);
}

const clock: Properties<FeelTime> = {
  hour: ({ hour }) => number(hour),
  minute: ({ minute }) => number(minute),
  second: ({ second, nanos }) => new FeelNumber(second).plus(new FeelNumber(nanos).div(1e9)),
  timezone: ({ zone }) => (zone && 'name' in zone ? zone.name : null),
};

const ofRange: Properties<FeelRange> = {
  start: ({ low }) => low,
  end: ({ high }) => high,
  'start included': ({ lowClosed }) => lowClosed,
  'end included': ({ highClosed }) => highClosed,
};

const byType: { readonly [T in Typed['type']]: Properties<Extract<Typed, { type: T }>> } = {
  date: {
    year: ({ year }) => number(year),
    month: ({ month }) => number(month),
    day: ({ day }) => number(day),
    weekday: (date) => number(weekdayOf(date)),
  },
  time: { ...clock, 'time offset': (time) => timeOffset(time, 0) },
  'date and time': {
    year: ({ date }) => number(date.year),
    month: ({ date }) => number(date.month),
    day: ({ date }) => number(date.day),
    weekday: ({ date }) => number(weekdayOf(date)),
    hour: ({ time }) => clock.hour!(time),
    minute: ({ time }) => clock.minute!(time),
    second: ({ time }) => clock.second!(time),
    timezone: ({ time }) => clock.timezone!(time),
    'time offset': ({ date, time }) => timeOffset(time, epochDayOf(date)),
  },
  'days and time duration': {
    days: ({ nanos }) => number(nanos / secondNanos / 86_400n),
    hours: ({ nanos }) => number((nanos / secondNanos / 3600n) % 24n),
    minutes: ({ nanos }) => number((nanos / secondNanos / 60n) % 60n),
    seconds: ({ nanos }) => new FeelNumber(String(nanos % (60n * secondNanos))).div(1e9),
  },
  'years and months duration': {
    years: ({ months }) => number(Math.trunc(months / 12)),
    months: ({ months }) => number(months % 12),
  },
  range: ofRange,
  function: {},
};

/** A property of a date, time, duration or range (DMN 1.5 tables 53, 65); undefined where it has none of that name. */
export function feelProperty(value: FeelValue, name: string): FeelValue | undefined {
  if (value === null || typeof value !== 'object' || isList(value) || isContext(value) || isNumber(value))
    return undefined;
  const properties = byType[value.type] as Properties<Typed>;
  return Object.hasOwn(properties, name) ? properties[name]!(value) : undefined;
}
