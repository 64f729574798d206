import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { notFound } from '#problem';
import {
  alwaysOpen,
  alwaysOpenCode,
  type BusinessCalendar,
  defaultCalendar,
  defaultCalendarCode,
} from './business-calendar.ts';

type Tx = TenantTx<Context>;

/** A calendar with its version; 0: the product's own, which the tenant has not changed. */
export interface StoredCalendar {
  calendar: BusinessCalendar;
  version: number;
}

const columns = sql`body as calendar, version`;

const unwritten = (tx: Tx): StoredCalendar => ({ calendar: defaultCalendar(tx.context.tenant.timeZone), version: 0 });

/** The tenant's calendars by code, the default one among them. */
export async function listCalendars(tx: Tx): Promise<StoredCalendar[]> {
  const rows = await tx.many<StoredCalendar>(sql`select ${columns} from workflow.calendar order by code`);
  if (rows.some(({ calendar }) => calendar.code === defaultCalendarCode)) return rows;
  return [unwritten(tx), ...rows];
}

/** A calendar to change, locked where it is written already; undefined where there is none of the code. */
export async function lockCalendar(tx: Tx, code: string): Promise<StoredCalendar | undefined> {
  const found = await tx.maybe<StoredCalendar>(
    sql`select ${columns} from workflow.calendar where code = ${code} for update`,
  );
  return found ?? (code === defaultCalendarCode ? unwritten(tx) : undefined);
}

/** Writes a calendar in the place of the version before (0: there is none); answers its id, or undefined where another is there by now. */
export async function writeCalendar(tx: Tx, { calendar, version }: StoredCalendar): Promise<string | undefined> {
  const { tenant, clock } = tx.context;
  const written = await tx.maybe<{ id: string }>(sql`
    insert into workflow.calendar (tenant_id, id, code, body, version, changed_at)
      values (${tenant.id}, ${tx.context.newId()}, ${calendar.code}, ${JSON.stringify(calendar)}, ${version}, ${clock.now()})
    on conflict (tenant_id, code) do update
      set body = excluded.body, version = excluded.version, changed_at = excluded.changed_at
      where calendar.version = excluded.version - 1
    returning id`);
  return written?.id;
}

/**
 * The calendar that a process counts in: one of the tenant's, or `always` for plain time in the tenant's zone. Throws
 * `not_found`.
 */
export async function calendarOf(tx: Tx, code: string): Promise<BusinessCalendar> {
  if (code === alwaysOpenCode) return alwaysOpen(tx.context.tenant.timeZone);
  const found = await tx.maybe<StoredCalendar>(sql`select ${columns} from workflow.calendar where code = ${code}`);
  if (found) return found.calendar;
  return code === defaultCalendarCode ? unwritten(tx).calendar : notFound('business calendar', code);
}
