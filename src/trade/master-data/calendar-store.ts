import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, sql, type TenantTx } from '#db';
import { addDays, type FiscalRule, type FiscalWeek } from '#fiscal-calendar';
import { Problem } from '#problem';

/** A fiscal calendar: a table of weeks; one of a tenant's calendars is the default. */
export interface FiscalCalendar {
  id: string;
  code: string;
  name: string;
  /** The rule that generated its weeks; null where they were imported. */
  rule: FiscalRule | null;
  isDefault: boolean;
  version: number;
}

const columns = sql`calendar.id, calendar.code, calendar.name, calendar.rule, calendar.is_default as "isDefault", calendar.version`;
const weekColumns = sql`week.fiscal_year as "fiscalYear", week.period, week.week, week.starts_on as "startsOn", week.ends_on as "endsOn"`;

/** A page of calendars by code. */
export function listCalendars(tx: TenantTx, request: ListRequest): Promise<Page<FiscalCalendar>> {
  const list = {
    columns,
    from: sql`master_data.fiscal_calendar calendar`,
    where: [],
    sortable: { code: sql`calendar.code` },
    id: sql`calendar.id`,
    defaultSort: 'code',
  };
  return keysetPage<FiscalCalendar>(tx, list, request);
}

/** A calendar by id, code, or the default one; undefined where there is none. */
export function findCalendar(
  tx: TenantTx,
  by: { id: string } | { code: string } | 'default',
): Promise<FiscalCalendar | undefined> {
  const match = by === 'default' ? sql`is_default` : 'id' in by ? sql`id = ${by.id}` : sql`code = ${by.code}`;
  return tx.maybe<FiscalCalendar>(sql`select ${columns} from master_data.fiscal_calendar calendar where ${match}`);
}

/** Serialises changes of one tenant's calendars until the transaction ends. */
export async function lockCalendars(tx: TenantTx<Context>): Promise<void> {
  const key = `master-data.calendar:${tx.context.tenant.id}`;
  await tx.run(sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`);
}

/** Stores a new calendar without weeks; the tenant's first one becomes the default. Call under {@link lockCalendars}. */
export async function insertCalendar(
  tx: TenantTx<Context>,
  calendar: { id: string; code: string; name: string; rule: FiscalRule | null },
): Promise<FiscalCalendar | undefined> {
  const { tenant, clock } = tx.context;
  return tx.maybe<FiscalCalendar>(sql`
    insert into master_data.fiscal_calendar as calendar (tenant_id, id, code, name, rule, is_default, created_at)
    values (${tenant.id}, ${calendar.id}, ${calendar.code}, ${calendar.name},
      ${calendar.rule ? JSON.stringify(calendar.rule) : null},
      not exists (select 1 from master_data.fiscal_calendar where is_default), ${clock.now()})
    on conflict (tenant_id, code) do nothing returning ${columns}`);
}

/** Overwrites name and default of a calendar. Call under {@link lockCalendars}. */
export async function updateCalendar(tx: TenantTx, calendar: FiscalCalendar): Promise<void> {
  if (calendar.isDefault) {
    await tx.run(sql`update master_data.fiscal_calendar set is_default = false, version = version + 1
      where is_default and id <> ${calendar.id}`);
  }
  await tx.run(sql`update master_data.fiscal_calendar set name = ${calendar.name}, is_default = ${calendar.isDefault},
    version = ${calendar.version} where id = ${calendar.id}`);
}

/** Adds weeks that are not there yet; answers how many were new. */
export async function insertWeeks(
  tx: TenantTx<Context>,
  calendarId: string,
  weeks: readonly FiscalWeek[],
): Promise<number> {
  return tx.run(sql`
    insert into master_data.fiscal_week (tenant_id, calendar_id, starts_on, ends_on, fiscal_year, period, week)
    select ${tx.context.tenant.id}, ${calendarId}, w."startsOn", w."endsOn", w."fiscalYear", w.period, w.week
    from jsonb_to_recordset(${JSON.stringify(weeks)}::jsonb)
      as w ("startsOn" date, "endsOn" date, "fiscalYear" integer, period integer, week integer)
    on conflict do nothing`);
}

/** Weeks of a calendar that touch a range of dates, both inclusive, in order. */
export function weeksOf(tx: TenantTx, calendarId: string, from: string, to: string): Promise<FiscalWeek[]> {
  return tx.many<FiscalWeek>(sql`select ${weekColumns} from master_data.fiscal_week week
    where calendar_id = ${calendarId} and starts_on <= ${to}::date and ends_on >= ${from}::date order by starts_on`);
}

/**
 * Weeks of the tenant's default calendar that touch a range of dates, both inclusive, in order. Throws
 * `calendar.missing` where they do not cover it without a gap.
 */
export async function fiscalWeeks(tx: TenantTx, from: string, to: string): Promise<FiscalWeek[]> {
  const weeks = await tx.many<FiscalWeek>(sql`select ${weekColumns} from master_data.fiscal_week week
    join master_data.fiscal_calendar calendar on calendar.id = week.calendar_id and calendar.is_default
    where starts_on <= ${to}::date and ends_on >= ${from}::date order by starts_on`);
  let next = from;
  for (const week of weeks) {
    if (week.startsOn > next) break;
    next = addDays(week.endsOn, 1);
  }
  if (next <= to) {
    throw new Problem('calendar.missing', { detail: `The fiscal calendar has no week for ${next}.` });
  }
  return weeks;
}
