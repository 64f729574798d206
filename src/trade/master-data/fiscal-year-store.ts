import { sql, type TenantTx } from '#db';
import type { FiscalWeek } from '#fiscal-calendar';
import { Problem } from '#problem';

/** The weeks of a fiscal year of the tenant's default calendar, in order. Throws `calendar.missing` where there are none. */
export async function fiscalYearWeeks(tx: TenantTx, fiscalYear: number): Promise<FiscalWeek[]> {
  const weeks = await tx.many<FiscalWeek>(sql`select week.fiscal_year as "fiscalYear", week.period, week.week,
      week.starts_on as "startsOn", week.ends_on as "endsOn"
    from master_data.fiscal_week week
    join master_data.fiscal_calendar calendar on calendar.id = week.calendar_id and calendar.is_default
    where week.fiscal_year = ${fiscalYear} order by week.starts_on`);
  if (weeks.length > 0) return weeks;
  throw new Problem('calendar.missing', { detail: `The fiscal calendar has no year ${fiscalYear}.` });
}
