import type { Context } from '#context';
import { type RawBuilder, sql, type TenantTx } from '#db';
import { type Breach, type Invariant, maxBreaches, type Turn } from '#module';
import { checkbookColumns } from './domain/checkbook.ts';

const sums = sql.raw(checkbookColumns.map((column) => `sum(${column})::bigint as ${column}`).join(', '));

/** Ten-thousandths as text in major units. */
const major = (scaled: string) => sql.raw(`trim_scale(${scaled} / 10000.0)`);

function invariant(name: string, statement: string, breaches: RawBuilder<Breach>): Invariant {
  const findBreaches: Invariant['findBreaches'] = (tx) => tx.many(limited(breaches));
  return { name, statement, findBreaches };
}

const limited = (breaches: RawBuilder<Breach>) => sql<Breach>`${breaches} order by subject limit ${maxBreaches}`;

const columns = sql.raw(checkbookColumns.join(', '));
const list = (of: (column: string) => string) => sql.raw(checkbookColumns.map(of).join(', '));

/** Sums by what `kept` and `truth` have in common, of which the fund is one; a fund's first difference is its breach. */
const differing = (same: string, kept: RawBuilder<unknown>, truth: RawBuilder<unknown>) => sql<Breach>`
  with kept as (select ${sql.raw(same)}, ${sums} from (${kept}) part group by ${sql.raw(same)}),
    truth as (select ${sql.raw(same)}, ${sums} from (${truth}) part group by ${sql.raw(same)})
  select distinct on (subject) 'fund/' || fund_id as subject, concat_ws(' ', ${sql.raw(same)})
    || ': kept ' || coalesce(row(${list((column) => `kept.${column}`)})::text, 'nothing')
    || ', should be ' || coalesce(row(${list((column) => `truth.${column}`)})::text, 'nothing')
    || ' (${sql.raw(checkbookColumns.join(', '))}, in ten-thousandths)' as detail
  from kept full join truth using (${sql.raw(same)})
  where (${list((column) => `coalesce(kept.${column}, 0)`)})
    is distinct from (${list((column) => `coalesce(truth.${column}, 0)`)})`;

/** Above so many entries a turn takes its part of the time since the first one. */
const wholeAtOnce = 300_000;

/** Mondays: the weeks of recording from one to before the other have their turn. */
interface Weeks {
  from: string;
  before: string;
}

const allWeeks: Weeks = { from: '-infinity', before: 'infinity' };

async function weeksToLookAt(tx: TenantTx<Context>, turn: Turn | undefined): Promise<Weeks> {
  if (!turn) return allWeeks;
  const now = tx.context.clock.now();
  const { many, bounds } = await tx.one<{ many: boolean; bounds: string[] }>(sql`
    select (select count(*) > ${wholeAtOnce} from (select from funds.entry limit ${wholeAtOnce + 1}) entry) as many,
      array(select date_trunc('week', first.at + (${now}::timestamptz at time zone 'UTC' - first.at) * part / ${turn.of})::date::text
        from (select min(occurred_at) at time zone 'UTC' as at from funds.entry) first, generate_series(1, ${turn.of - 1}) part
        order by part) as bounds`);
  if (!many) return allWeeks;
  const edges = [allWeeks.from, ...bounds, allWeeks.before];
  return { from: edges[turn.number]!, before: edges[turn.number + 1]! };
}

/** What each week changed in a fund, by each dimension: its sum less that of the fund's week before it. */
const keptByWeek = ({ from, before }: Weeks) => sql`
  select * from (select dimension, fund_id, week,
      ${list((column) => `${column} - lag(${column}, 1, 0::bigint) over earlier as ${column}`)}
    from (select standing.dimension, standing.fund_id, standing.week, ${sums} from funds.fund
      cross join lateral (select coalesce(max(week), '-infinity') as since from funds.standing earlier
        where earlier.tenant_id = fund.tenant_id and earlier.fund_id = fund.id and earlier.week < ${from}::date) last
      join funds.standing on standing.tenant_id = fund.tenant_id and standing.fund_id = fund.id
        and standing.week >= last.since and standing.week < ${before}::date
      group by 1, 2, 3) ends
    window earlier as (partition by dimension, fund_id order by week)) changes
  where week >= ${from}::date`;

