import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import type { FiscalPeriod } from './period-store.ts';

type Tx = TenantTx<Context>;

/** What customers are owed for one mechanic over a period; decimals as stored. */
export interface LiabilityRow {
  currency: string;
  customerId: string;
  mechanic: string;
  opening: string;
  earned: string;
  settled: string;
  released: string;
  /** The account accrued trade liability in the journals through the period's end. */
  journals: string;
}

/** An account of the general ledger over a period, debits − credits; decimals as stored. */
export interface AccountRow {
  currency: string;
  account: string;
  glAccount: string | null;
  costCentre: string | null;
  opening: string;
  debits: string;
  credits: string;
}

/** What a period itself did: balances that were taken over in it at go-live were there when it opened. */
const ownOf = ({ id }: FiscalPeriod) => sql`(period.id = ${id} and journal.kind <> 'opening')`;

/** Liabilities by customer and mechanic, from the sub-ledger and from the journals side by side. */
export async function readLiabilityRows(tx: Tx, period: FiscalPeriod): Promise<LiabilityRow[]> {
  const own = ownOf(period);
  return tx.many<LiabilityRow>(sql`
    with entries as (
      select entry.tactic_id,
        sum(case when period.starts_on < ${period.startsOn}::date or journal.kind = 'opening'
          then case when entry.kind = 'earn' then entry.amount else -entry.amount end else 0 end) as opening,
        sum(case when ${own} and entry.kind = 'earn' then entry.amount else 0 end) as earned,
        sum(case when ${own} and entry.kind = 'settle' then entry.amount else 0 end) as settled,
        sum(case when ${own} and entry.kind = 'release' then entry.amount else 0 end) as released
      from settlement.accrual_entry entry join settlement.journal on journal.id = entry.journal_id
        join settlement.period on period.id = entry.period_id
      where period.starts_on <= ${period.startsOn}::date group by entry.tactic_id
    ), lines as (
      select line.tactic_id, sum(case when line.side = 'credit' then line.amount else -line.amount end) as journals
      from settlement.journal_line line join settlement.journal on journal.id = line.journal_id
        join settlement.period on period.id = journal.period_id
      where line.account = 'accrued_trade_liability' and period.starts_on <= ${period.startsOn}::date group by line.tactic_id
    )
    select liability.currency, liability.customer_id as "customerId", liability.mechanic,
      coalesce(sum(entries.opening), 0) as opening, coalesce(sum(entries.earned), 0) as earned,
      coalesce(sum(entries.settled), 0) as settled, coalesce(sum(entries.released), 0) as released,
      coalesce(sum(lines.journals), 0) as journals
    from settlement.liability left join entries on entries.tactic_id = liability.tactic_id
      left join lines on lines.tactic_id = liability.tactic_id
    where entries.tactic_id is not null or lines.tactic_id is not null
    group by liability.currency, liability.customer_id, liability.mechanic
    order by liability.currency, liability.customer_id, liability.mechanic`);
}

/** Every account that the journals through a period's end have touched. */
export async function readAccountRows(tx: Tx, period: FiscalPeriod): Promise<AccountRow[]> {
  const own = ownOf(period);
  return tx.many<AccountRow>(sql`
    select journal.currency, line.account, line.gl_account as "glAccount", line.cost_centre as "costCentre",
      sum(case when ${own} then 0 when line.side = 'debit' then line.amount else -line.amount end) as opening,
      sum(case when ${own} and line.side = 'debit' then line.amount else 0 end) as debits,
      sum(case when ${own} and line.side = 'credit' then line.amount else 0 end) as credits
    from settlement.journal_line line join settlement.journal on journal.id = line.journal_id
      join settlement.period on period.id = journal.period_id
    where period.starts_on <= ${period.startsOn}::date
    group by journal.currency, line.account, line.gl_account, line.cost_centre
    order by journal.currency, line.gl_account nulls last, line.account, line.cost_centre nulls first`);
}
