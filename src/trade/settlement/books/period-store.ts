import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, sql, type TenantTx } from '#db';
import { addDays, type FiscalWeek, isBusinessDate } from '#fiscal-calendar';
import { fiscalWeeks } from '#master-data';
import { notFound, Problem } from '#problem';

type Tx = TenantTx<Context>;

/** A fiscal period and the state of its books. */
export interface FiscalPeriod {
  id: string;
  fiscalYear: number;
  period: number;
  startsOn: string;
  endsOn: string;
  state: 'open' | 'soft_closed' | 'closed';
  /** The first of the two people that a reopening takes. */
  reopenAskedBy: string | null;
  version: number;
}

const columns = sql`period.id, period.fiscal_year as "fiscalYear", period.period, period.starts_on as "startsOn",
  period.ends_on as "endsOn", period.state, period.reopen_asked_by as "reopenAskedBy", period.version`;

/** A page of the periods that the books know, by their first day. */
export function listPeriods(tx: Tx, request: ListRequest): Promise<Page<FiscalPeriod>> {
  const list = {
    columns,
    from: sql`settlement.period`,
    where: [],
    sortable: { startsOn: sql`period.starts_on` },
    id: sql`period.id`,
    defaultSort: '-startsOn',
  };
  return keysetPage<FiscalPeriod>(tx, list, request);
}

/** The neighbouring week before or after, or undefined where the calendar ends. */
async function weekOn(tx: Tx, date: string): Promise<FiscalWeek | undefined> {
  try {
    return (await fiscalWeeks(tx, date, date))[0];
  } catch (error) {
    if (error instanceof Problem && error.code === 'calendar.missing') return undefined;
    throw error;
  }
}

/** The first and last day of the fiscal period of a week. */
async function periodAround(tx: Tx, week: FiscalWeek): Promise<{ startsOn: string; endsOn: string }> {
  const same = (other: FiscalWeek) => other.fiscalYear === week.fiscalYear && other.period === week.period;
  let [first, last] = [week, week];
  for (let next = await weekOn(tx, addDays(first.startsOn, -1)); next && same(next); ) {
    first = next;
    next = await weekOn(tx, addDays(first.startsOn, -1));
  }
  for (let next = await weekOn(tx, addDays(last.endsOn, 1)); next && same(next); ) {
    last = next;
    next = await weekOn(tx, addDays(last.endsOn, 1));
  }
  return { startsOn: first.startsOn, endsOn: last.endsOn };
}

/** The fiscal period of a date, entered into the books when it is first needed. Throws `calendar.missing`. */
export async function periodOn(tx: Tx, date: string): Promise<FiscalPeriod> {
  if (!isBusinessDate(date)) throw new Problem('calendar.missing', { detail: `No fiscal calendar covers ${date}.` });
  const find = () =>
    tx.maybe<FiscalPeriod>(sql`select ${columns} from settlement.period
      where period.starts_on <= ${date}::date and period.ends_on >= ${date}::date`);
  const known = await find();
  if (known) return known;
  const [week] = await fiscalWeeks(tx, date, date);
  if (!week) throw new Problem('calendar.missing');
  const { startsOn, endsOn } = await periodAround(tx, week);
  await tx.run(sql`insert into settlement.period (tenant_id, id, fiscal_year, period, starts_on, ends_on)
    values (${tx.context.tenant.id}, ${tx.context.newId()}, ${week.fiscalYear}, ${week.period}, ${startsOn}, ${endsOn})
    on conflict do nothing`);
  const entered = await find();
  if (!entered) throw new Problem('calendar.missing', { detail: `The fiscal calendar was changed around ${date}.` });
  return entered;
}

/** A period by id, without a lock. Throws `not_found`. */
export async function findPeriod(tx: Tx, id: string): Promise<FiscalPeriod> {
  const period = await tx.maybe<FiscalPeriod>(sql`select ${columns} from settlement.period where id = ${id}`);
  return period ?? notFound('period', id);
}

/** A period, held against closing (`share`) or for a change of its state (`update`). Throws `not_found`. */
export async function lockPeriod(tx: Tx, id: string, mode: 'share' | 'update'): Promise<FiscalPeriod> {
  const lock = mode === 'share' ? sql`for share` : sql`for update`;
  const period = await tx.maybe<FiscalPeriod>(sql`select ${columns} from settlement.period where id = ${id} ${lock}`);
  return period ?? notFound('period', id);
}

/** The period that takes a fact of `date`: its own while that is open, else the next open one. Held against closing. */
export async function openPeriodOn(tx: Tx, date: string): Promise<FiscalPeriod> {
  let period = await lockPeriod(tx, (await periodOn(tx, date)).id, 'share');
  while (period.state !== 'open') {
    period = await lockPeriod(tx, (await periodOn(tx, addDays(period.endsOn, 1))).id, 'share');
  }
  return period;
}

/** Whether a later period has accrued already. */
export async function hasLaterAccruals(tx: Tx, period: FiscalPeriod): Promise<boolean> {
  const { later } = await tx.one<{ later: boolean }>(sql`select exists (select from settlement.period
    join settlement.journal on journal.period_id = period.id and journal.kind = 'accrual'
    where period.starts_on > ${period.startsOn}::date) as later`);
  return later;
}

/** Overwrites the state of a locked period and counts its version up. */
export async function savePeriod(tx: Tx, period: FiscalPeriod): Promise<FiscalPeriod> {
  return tx.one<FiscalPeriod>(sql`update settlement.period set state = ${period.state},
    reopen_asked_by = ${period.reopenAskedBy}, version = version + 1 where id = ${period.id} returning ${columns}`);
}
