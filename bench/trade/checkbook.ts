import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Context } from '#context';
import { type CheckbookQuestion, fundsModule, readCheckbooks, readCheckbooksBy } from '#funds';
import { latenciesOf } from '../figures.ts';
import type { BenchHouse, BenchPart } from './part.ts';

const funds = 100;
const customers = 200;
const products = 60;
/** Each fund pays for so many customers and products. */
const customersPerFund = 20;
const productsPerFund = 10;
const days = 3 * 365;
const reads = 40;
const targetMs = 50;

const questions = [
  ...([
    'one fund now',
    'one fund as of',
    'all funds now',
    'all funds as of',
    'accounts now',
    'accounts as of',
  ] as const),
  ...(['brands now', 'brands as of', 'periods of a year now', 'periods of a year as of'] as const),
  ...(['periods of an account now', 'periods of an account as of', 'brands of an account now'] as const),
] as const;

/** Entries of three years without holds: deposits, and for every ten of them a tactic that reserves, commits, earns and is paid. */
const fillSql = (size: number) => `
  create temporary table made as select i, gen_random_uuid() as fund_id from generate_series(0, ${funds - 1}) i;
  insert into funds.fund (tenant_id, id, code, name, kind, currency, valid_from, valid_to, created_at)
    select $1, fund_id, 'F' || i, 'Fund ' || i, 'fixed', 'USD', '2024-01-01', '2026-12-31', now() from made;
  create temporary table account as select i, gen_random_uuid() as id from generate_series(0, ${customers - 1}) i;
  insert into master_data.customer (tenant_id, id, code, name, parent_id, type, currency, created_at, updated_at)
    select $1, id, 'C' || i, 'Customer ' || i, null, 'account', 'USD', now(), now() from account;
  update master_data.customer child set parent_id = parent.id
    from account me join account parent on parent.i = me.i / 10 and me.i >= 10 and parent.i < 20
    where child.id = me.id;
  create temporary table sku as select i, gen_random_uuid() as id from generate_series(0, ${products - 1}) i;
  insert into master_data.product (tenant_id, id, code, name, parent_id, level, own, created_at, updated_at)
    select $1, id, 'P' || i, 'Product ' || i, null, 'sku', true, now(), now() from sku;
  insert into funds.entry (tenant_id, id, kind, from_fund_id, from_account, to_fund_id, to_account, amount, currency,
      promotion_id, tactic_id, customer_id, product_id, note, actor_id, occurred_at, on_date, period_start)
    select $1, gen_random_uuid(), step.kind, fund_id, step.source, fund_id, step.target, step.amount, 'USD',
      tactic_id, tactic_id, account.id, sku.id, '', '00000000-0000-0000-0000-000000000000', at, at::date, date_trunc('month', at)::date
    from (select t, gen_random_uuid() as tactic_id, (t * 7919) % ${funds} as fund, (t / ${funds}) % ${customersPerFund} as customer,
        (t / ${funds * customersPerFund}) % ${productsPerFund} as product, (t::bigint * 104729) % ${days} as day from generate_series(1, ${Math.ceil(size / 10)}) t) tactic
      join made on made.i = tactic.fund
      join account on account.i = (tactic.fund * 7 + tactic.customer * 3) % ${customers}
      join sku on sku.i = (tactic.fund * 11 + tactic.product) % ${products}
      cross join (values (0, 'deposit', 'outside', 'available', 100.00), (1, 'reserve', 'available', 'reserved', 90.00),
        (3, 'commit', 'reserved', 'committed', 90.00), (20, 'earn', 'committed', 'earned', 30.00),
        (27, 'earn', 'committed', 'earned', 30.00), (34, 'earn', 'committed', 'earned', 20.00),
        (50, 'pay', 'earned', 'paid', 30.00), (57, 'pay', 'earned', 'paid', 30.00), (64, 'pay', 'earned', 'paid', 20.00),
        (70, 'release', 'committed', 'available', 10.00)) step (after, kind, source, target, amount)
      cross join lateral (select timestamptz '2024-01-01 08:00:00Z' + make_interval(days => (tactic.day + step.after)::int, secs => t % 36000) as at) moment
      -- A ledger is written in the order of recording.
      order by moment.at;
  insert into funds.balance select tenant_id, fund_id, customer_id, product_id, sum(budgeted), sum(planned), sum(reserved),
      sum(committed), sum(earned), sum(paid), sum(available) from funds.movement group by 1, 2, 3, 4;
  insert into funds.monthly_balance select tenant_id, fund_id, customer_id, product_id, period_start, month, sum(budgeted),
      sum(planned), sum(reserved), sum(committed), sum(earned), sum(paid), sum(available)
    from funds.movement group by 1, 2, 3, 4, 5, 6;
  insert into funds.standing select * from funds.standing_of_entries;
  analyze funds.standing; analyze funds.entry; analyze funds.balance; analyze funds.monthly_balance; analyze funds.fund;
  analyze master_data.customer; analyze master_data.product`;

