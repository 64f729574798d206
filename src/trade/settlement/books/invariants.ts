import type { Context } from '#context';
import { type RawBuilder, sql, type TenantTx } from '#db';
import { earnedAndPaid } from '#funds';
import { type Breach, type Invariant, maxBreaches, type Turn } from '#module';

type Tx = TenantTx<Context>;

/** Above so many journal lines a turn takes its part of the journals, or of the tactics. */
const wholeAtOnce = 300_000;

/** What one look takes in: conditions on `journal_id` and on `tactic_id`. */
interface Part {
  journals: RawBuilder<unknown>;
  tactics: RawBuilder<unknown>;
}

const everything: Part = { journals: sql`true`, tactics: sql`true` };

/** A condition on `column` for the turn's range of `ids`, which are parted into ranges of about as many. */
async function rangeOf(
  tx: Tx,
  { number, of }: Turn,
  column: RawBuilder<unknown>,
  ids: RawBuilder<unknown>,
): Promise<RawBuilder<unknown>> {
  const { edges } = await tx.one<{ edges: string[] }>(sql`
    select array(select id from (select id, row_number() over (order by id) as place, count(*) over () as many
        from (${ids}) listed) each
      where place in (select many * part / ${of} + 1 from generate_series(1, ${of - 1}) part) order by 1)::text[] as edges`);
  const [from, before] = [edges[number - 1], edges[number]];
  const below = before ? sql`${column} < ${before}::uuid` : sql`true`;
  // What has none at all belongs to the first.
  if (number === 0) return sql`(${below} or ${column} is null)`;
  // Fewer ids than turns: the ranges that are there hold them all.
  return from ? sql`(${column} >= ${from}::uuid and ${below})` : sql`false`;
}

async function partOf(tx: Tx, turn: Turn | undefined, limit: number): Promise<Part> {
  if (!turn) return everything;
  // As the planner knows it, of all tenants: counting would cost as much as it saves.
  const { many } = await tx.one<{ many: boolean }>(
    sql`select reltuples > ${limit} as many from pg_class where oid = 'settlement.journal_line'::regclass`,
  );
  if (!many) return everything;
  return {
    journals: await rangeOf(tx, turn, sql`journal_id`, sql`select id from settlement.journal`),
    tactics: await rangeOf(tx, turn, sql`tactic_id`, sql`select tactic_id as id from settlement.liability`),
  };
}

const journalsBalance = ({ journals }: Part) => sql<Breach>`
  select 'journal/' || journal_id as subject, 'total ' || journal.total || ', debits ' || coalesce(line.debits, 0)
    || ', credits ' || coalesce(line.credits, 0) as detail
  from (select id as journal_id, total from settlement.journal) journal
    left join (select journal_id, sum(amount) filter (where side = 'debit') as debits,
      sum(amount) filter (where side = 'credit') as credits from settlement.journal_line
      where ${journals} group by journal_id) line using (journal_id)
  where ${journals}
    and (journal.total is distinct from coalesce(line.debits, 0) or journal.total is distinct from coalesce(line.credits, 0))
  order by journal_id`;

const periodsBalance = ({ journals }: Part) => sql<Breach>`
  select 'period/' || journal.period_id as subject, journal.currency || ': debits '
    || sum(line.amount) filter (where line.side = 'debit') || ', credits '
    || sum(line.amount) filter (where line.side = 'credit') as detail
  from settlement.journal join settlement.journal_line line on line.journal_id = journal.id
  where ${journals} group by journal.period_id, journal.currency
  having sum(case when line.side = 'debit' then line.amount else -line.amount end) <> 0
  order by journal.period_id, journal.currency`;

const liabilitiesAreEntries = ({ tactics }: Part) => sql<Breach>`
  select 'tactic/' || coalesce(liability.tactic_id, entry.tactic_id) as subject, 'liability '
    || coalesce(earned - settled - released, 0) || ', entries '
    || coalesce(entry.earn, 0) - coalesce(entry.settle, 0) - coalesce(entry.release, 0) as detail
  from (select * from settlement.liability where ${tactics}) liability full join (select tactic_id,
      sum(amount) filter (where kind = 'earn') as earn, sum(amount) filter (where kind = 'settle') as settle,
      sum(amount) filter (where kind = 'release') as release
    from settlement.accrual_entry where ${tactics} group by tactic_id) entry on entry.tactic_id = liability.tactic_id
  where (coalesce(liability.earned, 0), coalesce(liability.settled, 0), coalesce(liability.released, 0))
    is distinct from (coalesce(entry.earn, 0), coalesce(entry.settle, 0), coalesce(entry.release, 0))
  order by 1`;

const entriesAreJournals = ({ tactics }: Part) => sql<Breach>`
  select 'tactic/' || coalesce(entry.tactic_id, line.tactic_id) as subject,
    'sub-ledger ' || coalesce(entry.open, 0) || ', journals ' || coalesce(line.open, 0) as detail
  from (select tactic_id, sum(case when kind = 'earn' then amount else -amount end) as open
      from settlement.accrual_entry where ${tactics} group by tactic_id) entry
    full join (select tactic_id, sum(case when side = 'credit' then amount else -amount end) as open
      from settlement.journal_line where account = 'accrued_trade_liability' and ${tactics} group by tactic_id) line
    on line.tactic_id = entry.tactic_id
  where coalesce(entry.open, 0) <> coalesce(line.open, 0) order by 1`;

const fundsFollow = (_: Part) => sql<Breach>`
  select 'tactic/' || liability.tactic_id as subject, 'earned − released ' || (liability.earned - liability.released)
    || ', the funds say ' || coalesce(hold.earned, 0) || '; settled ' || liability.settled || ', the funds say '
    || coalesce(hold.paid, 0) as detail
  from settlement.liability left join (${earnedAndPaid}) hold on hold.tactic_id = liability.tactic_id
  where liability.fund_split <> '[]' and not liability.fund_split @? '$[*].fx'
    and liability.mechanic <> 'off_invoice' and (liability.earned - liability.released <> coalesce(hold.earned, 0)
    or liability.settled <> coalesce(hold.paid, 0)) order by 1`;

/** What must hold of the books, looked at in turns above a number of journal lines. */
export function invariantsOfBooks(limit: number): readonly Invariant[] {
  const invariant = (name: string, statement: string, breaches: (part: Part) => RawBuilder<Breach>): Invariant => ({
    name,
    statement,
    findBreaches: async (tx, turn) =>
      tx.many<Breach>(sql`${breaches(await partOf(tx, turn, limit))} limit ${maxBreaches}`),
  });
  return [
    invariant('settlement.journal-balances', 'In every journal Σ debits = Σ credits = its total.', journalsBalance),
    invariant(
      'settlement.period-balances',
      'In every fiscal period and currency Σ debits = Σ credits.',
      periodsBalance,
    ),
    invariant(
      'settlement.liability-is-the-sum-of-entries',
      'Per tactic, earned − settled − released equals the entries of the accrual sub-ledger.',
      liabilitiesAreEntries,
    ),
    invariant(
      'settlement.sub-ledger-is-the-journals',
      'Per tactic, the accrual sub-ledger equals the account accrued trade liability in the journals.',
      entriesAreJournals,
    ),
    invariant(
      'settlement.funds-follow-liabilities',
      'Per tactic that accrues and whose funds keep its currency, their Earned equals earned − released, and their Paid equals settled.',
      fundsFollow,
    ),
  ];
}

/** What must hold of the books at every moment. */
export const booksInvariants: readonly Invariant[] = invariantsOfBooks(wholeAtOnce);
