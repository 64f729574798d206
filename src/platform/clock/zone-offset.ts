/** Making a formatter costs a hundred times its use; there are a few hundred time zones at most. */
const formats = new Map<string, Intl.DateTimeFormat>();
/** Per zone: the offset that holds for a whole UTC day, or null for a day on which a clock changes. */
const offsetsByDay = new Map<string, Map<number, number | null>>();
/** Days kept per zone, about twenty years; beyond it they are looked up afresh. */
const maxDays = 8_000;
const dayMs = 86_400_000;

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    formats.set(timeZone, format);
  }
  return format;
}

function lookUp(timeZone: string, epochMs: number): number {
  const name = formatOf(timeZone)
    .formatToParts(epochMs)
    .find((part) => part.type === 'timeZoneName')?.value;
  const match = /^GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name ?? '');
  if (!match) return 0;
  const ms = (Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0)) * 1000;
  return match[1] === '-' ? -ms : ms;
}

/**
 * Milliseconds that an IANA time zone is ahead of UTC at an instant (milliseconds since 1970). Throws a RangeError for a
 * zone that nobody knows.
 */
export function zoneOffsetMs(timeZone: string, epochMs: number): number {
  let days = offsetsByDay.get(timeZone);
  if (!days) {
    days = new Map();
    offsetsByDay.set(timeZone, days);
  }
  const day = Math.floor(epochMs / dayMs);
  let offset = days.get(day);
  if (offset === undefined) {
    const [first, last] = [lookUp(timeZone, day * dayMs), lookUp(timeZone, (day + 1) * dayMs - 1)];
    offset = first === last ? first : null;
    if (days.size >= maxDays) days.clear();
    days.set(day, offset);
  }
  return offset ?? lookUp(timeZone, epochMs);
}
