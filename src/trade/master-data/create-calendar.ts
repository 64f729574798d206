import type { Context } from '#context';
import type { TenantTx } from '#db';
import { addDays, type FiscalRule, fiscalYearWeeks, isoWeekday } from '#fiscal-calendar';
import { notFound, Problem } from '#problem';
import {
  type FiscalCalendar,
  findCalendar,
  insertCalendar,
  insertWeeks,
  lockCalendars,
  updateCalendar,
  weeksOf,
} from './calendar-store.ts';
import { merged, requireVersion } from './change-customer.ts';
import { masterDataEvents, recordChange } from './events.ts';
import { tenantToday } from './price-store.ts';

/** Most fiscal years generated at once: a lifetime of history and plans. */
export const maxFiscalYears = 60;

/** A calendar to be generated for the fiscal years from `fromYear` to `toYear`. */
export interface NewCalendar {
  code: string;
  name: string;
  rule: FiscalRule;
  fromYear: number;
  toYear: number;
}

function generateWeeks(rule: FiscalRule, fromYear: number, toYear: number) {
  if (toYear < fromYear || toYear - fromYear >= maxFiscalYears) {
    throw new Problem('rule.violated', { detail: `A calendar has 1 to ${maxFiscalYears} fiscal years at once.` });
  }
  return Array.from({ length: toYear - fromYear + 1 }, (_, i) => fiscalYearWeeks(rule, fromYear + i)).flat();
}

/** Creates a calendar inside the caller's transaction. Throws `code.taken`. */
export async function createCalendarIn(tx: TenantTx<Context>, input: NewCalendar): Promise<FiscalCalendar> {
  const weeks = generateWeeks(input.rule, input.fromYear, input.toYear);
  await lockCalendars(tx);
  const { code, name, rule } = input;
  const calendar = await insertCalendar(tx, { id: tx.context.newId(), code, name, rule });
  if (!calendar) throw new Problem('code.taken', { detail: `There is already a calendar ${code}.` });
  await insertWeeks(tx, calendar.id, weeks);
  await recordChange(tx, {
    type: masterDataEvents.calendarCreated,
    entityType: 'fiscal_calendar',
    entityId: calendar.id,
    after: calendar,
  });
  return calendar;
}

/** Creates a calendar with its weeks; a tenant's first calendar is its default. */
export async function createCalendar(context: Context, input: NewCalendar): Promise<FiscalCalendar> {
  return context.db.transact(context, (tx) => createCalendarIn(tx, input));
}

/** Changes of a calendar: its name, whether it is the default, and weeks up to one more fiscal year. */
export interface CalendarChange {
  name?: string | undefined;
  isDefault?: true | undefined;
  /** Generates the years after the last one up to this one; only where the calendar has a rule. */
  throughYear?: number | undefined;
}

async function extendThrough(tx: TenantTx<Context>, calendar: FiscalCalendar, year: number): Promise<void> {
  const { rule } = calendar;
  if (!rule) throw new Problem('rule.violated', { detail: 'The weeks of this calendar were imported: import more.' });
  const known = await weeksOf(tx, calendar.id, '1900-01-01', '2199-12-31');
  const fromYear = (known.at(-1)?.fiscalYear ?? year - 1) + 1;
  if (year >= fromYear) await insertWeeks(tx, calendar.id, generateWeeks(rule, fromYear, year));
}

/** Changes a calendar. Throws `not_found`, `version.conflict` or `rule.violated`. */
export async function changeCalendar(
  context: Context,
  id: string,
  change: CalendarChange,
  ifMatch?: number,
): Promise<FiscalCalendar> {
  return context.db.transact(context, async (tx) => {
    await lockCalendars(tx);
    const before = (await findCalendar(tx, { id })) ?? notFound('calendar', id);
    requireVersion(before, ifMatch);
    if (change.throughYear !== undefined) await extendThrough(tx, before, change.throughYear);
    const named = { name: change.name, isDefault: change.isDefault };
    const after = { ...merged<FiscalCalendar>(before, named as Partial<FiscalCalendar>), version: before.version + 1 };
    await updateCalendar(tx, after);
    await recordChange(tx, {
      type: masterDataEvents.calendarChanged,
      entityType: 'fiscal_calendar',
      entityId: id,
      before,
      after,
    });
    return after;
  });
}

/** Fiscal years generated past the present where a calendar is made for facts: planning looks two years ahead. */
const yearsAhead = 2;

/**
 * A calendar for a tenant that has none when its first weekly facts arrive: 4-4-5, years from 1 January, weeks that
 * begin on the weekday on which the facts' weeks do, from the year before the first fact to two years from now.
 * Answers undefined where the tenant has a calendar.
 */
export async function ensureCalendarFor(
  tx: TenantTx<Context>,
  facts: { from: string; to: string },
): Promise<FiscalCalendar | undefined> {
  await lockCalendars(tx);
  if (await findCalendar(tx, 'default')) return undefined;
  const rule: FiscalRule = {
    pattern: '4-4-5',
    weekStartsOn: isoWeekday(facts.from),
    yearStartsNear: '01-01',
    namedBy: 'start',
  };
  const last = [facts.to, tenantToday(tx)].sort().at(-1) as string;
  const fromYear = Number(addDays(facts.from, -366).slice(0, 4));
  const toYear = Math.min(Number(last.slice(0, 4)) + yearsAhead, fromYear + maxFiscalYears - 1);
  return createCalendarIn(tx, { code: 'FISCAL', name: 'Fiscal calendar (4-4-5)', rule, fromYear, toYear });
}
