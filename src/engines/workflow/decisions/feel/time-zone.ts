import type { FeelDate, FeelTime, FeelZone } from './feel-value.ts';

/** Nanoseconds of a second. */
export const secondNanos = 1_000_000_000n;
/** Nanoseconds of a day. */
export const dayNanos = 86_400n * secondNanos;

/** What a Date can hold, in days before and after 1970; the zones' rules beyond are those at its ends. */
const dateRangeDays = 99_000_000;

const formatters = new Map<string, Intl.DateTimeFormat | null>();
/** The database knows some 600 names; whatever else is asked for is not kept beyond this. */
const maxFormatters = 1_000;

function formatterOf(name: string): Intl.DateTimeFormat | null {
  const known = formatters.get(name);
  if (known !== undefined) return known;
  if (formatters.size >= maxFormatters) formatters.clear();
  let formatter: Intl.DateTimeFormat | null = null;
  try {
    formatter = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  } catch (error) {
    // RangeError is how Intl says that it knows no such zone.
    if (!(error instanceof RangeError)) throw error;
  }
  formatters.set(name, formatter);
  return formatter;
}

/** Whether the IANA database knows the zone. */
export function isZoneName(name: string): boolean {
  return formatterOf(name) !== null;
}

/** Seconds east of UTC that a named zone stands at, at a moment in milliseconds of UTC. */
function offsetAt(name: string, epochMs: number): number {
  const parts = formatterOf(name)?.formatToParts(epochMs) ?? [];
  const text = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const match = /^GMT(?:([+-])(\d{1,2}):?(\d{2})?(?::(\d{2}))?)?$/.exec(text);
  if (!match?.[1]) return 0;
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  return match[1] === '-' ? -seconds : seconds;
}

/** Days since 1970-01-01 of the proleptic Gregorian calendar (Hinnant, days_from_civil). */
export function epochDayOf({ year, month, day }: Pick<FeelDate, 'year' | 'month' | 'day'>): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The day that is so many days after 1970-01-01 (Hinnant, civil_from_days). */
export function dateOfEpochDay(epochDay: number): FeelDate {
  const z = epochDay + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  return { type: 'date', year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** Seconds east of UTC of a zone, for a local time on a day. */
export function offsetSecondsOf(zone: FeelZone, epochDay: number, time: FeelTime): number {
  if ('offsetSeconds' in zone) return zone.offsetSeconds;
  const day = Math.max(-dateRangeDays, Math.min(dateRangeDays, epochDay));
  const localMs = day * 86_400_000 + (time.hour * 3600 + time.minute * 60 + time.second) * 1000;
  // The offset depends on the moment, which depends on the offset: the second guess is right except within a gap, where
  // either answer is one.
  const guess = offsetAt(zone.name, localMs);
  return offsetAt(zone.name, localMs - guess * 1000);
}

/** Nanoseconds since midnight. */
export function nanosOfDay(time: FeelTime): bigint {
  return BigInt(time.hour * 3600 + time.minute * 60 + time.second) * secondNanos + BigInt(time.nanos);
}

/** The time of day so many nanoseconds after midnight (0 ≤ nanos < a day). */
export function timeOfNanos(nanos: bigint, zone: FeelZone | null): FeelTime {
  const seconds = Number(nanos / secondNanos);
  return {
    type: 'time',
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    nanos: Number(nanos % secondNanos),
    zone,
  };
}
