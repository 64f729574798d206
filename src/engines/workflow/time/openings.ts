import { Problem } from '#problem';
import { type BusinessCalendar, type Hours, weekdays } from './business-calendar.ts';
import { dayMs, instantOfWall, wallOfInstant } from './zone-clock.ts';

/** A time of opening: instants in milliseconds since 1970, the end outside, and the day (since 1970) whose hours it is. */
export interface Opening {
  day: number;
  start: number;
  end: number;
}

/** Milliseconds of the wall clock since a day's midnight; the end may lie on the next day. */
type Span = readonly [from: number, to: number];

interface ReadyCalendar {
  /** By weekday from Monday on; the last whose day has come holds. */
  weeks: readonly { fromDay: number; days: readonly (readonly Span[])[] }[];
  special: ReadonlyMap<number, readonly Span[] | 'half'>;
}

/** Due moments and searches end this far off: ten years without an opening are no calendar to work by. */
export const maxSearchDays = 3_660;

/** A date as days since 1970. */
export const dayOfDate = (date: string): number => Date.parse(`${date}T00:00:00Z`) / dayMs;

const minuteMs = 60_000;
const ofClock = (time: string) => (Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))) * minuteMs;

/** Hours as spans, in the order of the day. */
export function spansOf(hours: readonly Hours[]): Span[] {
  return hours
    .map(({ from, to }): Span => {
      const [start, end] = [ofClock(from), ofClock(to)];
      return [start, end <= start ? end + dayMs : end];
    })
    .sort((a, b) => a[0] - b[0]);
}

function firstHalf(spans: readonly Span[]): Span[] {
  let left = spans.reduce((sum, [from, to]) => sum + to - from, 0) / 2;
  const kept: Span[] = [];
  for (const [from, to] of spans) {
    if (left <= 0) break;
    kept.push([from, Math.min(to, from + left)]);
    left -= to - from;
  }
  return kept;
}

function makeReady(calendar: BusinessCalendar): ReadyCalendar {
  const weeks = calendar.weeks
    .map(({ from, hours }) => ({
      fromDay: dayOfDate(from),
      days: weekdays.map((weekday) => spansOf(hours[weekday] ?? [])),
    }))
    .sort((a, b) => a.fromDay - b.fromDay);
  const special = calendar.days.map(
    ({ date, hours }) =>
      [dayOfDate(date), hours === 'half' ? hours : spansOf(hours === 'closed' ? [] : hours)] as const,
  );
  return { weeks, special: new Map(special) };
}

/** Calendars are data that nobody changes in place: what is derived from one lives as long as it does. */
const readyCalendars = new WeakMap<BusinessCalendar, ReadyCalendar>();

function spansOn(calendar: BusinessCalendar, day: number): readonly Span[] {
  let ready = readyCalendars.get(calendar);
  if (!ready) {
    ready = makeReady(calendar);
    readyCalendars.set(calendar, ready);
  }
  const special = ready.special.get(day);
  if (special && special !== 'half') return special;
  const week = ready.weeks.findLast(({ fromDay }) => fromDay <= day) ?? ready.weeks[0];
  // 1970-01-01 was a Thursday.
  const spans = week?.days[(((day + 3) % 7) + 7) % 7] ?? [];
  return special === 'half' ? firstHalf(spans) : spans;
}

const instantOn = (calendar: BusinessCalendar, day: number, wallMs: number) =>
  instantOfWall(calendar.timeZone, day * dayMs + wallMs);

/** The openings of a day, in order. A night shift of the day before goes first: what it covers is not counted twice. */
export function openingsOf(calendar: BusinessCalendar, day: number): Opening[] {
  const night = spansOn(calendar, day - 1).at(-1);
  let free = night && night[1] > dayMs ? instantOn(calendar, day - 1, night[1]) : Number.NEGATIVE_INFINITY;
  const openings: Opening[] = [];
  for (const [from, to] of spansOn(calendar, day)) {
    const start = Math.max(free, instantOn(calendar, day, from));
    const end = instantOn(calendar, day, to);
    if (end <= start) continue;
    openings.push({ day, start, end });
    free = end;
  }
  return openings;
}

/** Says that a calendar gives no moment where one was looked for. */
export function neverOpen({ name }: BusinessCalendar, from: number): Problem {
  return new Problem('rule.violated', {
    detail: `The business calendar "${name}" does not come to the moment asked for within ten years after ${new Date(from).toISOString()}.`,
  });
}

/**
 * Openings that end at or after an instant, in order, for ten years. A caller that comes to the end throws
 * {@link neverOpen}.
 */
export function* openingsFrom(calendar: BusinessCalendar, instant: number): Generator<Opening> {
  // The shift of the day before may last until now.
  const first = Math.floor(wallOfInstant(calendar.timeZone, instant) / dayMs) - 1;
  for (let day = first; day <= first + maxSearchDays; day++) {
    for (const opening of openingsOf(calendar, day)) if (opening.end >= instant) yield opening;
  }
}
