import type { Context } from '#context';
import { type RawBuilder, sql, type TenantTx } from '#db';
import { earnedAndPaid } from '#funds';
import { type Breach, type Invariant, maxBreaches } from '#module';

const rows = (query: RawBuilder<Breach>) => (tx: TenantTx<Context>) =>
  tx.many<Breach>(sql`${query} limit ${maxBreaches}`);

/** What must hold of the books at every moment. */
export const booksInvariants: readonly Invariant[] = [
  {
    name: 'settlement.journal-balances',
    statement: 'In every journal Σ debits = Σ credits = its total.',
    findBreaches: rows(sql`
      select 'journal/' || journal.id as subject, 'total ' || journal.total || ', debits ' || coalesce(line.debits, 0)
        || ', credits ' || coalesce(line.credits, 0) as detail
      from settlement.journal left join (select journal_id, sum(amount) filter (where side = 'debit') as debits,
          sum(amount) filter (where side = 'credit') as credits from settlement.journal_line group by journal_id) line
        on line.journal_id = journal.id
      where journal.total is distinct from coalesce(line.debits, 0) or journal.total is distinct from coalesce(line.credits, 0)
      order by journal.id`),
  },
  {
    name: 'settlement.period-balances',
    statement: 'In every fiscal period and currency Σ debits = Σ credits.',
    findBreaches: rows(sql`
      select 'period/' || journal.period_id as subject, journal.currency || ': debits '
        || sum(line.amount) filter (where line.side = 'debit') || ', credits '
        || sum(line.amount) filter (where line.side = 'credit') as detail
      from settlement.journal join settlement.journal_line line on line.journal_id = journal.id
      group by journal.period_id, journal.currency
      having sum(case when line.side = 'debit' then line.amount else -line.amount end) <> 0
      order by journal.period_id, journal.currency`),
  },
  {
    name: 'settlement.liability-is-the-sum-of-entries',
    statement: 'Per tactic, earned − settled − released equals the entries of the accrual sub-ledger.',
    findBreaches: rows(sql`
      select 'tactic/' || coalesce(liability.tactic_id, entry.tactic_id) as subject, 'liability '
        || coalesce(earned - settled - released, 0) || ', entries '
        || coalesce(entry.earn, 0) - coalesce(entry.settle, 0) - coalesce(entry.release, 0) as detail
      from settlement.liability full join (select tactic_id,
          sum(amount) filter (where kind = 'earn') as earn, sum(amount) filter (where kind = 'settle') as settle,
          sum(amount) filter (where kind = 'release') as release
        from settlement.accrual_entry group by tactic_id) entry on entry.tactic_id = liability.tactic_id
      where (coalesce(liability.earned, 0), coalesce(liability.settled, 0), coalesce(liability.released, 0))
        is distinct from (coalesce(entry.earn, 0), coalesce(entry.settle, 0), coalesce(entry.release, 0))
      order by 1`),
  },
  {
    name: 'settlement.sub-ledger-is-the-journals',
    statement: 'Per tactic, the accrual sub-ledger equals the account accrued trade liability in the journals.',
    findBreaches: rows(sql`
      select 'tactic/' || coalesce(entry.tactic_id, line.tactic_id) as subject,
        'sub-ledger ' || coalesce(entry.open, 0) || ', journals ' || coalesce(line.open, 0) as detail
      from (select tactic_id, sum(case when kind = 'earn' then amount else -amount end) as open
          from settlement.accrual_entry group by tactic_id) entry
        full join (select tactic_id, sum(case when side = 'credit' then amount else -amount end) as open
          from settlement.journal_line where account = 'accrued_trade_liability' group by tactic_id) line
        on line.tactic_id = entry.tactic_id
      where coalesce(entry.open, 0) <> coalesce(line.open, 0) order by 1`),
  },
  {
    name: 'settlement.funds-follow-liabilities',
    statement:
      'Per tactic that accrues and whose funds keep its currency, their Earned equals earned − released, and their Paid equals settled.',
    findBreaches: rows(sql`
      select 'tactic/' || liability.tactic_id as subject, 'earned − released ' || (liability.earned - liability.released)
        || ', the funds say ' || coalesce(hold.earned, 0) || '; settled ' || liability.settled || ', the funds say '
        || coalesce(hold.paid, 0) as detail
      from settlement.liability left join (${earnedAndPaid}) hold on hold.tactic_id = liability.tactic_id
      where liability.fund_split <> '[]' and not liability.fund_split @? '$[*].fx'
        and liability.mechanic <> 'off_invoice' and (liability.earned - liability.released <> coalesce(hold.earned, 0)
        or liability.settled <> coalesce(hold.paid, 0)) order by 1`),
  },
];
