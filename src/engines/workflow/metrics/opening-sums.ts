import type { BusinessCalendar } from '../time/business-calendar.ts';
import { openingsOf } from '../time/openings.ts';
import { dayMs, wallOfInstant } from '../time/zone-clock.ts';

/**
 * A calendar's openings as three columns of milliseconds, so that the database counts business time by one binary search: when
 * each begins (since 1970), how long it lasts, and how much opening there was before it.
 */
export interface OpeningSums {
  starts: number[];
  lengths: number[];
  before: number[];
}

/** The openings of a calendar that touch a span of time. */
export function openingSums(calendar: BusinessCalendar, from: Date, to: Date): OpeningSums {
  const dayOf = (instant: Date) => Math.floor(wallOfInstant(calendar.timeZone, instant.getTime()) / dayMs);
  const sums: OpeningSums = { starts: [], lengths: [], before: [] };
  let before = 0;
  // The shift of the day before may last into the span.
  for (let day = dayOf(from) - 1; day <= dayOf(to); day++) {
    for (const { start, end } of openingsOf(calendar, day)) {
      sums.starts.push(start);
      sums.lengths.push(end - start);
      sums.before.push(before);
      before += end - start;
    }
  }
  return sums;
}
