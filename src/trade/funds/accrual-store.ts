import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, sql, type TenantTx } from '#db';
import { amountOf } from '#money';
import type { FundRate, WeekAccrual } from './domain/accrual.ts';

type Tx = TenantTx<Context>;

/** A rate with who recorded it. */
export interface RecordedRate extends FundRate {
  id: string;
  recordedBy: string;
  recordedAt: Date;
}

const rateColumns = sql`rate.id, rate.per, trim_scale(rate.amount)::text as amount, rate.valid_from as "validFrom",
  rate.recorded_by as "recordedBy", rate.recorded_at as "recordedAt"`;

/** Every rate of a fund in the order in which they were recorded. */
export async function ratesOf(tx: Tx, fundId: string): Promise<RecordedRate[]> {
  return tx.many<RecordedRate>(sql`select ${rateColumns} from funds.rate where fund_id = ${fundId} order by seq`);
}

/** Adds a rate; earlier rows stay as they are. */
export async function insertRate(tx: Tx, fundId: string, rate: FundRate): Promise<RecordedRate> {
  const { context } = tx;
  return tx.one<RecordedRate>(sql`
    insert into funds.rate (tenant_id, id, fund_id, per, amount, valid_from, recorded_by, recorded_at)
    values (${context.tenant.id}, ${context.newId()}, ${fundId}, ${rate.per}, ${rate.amount}, ${rate.validFrom},
      ${context.actor.id}, ${context.clock.now()}) returning ${rateColumns}`);
}

/** What a week has put into a fund; decimal strings. */
export interface AccruedWeek {
  /** The week's first day; unique in a fund. */
  weekStart: string;
  cases: string;
  per: FundRate['per'];
  rate: string;
  amount: string;
  accruedAt: Date;
}

const weekColumns = sql`week.week_start as "weekStart", trim_scale(week.cases)::text as cases, week.per,
  trim_scale(week.rate)::text as rate, week.amount, week.accrued_at as "accruedAt"`;

/** The weeks of a fund that start from one day to another, both inclusive, by week. */
export async function accruedWeeks(
  tx: Tx,
  fundId: string,
  from: string,
  to: string,
): Promise<Map<string, AccruedWeek>> {
  const rows = await tx.many<AccruedWeek>(sql`select ${weekColumns} from funds.accrued_week week
    where fund_id = ${fundId} and week_start between ${from}::date and ${to}::date order by week_start`);
  return new Map(rows.map((row) => [row.weekStart, row]));
}

/** A page of the weeks of a fund, the latest first. */
export async function listAccruedWeeks(
  tx: Tx,
  fundId: string,
  request: ListRequest,
): Promise<Page<AccruedWeek & { id: string }>> {
  // A page continues after its last id, which a week lacks: one is made of the fund's and the week's day.
  const id = sql`md5(week.fund_id::text || week.week_start::text)::uuid`;
  const list = {
    columns: sql`${id} as id, ${weekColumns}`,
    from: sql`funds.accrued_week week`,
    where: [sql`fund_id = ${fundId}`],
    sortable: { weekStart: sql`week.week_start` },
    id,
    defaultSort: '-weekStart',
  };
  return keysetPage<AccruedWeek & { id: string }>(tx, list, request);
}

/** Keeps what weeks have put into a fund by now. */
export async function saveAccruedWeeks(tx: Tx, fundId: string, weeks: readonly WeekAccrual[]): Promise<void> {
  const { tenant, clock } = tx.context;
  const rows = weeks.map(({ weekStart, cases, rate, amount }) => ({
    ...{ weekStart, cases: cases.toFixed(), per: rate.per, rate: rate.amount, amount: amountOf(amount) },
  }));
  await tx.run(sql`
    insert into funds.accrued_week (tenant_id, fund_id, week_start, cases, per, rate, amount, accrued_at)
    select ${tenant.id}, ${fundId}::uuid, w."weekStart", w.cases, w.per, w.rate, w.amount, ${clock.now()}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as w ("weekStart" date, cases numeric, per text, rate numeric, amount numeric)
    on conflict (tenant_id, fund_id, week_start) do update set cases = excluded.cases, per = excluded.per,
      rate = excluded.rate, amount = excluded.amount, accrued_at = excluded.accrued_at`);
}

/** The first and the last week that have put anything into a fund; undefined where none has. */
export async function accruedSpan(tx: Tx, fundId: string): Promise<{ from: string; to: string } | undefined> {
  const { from, to } = await tx.one<{ from: string | null; to: string | null }>(sql`
    select min(week_start) as "from", max(week_start) as "to" from funds.accrued_week where fund_id = ${fundId} and amount <> 0`);
  return from && to ? { from, to } : undefined;
}

/** Ids of the funds that shipments fill: those of a rate-based kind that have a rate. */
export async function fundsWithRate(tx: Tx): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`select id from funds.fund
    where kind in ('live_accrual', 'prior_period_accrual', 'rolling')
      and exists (select from funds.rate where rate.tenant_id = fund.tenant_id and rate.fund_id = fund.id) order by code`);
  return rows.map(({ id }) => id);
}
