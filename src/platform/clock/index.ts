export { instantOf } from './instant-of.ts';
export { zoneOffsetMs } from './zone-offset.ts';

/** A source of time. Everything that asks for the time asks this, so that tests and replays can set it. */
export interface Clock {
  /** The current instant. */
  now(): Date;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands still until it is set: for tests and replays. */
export function fixedClock(start: string): Clock & { set(instant: string): void } {
  let at = new Date(start);
  return {
    now: () => new Date(at),
    set: (instant) => {
      at = new Date(instant);
    },
  };
}

/** A clock that runs with the machine's but starts at another instant: lets a journey live through a promotion. */
export function movableClock(base: Clock = systemClock): Clock & { advanceDays(days: number): void } {
  let offsetMs = 0;
  return {
    now: () => new Date(base.now().getTime() + offsetMs),
    advanceDays: (days) => {
      offsetMs += days * 86_400_000;
    },
  };
}

/** Making a formatter costs a hundred times its use; there are a few hundred time zones at most. */
const dateFormats = new Map<string, Intl.DateTimeFormat>();

/** The business date (`YYYY-MM-DD`) that `clock` shows in an IANA time zone. */
export function todayIn(clock: Clock, timeZone: string): string {
  let format = dateFormats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    dateFormats.set(timeZone, format);
  }
  return format.format(clock.now());
}
