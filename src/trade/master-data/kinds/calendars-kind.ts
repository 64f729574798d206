import type { Context } from '#context';
import type { TenantTx } from '#db';
import { daysBetween, type FiscalWeek } from '#fiscal-calendar';
import {
  type FiscalCalendar,
  findCalendar,
  insertCalendar,
  insertWeeks,
  lockCalendars,
  weeksOf,
} from '../calendar-store.ts';
import { masterDataEvents, recordChange } from '../events.ts';
import type { Cells } from '../imports/cells.ts';
import type { CheckedRow, ImportKind, RowOutcome } from '../imports/import-kind.ts';
import { makeDuplicateCheck } from './seen-codes.ts';

interface WeekRow extends FiscalWeek {
  code: string;
}

/** Longest fiscal week: a calendar of months may stretch its last one. */
const maxWeekDays = 14;

function readRow(cells: Cells): WeekRow {
  const whole = (column: string, from: number, to: number): number => {
    const value = Number(cells.decimal(column, { digits: 0 }));
    if (cells.raw(column) !== '' && (value < from || value > to))
      cells.refuse(`${column} is not from ${from} to ${to}`);
    return value;
  };
  const row = {
    code: cells.code('code'),
    fiscalYear: whole('fiscal_year', 1900, 2200),
    period: whole('period', 1, 13),
    week: whole('week', 1, 53),
    startsOn: cells.date('starts_on'),
    endsOn: cells.date('ends_on'),
  };
  const days = daysBetween(row.startsOn, row.endsOn) + 1;
  if (cells.reasons.length === 0 && (days < 1 || days > maxWeekDays)) cells.refuse(`the week has ${days} days`);
  return row;
}

async function requireCalendar(tx: TenantTx<Context>, code: string): Promise<FiscalCalendar> {
  const known = await findCalendar(tx, { code });
  if (known) return known;
  const made = await insertCalendar(tx, { id: tx.context.newId(), code, name: code, rule: null });
  if (!made) throw new Error(`the calendar ${code} appeared under the lock`);
  const type = masterDataEvents.calendarCreated;
  await recordChange(tx, { type, entityType: 'fiscal_calendar', entityId: made.id, after: made });
  return made;
}

/** Weeks are facts of accounting: a week that is there is not changed, and none may overlap another. */
function judge(row: WeekRow, known: readonly FiscalWeek[]): 'new' | RowOutcome {
  const touching = known.filter((week) => week.startsOn <= row.endsOn && week.endsOn >= row.startsOn);
  const [other] = touching;
  const sameNumber = known.find((week) => week.fiscalYear === row.fiscalYear && week.week === row.week);
  if (!other)
    return sameNumber ? [`week ${row.week} of ${row.fiscalYear} begins on ${sameNumber.startsOn} already`] : 'new';
  const keys = ['fiscalYear', 'period', 'week', 'startsOn', 'endsOn'] as const;
  if (touching.length === 1 && keys.every((key) => other[key] === row[key])) return 'unchanged';
  return [`the calendar has another week from ${other.startsOn} to ${other.endsOn}`];
}

async function storeRows(tx: TenantTx<Context>, rows: readonly CheckedRow<WeekRow>[]): Promise<RowOutcome[]> {
  await lockCalendars(tx);
  const outcomes: RowOutcome[] = [];
  const calendars = new Map<string, { id: string; known: FiscalWeek[]; added: FiscalWeek[] }>();
  for (const { value } of rows) {
    let calendar = calendars.get(value.code);
    if (!calendar) {
      const { id } = await requireCalendar(tx, value.code);
      calendar = { id, known: await weeksOf(tx, id, '1900-01-01', '2199-12-31'), added: [] };
      calendars.set(value.code, calendar);
    }
    const verdict = judge(value, calendar.known);
    outcomes.push(verdict === 'new' ? 'stored' : verdict);
    if (verdict !== 'new') continue;
    calendar.known.push(value);
    calendar.added.push(value);
  }
  for (const { id, added } of calendars.values()) if (added.length > 0) await insertWeeks(tx, id, added);
  return outcomes;
}

/** Weeks of fiscal calendars; the tenant's first calendar becomes its default. */
export const calendarsImport: ImportKind<WeekRow> = {
  kind: 'calendars',
  summary: 'Weeks of fiscal calendars',
  permission: 'products:write',
  columns: [
    { name: 'code', required: true, description: 'Code of the calendar' },
    { name: 'fiscal_year', required: true, description: 'Fiscal year' },
    { name: 'period', required: true, description: '1 to 12 or 13' },
    { name: 'week', required: true, description: '1 to 52 or 53' },
    { name: 'starts_on', required: true, description: 'First day (YYYY-MM-DD)' },
    { name: 'ends_on', required: true, description: 'Last day' },
  ],
  batchRows: 1_000,
  open: async () => {
    const checkDuplicate = makeDuplicateCheck('calendar and first day');
    return {
      check: (cells) => {
        const row = readRow(cells);
        checkDuplicate(cells, `${row.code}\n${row.startsOn}`);
        return row;
      },
      apply: storeRows,
    };
  },
};
