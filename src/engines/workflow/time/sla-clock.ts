import type { BusinessCalendar } from './business-calendar.ts';
import { addBusinessDuration, addBusinessTime, businessTimeBetween } from './business-time.ts';

/** A clock that counts opening time towards a target, and stands while something waits for others: JSON, moved by the functions here. */
export interface SlaClock {
  /** Code of the business calendar that it counts in. */
  calendar: string;
  /** Opening time that may go by, in milliseconds. */
  targetMs: number;
  /** Opening time that went by until it last stood still. */
  elapsedMs: number;
  /** Since when it runs, an ISO instant; null while it stands. */
  runningSince: string | null;
}

/** Starts a clock. The target is an ISO 8601 duration, turned into opening time once: a later change of holidays moves the moment, not the budget. */
export function startSla(calendar: BusinessCalendar, target: string, at: Date): SlaClock {
  const due = addBusinessDuration(calendar, at, target);
  return {
    calendar: calendar.code,
    targetMs: businessTimeBetween(calendar, at, due),
    elapsedMs: 0,
    runningSince: at.toISOString(),
  };
}

/** Opening time that went by on a clock until an instant, in milliseconds; never less than it had when it last stood. */
export function elapsedMsOf(calendar: BusinessCalendar, clock: SlaClock, at: Date): number {
  if (clock.runningSince === null) return clock.elapsedMs;
  return clock.elapsedMs + Math.max(0, businessTimeBetween(calendar, new Date(clock.runningSince), at));
}

/** Lets a clock stand; one that stands already is answered as it is. */
export function pauseSla(calendar: BusinessCalendar, clock: SlaClock, at: Date): SlaClock {
  if (clock.runningSince === null) return clock;
  return { ...clock, elapsedMs: elapsedMsOf(calendar, clock, at), runningSince: null };
}

/** Lets a clock go on; one that runs already is answered as it is. */
export function resumeSla(clock: SlaClock, at: Date): SlaClock {
  return clock.runningSince === null ? { ...clock, runningSince: at.toISOString() } : clock;
}

/** The moment at which a clock reaches its target if it goes on running; null while it stands. */
export function slaDueAt(calendar: BusinessCalendar, clock: SlaClock): Date | null {
  if (clock.runningSince === null) return null;
  return addBusinessTime(calendar, new Date(clock.runningSince), Math.max(0, clock.targetMs - clock.elapsedMs));
}