/** The same columns with nothing kept: what a plain query over the entries costs. */
const peerSql = `select fund_id, sum(budgeted), sum(planned), sum(reserved), sum(committed), sum(earned), sum(paid), sum(available)
  from funds.movement where fund_id = $1 group by fund_id`;

interface Filled {
  fundIds: string[];
  customerIds: string[];
}

async function fill(owner: pg.Client, tenantId: string, size: number): Promise<Filled> {
  for (const statement of fillSql(size).split(';\n')) {
    await owner.query(statement.replaceAll('$1', `'${tenantId}'::uuid`));
  }
  const ids = async (table: string) =>
    (
      await owner.query<{ id: string }>(`select id from ${table} where tenant_id = '${tenantId}' order by code`)
    ).rows.map(({ id }) => id);
  return { fundIds: await ids('funds.fund'), customerIds: await ids('master_data.customer') };
}

async function p95Of(work: (number: number) => Promise<unknown>): Promise<number[]> {
  const valuesMs: number[] = [];
  for (let number = -5; number < reads; number++) {
    const begun = performance.now();
    await work(number);
    if (number >= 0) valuesMs.push(performance.now() - begun);
  }
  return valuesMs;
}

/** How long one look at everything that must hold of funds takes. */
async function lookOnce(context: Context): Promise<number> {
  const begun = performance.now();
  for (const { name, findBreaches } of fundsModule.invariants ?? []) {
    const breaches = await context.db.read(context, (tx) => findBreaches(tx, { number: 0, of: 3 }));
    if (breaches.length > 0 && name !== 'funds.holds-agree-with-the-ledger') throw new Error(`${name} is broken`);
  }
  return performance.now() - begun;
}

/** A past instant, another one each time. */
const instant = (number: number): string =>
  new Date(Date.UTC(2024, 0, 2) + (((number + 5) * 7_919 * 3_600_000) % (days * 86_400_000))).toISOString();

/** Checkbooks by everything that people ask for, now and as of past instants, beside the sums over the entries. */
export const part: BenchPart = {
  name: 'checkbook',
  what: 'the checkbook of a fund, and of all funds, accounts, brands and periods, now and as of past instants; size = fund entries',
  sizes: [10_000, 100_000, 1_000_000],
  targets: Object.fromEntries(questions.map((question) => [`${question}, p95`, targetMs])),
  run: async ({ context, db, url }: BenchHouse, size: number) => {
    const owner = new pg.Client({ connectionString: url });
    await owner.connect();
    try {
      const { fundIds, customerIds } = await fill(owner, context.tenant.id, size);
      const fund = (number: number) => fundIds[(number + 5) % fundIds.length] ?? randomUUID();
      const oneFund = (asOf?: (number: number) => string) =>
        p95Of((number) => db.read(context, (tx) => readCheckbooks(tx, [fund(number)], asOf?.(number))));
      const asked = (question: (number: number) => CheckbookQuestion) =>
        p95Of((number) => readCheckbooksBy(context, question(number)));
      const year = { from: '2026-01-01', to: '2026-12-31' };
      const customer = (number: number) => ({ customerId: customerIds[(number + 5) % customerIds.length] });
      const ask: Record<(typeof questions)[number], () => Promise<number[]>> = {
        'one fund now': () => oneFund(),
        'one fund as of': () => oneFund(instant),
        'all funds now': () => asked(() => ({ by: 'fund' })),
        'all funds as of': () => asked((number) => ({ by: 'fund', asOf: instant(number) })),
        'accounts now': () => asked(() => ({ by: 'customer' })),
        'accounts as of': () => asked((number) => ({ by: 'customer', asOf: instant(number) })),
        'brands now': () => asked(() => ({ by: 'product' })),
        'brands as of': () => asked((number) => ({ by: 'product', asOf: instant(number) })),
        'periods of a year now': () => asked(() => ({ by: 'period', ...year })),
        'periods of a year as of': () => asked((number) => ({ by: 'period', ...year, asOf: instant(number) })),
        'periods of an account now': () => asked((number) => ({ by: 'period', ...customer(number) })),
        'periods of an account as of': () =>
          asked((number) => ({ by: 'period', ...customer(number), asOf: instant(number) })),
        'brands of an account now': () => asked((number) => ({ by: 'product', ...customer(number) })),
      };
      const figures: Record<string, number> = {};
      for (const name of questions) figures[`${name}, p95`] = latenciesOf(await ask[name]()).p95;
      const plain = await p95Of((number) => owner.query(peerSql, [fund(number)]));
      figures['peer: one fund by plain SQL over its entries, p95'] = latenciesOf(plain).p95;
      figures['all invariants of funds, one look'] = await lookOnce(context);
      return { figures };
    } finally {
      await owner.end();
    }
  },
};
