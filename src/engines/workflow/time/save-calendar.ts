import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import type { BusinessCalendar, SpecialDay } from './business-calendar.ts';
import { lockCalendar, type StoredCalendar, writeCalendar } from './calendar-store.ts';
import { checkCalendar } from './check-calendar.ts';
import { mergeDays, readHolidayLines } from './holiday-lines.ts';

/** What the trail shows of a calendar: all of its hours, and of its days those that the other one has not. */
function shown({ name, timeZone, weeks, days }: BusinessCalendar, other: BusinessCalendar | undefined): object {
  const known = new Set(other?.days.map((day) => JSON.stringify(day)));
  const isNew = (day: SpecialDay) => !known.has(JSON.stringify(day));
  return { name, timeZone, weeks, days: days.filter(isNew) };
}

async function write(
  tx: TenantTx<Context>,
  calendar: BusinessCalendar,
  before: StoredCalendar | undefined,
): Promise<StoredCalendar> {
  const errors = checkCalendar(calendar);
  if (errors.length > 0) throw new Problem('request.malformed', { errors });
  const after = { calendar, version: (before?.version ?? 0) + 1 };
  const id = (await writeCalendar(tx, after)) ?? otherVersion();
  await recordAudit(tx, {
    ...{ action: 'calendar.changed', entityType: 'business_calendar', entityId: calendar.code },
    ...(before ? { before: shown(before.calendar, calendar) } : {}),
    after: shown(calendar, before?.calendar),
  });
  await emit(tx, {
    ...{ type: 'workflow.calendar.changed', subjectType: 'business_calendar', subjectId: id },
    data: { code: calendar.code, version: after.version },
  });
  return after;
}

function otherVersion(): never {
  throw new Problem('version.conflict');
}

/**
 * Writes a business calendar, new or in the place of the one with its code. Tasks that are due already keep their moment;
 * clocks that go on after standing are counted anew. Throws `request.malformed` where it contradicts itself,
 * `version.conflict`.
 */
export function saveCalendar(
  context: Context,
  calendar: BusinessCalendar,
  ifMatch: number | undefined,
): Promise<StoredCalendar> {
  return context.db.transact(context, async (tx) => {
    const before = await lockCalendar(tx, calendar.code);
    if (ifMatch !== undefined && ifMatch !== (before?.version ?? 0)) otherVersion();
    return write(tx, calendar, before);
  });
}

/** Adds days to a calendar from lines (see `readHolidayLines`). Throws as {@link saveCalendar}, and `not_found`. */
export function importHolidays(
  context: Context,
  { code, lines }: { code: string; lines: string },
  ifMatch: number | undefined,
): Promise<StoredCalendar> {
  const days = readHolidayLines(lines);
  return context.db.transact(context, async (tx) => {
    const before = (await lockCalendar(tx, code)) ?? notFound('business calendar', code);
    if (ifMatch !== undefined && ifMatch !== before.version) otherVersion();
    return write(tx, { ...before.calendar, days: mergeDays(before.calendar.days, days) }, before);
  });
}
