import { zoneOffsetMs } from './zone-offset.ts';

/**
 * The instant at which a business date begins in a time zone. Where midnight does not exist (a clock jumps over it),
 * the first instant of that date.
 */
export function instantOf(date: string, timeZone: string): Date {
  const utc = Date.parse(`${date}T00:00:00Z`);
  const first = utc - zoneOffsetMs(timeZone, utc);
  // The offset may differ on the other side of a clock change: settle it at the instant found.
  return new Date(utc - zoneOffsetMs(timeZone, first));
}
