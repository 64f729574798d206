import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { amountOf, moneyFromNumeric } from '#money';
import type { FiscalPeriod } from './period-store.ts';

type Tx = TenantTx<Context>;

/** Names at most, where a check lists what it found. */
export const maxNamed = 20;

/** What the books say about closing a period; lists are cut at {@link maxNamed}, counts are whole. */
export interface CloseFacts {
  openBefore: string[];
  runUnderWay: boolean;
  lastRunAt: Date | null;
  unposted: { count: number; names: string[] };
  unexported: { count: number; names: string[] };
  uncategorised: { count: number; references: string[] };
  overdue: { count: number; references: string[] };
  overpaid: { count: number; names: string[] };
}

/** Reads what stands for and against closing a period; `today` decides which deductions and claims are overdue. */
export async function readCloseFacts(tx: Tx, period: FiscalPeriod, today: string): Promise<CloseFacts> {
  const openBefore = await tx.many<{ name: string }>(sql`
    select 'FY' || fiscal_year || ' P' || period as name from settlement.period
    where starts_on < ${period.startsOn}::date and state <> 'closed' order by starts_on`);
  const { running, lastRunAt } = await tx.one<{ running: boolean; lastRunAt: Date | null }>(sql`select
    exists (select from settlement.accrual_run where state = 'running' and period_id = ${period.id}) as running,
    (select max(started_at) from settlement.accrual_run where state = 'finished' and period_id = ${period.id}) as "lastRunAt"`);
  const journals = async (states: readonly string[]) => {
    const rows = await tx.many<{ kind: string; total: string; currency: string; state: string }>(sql`
      select kind, total, currency, state from settlement.journal
      where period_id = ${period.id} and state = any(${[...states]}) order by prepared_at, id`);
    const names = rows.slice(0, maxNamed).map(({ kind, total, currency, state }) => {
      return `${kind.replace('_', ' ')} of ${amountOf(moneyFromNumeric(total, currency))} ${currency}, ${state}`;
    });
    return { count: rows.length, names };
  };
  const items = async (state: 'uncategorised' | 'overdue') => {
    const found =
      state === 'uncategorised'
        ? sql`kind = 'deduction' and category is null and state in ('captured', 'needs_research') and taken_on <= ${period.endsOn}::date`
        : sql`state not in ('settled', 'recovered', 'written_off') and not (kind = 'claim' and state = 'invalid')
            and dispute_by_on < ${today}::date`;
    const rows = await tx.many<{ reference: string; count: number }>(sql`
      select kind || ' ' || reference as reference, (count(*) over ())::int as count from settlement.item
      where split_at is null and ${found} order by dispute_by_on, id limit ${maxNamed}`);
    return { count: rows[0]?.count ?? 0, references: rows.map(({ reference }) => reference) };
  };
  return {
    openBefore: openBefore.map(({ name }) => name),
    ...{ runUnderWay: running, lastRunAt },
    unposted: await journals(['preparing', 'prepared', 'approved']),
    unexported: await journals(['posted']),
    uncategorised: await items('uncategorised'),
    overdue: await items('overdue'),
    overpaid: await readOverpaid(tx),
  };
}

/** Tactics that were paid more than they have earned, the most first: the difference was never expensed. */
async function readOverpaid(tx: Tx): Promise<CloseFacts['overpaid']> {
  const rows = await tx.many<{ code: string; mechanic: string; currency: string; beyond: string; count: number }>(sql`
    select promotion_code as code, mechanic, currency, settled + released - earned as beyond,
      (count(*) over ())::int as count
    from settlement.liability where earned - settled - released < 0 order by beyond desc, tactic_id limit ${maxNamed}`);
  const names = rows.map(({ code, mechanic, currency, beyond }) => {
    return `${code} ${mechanic.replaceAll('_', ' ')} by ${amountOf(moneyFromNumeric(beyond, currency))} ${currency}`;
  });
  return { count: rows[0]?.count ?? 0, names };
}

/** A check that was set aside at closing. */
export interface Waiver {
  check: string;
  found: string;
  reason: string;
  waivedBy: string;
  waivedAt: Date;
}

/** Stores what was set aside, and why. */
export async function insertWaivers(
  tx: Tx,
  periodId: string,
  waivers: readonly Pick<Waiver, 'check' | 'found' | 'reason'>[],
): Promise<void> {
  const { tenant, actor, clock, newId } = tx.context;
  for (const { check, found, reason } of waivers) {
    await tx.run(sql`insert into settlement.close_waiver (tenant_id, id, period_id, check_key, found, reason, waived_by, waived_at)
      values (${tenant.id}, ${newId()}, ${periodId}, ${check}, ${found}, ${reason}, ${actor.id}, ${clock.now()})`);
  }
}

/** What was set aside when a period was closed, the latest first. */
export async function readWaivers(tx: Tx, periodId: string): Promise<Waiver[]> {
  return tx.many<Waiver>(sql`select check_key as check, found, reason, waived_by as "waivedBy", waived_at as "waivedAt"
    from settlement.close_waiver where period_id = ${periodId} order by waived_at desc, id desc`);
}