const recordedByWeek = ({ from, before }: Weeks) => sql`
  select kind.dimension, recorded.* from (
    select fund_id, date_trunc('week', occurred_at at time zone 'UTC')::date as week, ${sums} from funds.movement
    where occurred_at >= ${from}::timestamp at time zone 'UTC' and occurred_at < ${before}::timestamp at time zone 'UTC'
    group by 1, 2) recorded
  cross join (values ('fund'), ('customer'), ('product'), ('period')) kind (dimension)`;

const entriesAreSummed: Invariant = {
  name: 'funds.balance-is-the-sum-of-entries',
  statement: 'What is kept of each fund by week, of each account, brand and fiscal period, is the sum of its entries.',
  findBreaches: async (tx, turn) => {
    const weeks = await weeksToLookAt(tx, turn);
    return tx.many(limited(differing('dimension, fund_id, week', keptByWeek(weeks), recordedByWeek(weeks))));
  },
};

const standingNow = sql`select dimension, fund_id, key, ${columns} from funds.fund
  cross join lateral (select week from funds.standing last where last.fund_id = fund.id order by week desc limit 1) last
  join funds.standing on standing.fund_id = fund.id and standing.week = last.week`;

const keptApart = sql`
  select dimension, fund_id, key, ${columns} from funds.balance cross join lateral (values
    ('fund', fund_id::text), ('customer', customer_id::text), ('product', product_id::text)) kind (dimension, key)
  union all select 'period', fund_id, to_char(period_start, 'YYYY-MM-DD'), ${columns} from funds.monthly_balance`;

/** What must hold of every fund's money. */
export const fundsInvariants: readonly Invariant[] = [
  entriesAreSummed,
  invariant(
    'funds.months-sum-to-the-balance',
    'What each fund, account, brand and fiscal period has now is what is kept of the accounts and brands of each fund, and of its months.',
    differing('dimension, fund_id, key', standingNow, keptApart),
  ),
  invariant(
    'funds.holds-agree-with-the-ledger',
    'What tactics and proposed transfers hold of a fund is what its ledger says: Available = Budgeted − Σ max(Reserved + Committed, Earned).',
    sql<Breach>`
      with held as (select fund_id, sum(planned) as planned, sum(reserved) as reserved, sum(committed) as committed,
          sum(earned) as earned, sum(paid) as paid, sum(greatest(reserved + committed, earned)) as held
        from (select fund_id, planned, reserved, committed, earned, paid from funds.hold
          union all select from_fund_id, 0, amount, 0, 0, 0 from funds.transfer where state = 'proposed') each_hold
        group by fund_id),
      kept as (select fund_id, ${sums} from funds.balance group by fund_id)
      select 'fund/' || fund_id as subject, 'ledger: reserved ' || ${major('kept.reserved')} || ', committed ' || ${major('kept.committed')}
        || ', earned ' || ${major('kept.earned')} || ', paid ' || ${major('kept.paid')} || ', available ' || ${major('kept.available')}
        || '; holds: reserved ' || trim_scale(coalesce(held.reserved, 0)) || ', committed ' || trim_scale(coalesce(held.committed, 0))
        || ', earned ' || trim_scale(coalesce(held.earned, 0)) || ', paid ' || trim_scale(coalesce(held.paid, 0))
        || ', available ' || trim_scale(kept.budgeted / 10000.0 - coalesce(held.held, 0)) as detail
      from kept left join held using (fund_id)
      where (kept.planned, kept.reserved, kept.committed, kept.earned, kept.paid, kept.budgeted - kept.available)
        is distinct from (coalesce(held.planned, 0) * 10000, coalesce(held.reserved, 0) * 10000, coalesce(held.committed, 0) * 10000,
          coalesce(held.earned, 0) * 10000, coalesce(held.paid, 0) * 10000, coalesce(held.held, 0) * 10000)`,
  ),
];
