import type { DaysDuration, FeelDate, FeelDateTime, FeelTime, FeelZone, MonthsDuration } from './feel-value.ts';
import { dateOfEpochDay, epochDayOf, isZoneName, secondNanos } from './time-zone.ts';

/** Any date, time or duration. */
export type FeelTemporal = FeelDate | FeelTime | FeelDateTime | DaysDuration | MonthsDuration;

const datePattern = /^(-?(?:[1-9]\d{4,8}|\d{4}))-(\d{2})-(\d{2})$/;
const timePattern = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2}(?::\d{2})?|@.+)?$/;
const monthsPattern = /^(-)?P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?$/;
const daysPattern = /^(-)?P(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?$/;

/** The largest year that a date may have, before and after the year 0. */
const maxYear = 999_999_999;

/** Days of a month. */
export function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** A date, or null where there is no such day. */
export function makeDate(year: number, month: number, day: number): FeelDate | null {
  if (![year, month, day].every(Number.isInteger) || Math.abs(year) > maxYear) return null;
  if (month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return null;
  return { type: 'date', year, month, day };
}

/** A time, or null where there is none such; `nanos` of the second. */
export function makeTime(
  hour: number,
  minute: number,
  second: number,
  nanos: number,
  zone: FeelZone | null,
): FeelTime | null {
  if (![hour, minute, second].every(Number.isInteger)) return null;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return null;
  return { type: 'time', hour, minute, second, nanos, zone };
}

/** A fixed offset, or null beyond 18 hours. */
export function makeOffset(offsetSeconds: number): FeelZone | null {
  return Math.abs(offsetSeconds) <= 18 * 3600 ? { offsetSeconds } : null;
}

/** `2026-02-28`, or null. */
export function parseDate(text: string): FeelDate | null {
  const match = datePattern.exec(text);
  return match && makeDate(Number(match[1]), Number(match[2]), Number(match[3]));
}

function parseZone(text: string): FeelZone | null {
  if (text === 'Z') return { offsetSeconds: 0 };
  if (text.startsWith('@')) return isZoneName(text.slice(1)) ? { name: text.slice(1) } : null;
  const [hours = 0, minutes = 0, seconds = 0] = text.slice(1).split(':').map(Number);
  if (minutes > 59 || seconds > 59) return null;
  return makeOffset((hours * 3600 + minutes * 60 + seconds) * (text.startsWith('-') ? -1 : 1));
}

/** `10:30:00.5`, with `Z`, `+01:00` or `@Europe/Paris` where it has a zone; or null. */
export function parseTime(text: string): FeelTime | null {
  const match = timePattern.exec(text);
  if (!match) return null;
  const [, hour, minute, second, fraction, zoneText] = match;
  const zone = zoneText === undefined ? null : parseZone(zoneText);
  if (zoneText !== undefined && zone === null) return null;
  return makeTime(Number(hour), Number(minute), Number(second), nanosOfFraction(fraction), zone);
}

/** Digits after the decimal point of a second, as nanoseconds; what is finer is cut off. */
function nanosOfFraction(digits = ''): number {
  return Number(digits.slice(0, 9).padEnd(9, '0'));
}

/** `2026-02-28T10:30:00Z`, or a date alone for its midnight; or null. */
export function parseDateTime(text: string): FeelDateTime | null {
  const at = text.indexOf('T');
  const date = parseDate(at < 0 ? text : text.slice(0, at));
  const clock = text.slice(at + 1);
  if (date && at >= 0 && /^24:00:00(?![.]\d*[1-9])/.test(clock)) return parseDateTime(nextMidnight(date, clock));
  const time = at < 0 ? makeTime(0, 0, 0, 0, null) : parseTime(clock);
  return date && time && { type: 'date and time', date, time };
}

/** ISO 8601 lets a day end at 24:00, which is the next one's midnight. */
function nextMidnight(date: FeelDate, clock: string): string {
  return `${formatTemporal(dateOfEpochDay(epochDayOf(date) + 1))}T${clock.replace('24', '00')}`;
}

/** `P1Y2M`, `P1DT2H3M4.5S`, with `-` before; or null. */
export function parseDuration(text: string): DaysDuration | MonthsDuration | null {
  const inMonths = monthsPattern.exec(text);
  if (inMonths) {
    const months = Number(inMonths[2] ?? 0) * 12 + Number(inMonths[3] ?? 0);
    if (!Number.isSafeInteger(months)) return null;
    return { type: 'years and months duration', months: inMonths[1] ? 0 - months : months };
  }
  const match = daysPattern.exec(text);
  // More digits than any calendar needs, and than a number of nanoseconds should carry.
  if (!match || text.length > 60) return null;
  const [days, hours, minutes, seconds] = [2, 3, 4, 5].map((group) => BigInt(match[group] ?? 0)) as bigint[];
  const total = ((days! * 24n + hours!) * 60n + minutes!) * 60n + seconds!;
  const nanos = total * secondNanos + BigInt(nanosOfFraction(match[6]));
  return { type: 'days and time duration', nanos: match[1] ? -nanos : nanos };
}

/** What `@"…"` stands for: a date, a date and time, a time or a duration; or null. */
export function parseTemporal(text: string): FeelTemporal | null {
  return parseDate(text) ?? (text.includes('T') ? parseDateTime(text) : null) ?? parseTime(text) ?? parseDuration(text);
}

const pad = (value: number, digits = 2) => String(value).padStart(digits, '0');

function formatZone(zone: FeelZone | null): string {
  if (zone === null) return '';
  if ('name' in zone) return `@${zone.name}`;
  if (zone.offsetSeconds === 0) return 'Z';
  const seconds = Math.abs(zone.offsetSeconds);
  const tail = seconds % 60 === 0 ? '' : `:${pad(seconds % 60)}`;
  const sign = zone.offsetSeconds < 0 ? '-' : '+';
  return `${sign}${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}${tail}`;
}

const fraction = (nanos: number) => (nanos === 0 ? '' : `.${pad(nanos, 9).replace(/0+$/, '')}`);

/** The text that `string()` makes of a date, time or duration, which the parsers read back. */
export function formatTemporal(value: FeelTemporal): string {
  switch (value.type) {
    case 'date':
      return `${value.year < 0 ? '-' : ''}${pad(Math.abs(value.year), 4)}-${pad(value.month)}-${pad(value.day)}`;
    case 'time':
      return `${pad(value.hour)}:${pad(value.minute)}:${pad(value.second)}${fraction(value.nanos)}${formatZone(value.zone)}`;
    case 'date and time':
      return `${formatTemporal(value.date)}T${formatTemporal(value.time)}`;
    case 'years and months duration':
      return formatMonths(value.months);
    case 'days and time duration':
      return formatNanos(value.nanos);
  }
}

function formatMonths(months: number): string {
  const size = Math.abs(months);
  const years = Math.floor(size / 12);
  if (size === 0) return 'P0M';
  return `${months < 0 ? '-' : ''}P${years > 0 ? `${years}Y` : ''}${size % 12 > 0 ? `${size % 12}M` : ''}`;
}

function formatNanos(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  if (size === 0n) return 'PT0S';
  const seconds = size / secondNanos;
  const part = (count: bigint, unit: string) => (count > 0n ? `${count}${unit}` : '');
  const second = `${seconds % 60n}${fraction(Number(size % secondNanos))}`;
  const time =
    part((seconds / 3600n) % 24n, 'H') + part((seconds / 60n) % 60n, 'M') + (second === '0' ? '' : `${second}S`);
  return `${nanos < 0n ? '-' : ''}P${part(seconds / 86_400n, 'D')}${time ? `T${time}` : ''}`;
}
