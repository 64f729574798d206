/** Minutes that an IANA time zone is ahead of UTC at an instant. */
function offsetMinutes(instant: Date, timeZone: string): number {
  const name = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(instant)
    .find((part) => part.type === 'timeZoneName')?.value;
  const match = /GMT([+-])(\d{2}):(\d{2})/.exec(name ?? '');
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

/**
 * The instant at which a business date begins in a time zone. Where midnight does not exist (a clock jumps over it),
 * the first instant of that date.
 */
export function instantOf(date: string, timeZone: string): Date {
  const utc = Date.parse(`${date}T00:00:00Z`);
  const first = new Date(utc - offsetMinutes(new Date(utc), timeZone) * 60_000);
  // The offset may differ on the other side of a clock change: settle it at the instant found.
  return new Date(utc - offsetMinutes(first, timeZone) * 60_000);
}
