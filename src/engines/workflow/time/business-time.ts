import type { BusinessCalendar } from './business-calendar.ts';
import { type Duration, readDuration } from './iso-duration.ts';
import { maxSearchDays, neverOpen, type Opening, openingsFrom, openingsOf } from './openings.ts';
import { dayMs, instantOfWall, wallOfInstant } from './zone-clock.ts';

/** The opening in which an instant lies, or else the next one. */
function openingAt(calendar: BusinessCalendar, instant: number): Opening {
  for (const opening of openingsFrom(calendar, instant)) if (opening.end > instant) return opening;
  throw neverOpen(calendar, instant);
}

/** The instant itself where the calendar is open then, else the next moment at which it opens. */
export function nextOpening(calendar: BusinessCalendar, instant: Date): Date {
  const at = instant.getTime();
  return new Date(Math.max(at, openingAt(calendar, at).start));
}

/**
 * The first moment by which so many milliseconds of opening have gone by; a moment of closing may be one. Throws
 * `rule.violated` where the calendar does not open enough within ten years.
 */
export function addBusinessTime(calendar: BusinessCalendar, instant: Date, openMs: number): Date {
  const from = instant.getTime();
  let left = openMs;
  for (const { start, end } of openingsFrom(calendar, from)) {
    const begin = Math.max(start, from);
    if (left <= end - begin) return new Date(begin + left);
    left -= end - begin;
  }
  throw neverOpen(calendar, from);
}

/** Milliseconds of opening between two instants; negative where the second is the earlier one. */
export function businessTimeBetween(calendar: BusinessCalendar, one: Date, other: Date): number {
  const [from, to] = [one.getTime(), other.getTime()];
  if (to < from) return -businessTimeBetween(calendar, other, one);
  const dayOf = (instant: number) => Math.floor(wallOfInstant(calendar.timeZone, instant) / dayMs);
  let sum = 0;
  for (let day = dayOf(from) - 1; day <= dayOf(to); day++) {
    for (const { start, end } of openingsOf(calendar, day))
      sum += Math.max(0, Math.min(end, to) - Math.max(start, from));
  }
  return sum;
}

/** The same day of a later month, or its last day, and so many weeks after that; days since 1970. */
function addCalendarUnits(day: number, { months, weeks }: Duration): number {
  if (months === 0) return day + weeks * 7;
  const date = new Date(day * dayMs);
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0)).getUTCDate();
  return first / dayMs + Math.min(date.getUTCDate(), length) - 1 + weeks * 7;
}

/** A moment's time of day on another day: kept where the day is open then, else its next opening, else its last closing. */
function sameTimeOn(calendar: BusinessCalendar, day: number, wallMs: number): number {
  const openings = openingsOf(calendar, day);
  const wished = instantOfWall(calendar.timeZone, day * dayMs + wallMs);
  const opening = openings.find(({ end }) => wished <= end);
  return opening ? Math.max(wished, opening.start) : (openings.at(-1)?.end ?? wished);
}

function addDays(calendar: BusinessCalendar, instant: number, duration: Duration): number {
  const opening = openingAt(calendar, instant);
  const wallMs = wallOfInstant(calendar.timeZone, Math.max(instant, opening.start)) - opening.day * dayMs;
  const first = addCalendarUnits(opening.day, duration);
  if (first - opening.day > maxSearchDays) throw neverOpen(calendar, instant);
  let left = duration.days;
  // A day that the calendar units lead to and that is closed gives way to the next one that is open.
  let last = -1;
  for (const found of openingsFrom(calendar, first * dayMs - dayMs)) {
    if (found.day < first || found.day === last) continue;
    last = found.day;
    if (left === 0) return sameTimeOn(calendar, found.day, wallMs);
    left -= 1;
  }
  throw neverOpen(calendar, instant);
}

/**
 * A moment so much later by a business calendar. Years, months and weeks go by the calendar's dates, then days by business
 * days at the same time of day, then hours, minutes and seconds by opening time; a start outside opening hours counts as
 * the next opening. Throws `request.malformed` for what is no ISO 8601 duration, `rule.violated` beyond ten years.
 */
export function addBusinessDuration(calendar: BusinessCalendar, instant: Date, isoDuration: string): Date {
  const duration = readDuration(isoDuration);
  const byDays = duration.months + duration.weeks + duration.days > 0;
  const day = byDays ? new Date(addDays(calendar, instant.getTime(), duration)) : instant;
  return byDays && duration.timeMs === 0 ? day : addBusinessTime(calendar, day, duration.timeMs);
}
