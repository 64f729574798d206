import { Problem } from '#problem';
import type { TimerRule } from '../definitions/process-model.ts';
import type { BusinessCalendar } from './business-calendar.ts';
import { addBusinessDuration } from './business-time.ts';
import { readDuration } from './iso-duration.ts';
import { instantOfWall } from './zone-clock.ts';

/** When a timer fires, and how it goes on after that. */
export interface Firing {
  at: Date;
  /** The duration from one firing to the next, and how many are left after this one (null: no end); absent where it fires once. */
  again?: { every: string; left: number | null };
}

const local = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?)?$/;

/** A moment as ISO 8601; without an offset it is read on the calendar's wall clock, a date alone as its beginning. */
function readMoment(text: string, timeZone: string): Date {
  const isLocal = local.test(text);
  const ms = Date.parse(isLocal ? `${text.length === 10 ? `${text}T00:00` : text}Z` : text);
  if (Number.isNaN(ms) || !/^\d{4}-/.test(text)) {
    throw new Problem('request.malformed', { detail: `"${text.slice(0, 60)}" is not a date and time (ISO 8601).` });
  }
  return new Date(isLocal ? instantOfWall(timeZone, ms) : ms);
}

/** Between two firings lies a second at least: what repeats at once never ends. */
const shortestPauseMs = 1_000;

function requirePause(every: string): void {
  const { months, weeks, days, timeMs } = readDuration(every);
  if (months + weeks + days === 0 && timeMs < shortestPauseMs) {
    throw new Problem('request.malformed', { detail: `"${every}" is too short to repeat by: a second is the least.` });
  }
}

const repetition = /^(?:R(\d{0,6})\/)?(?:([^/]+)\/)?(P[^/]+)$/;

function firstOfMany(text: string, from: Date, calendar: BusinessCalendar): Firing {
  const match = repetition.exec(text);
  const every = match?.[3];
  if (!every) {
    throw new Problem('request.malformed', {
      detail: `"${text.slice(0, 60)}" does not say how often: write R3/PT4H for three times, R/P1D for every day (ISO 8601).`,
    });
  }
  requirePause(every);
  const times = match[1] ? Number(match[1]) : null;
  const at = match[2] ? readMoment(match[2], calendar.timeZone) : addBusinessDuration(calendar, from, every);
  return { at, again: { every, left: times === null ? null : Math.max(0, times - 1) } };
}

/**
 * When a timer rule first fires, its expressions evaluated, counted from an instant in a business calendar (`alwaysOpen`
 * for plain time). Throws `request.malformed` for what is no ISO 8601, `rule.violated` for a moment beyond ten years.
 */
export function firstFiring(rule: TimerRule, from: Date, calendar: BusinessCalendar): Firing {
  if ('at' in rule) return { at: readMoment(rule.at, calendar.timeZone) };
  if ('after' in rule) return { at: addBusinessDuration(calendar, from, rule.after) };
  return firstOfMany(rule.every, from, calendar);
}
