import pg from 'pg';
import { type Context, makeContext, type Scope, type ScopeSide } from '#context';
import { sql } from '#db';
import type { Permission } from '#module';
import { money } from '#money';
import { listSalesFacts } from '#performance';
import { expandScope, scopeFilter } from '#scope';
import { refusalOf } from '#security';

import type { BenchHouse, BenchPart } from '../trade/part.ts';

const checks = 50_000;
const repeats = 15;
const pages = 20;

const idOf = (kind: number, at: number) =>
  `0190a000-0000-7000-8000-${String(kind).padStart(2, '0')}${String(at).padStart(10, '0')}`;

function sideOf(kind: number, roots: number, nodes: number): ScopeSide {
  const within = new Set(Array.from({ length: nodes }, (_, at) => idOf(kind, at)));
  return { roots: [...within].slice(0, roots), within, above: new Set(), wide: false };
}

const middle = (all: number[]) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;

/** The check of one action in process: permission, tenant, both sides of the scope and the amount. */
export const policyCheckPart: BenchPart = {
  name: 'permission check',
  what: 'p50 and p99 of one check of an actor with so many permissions and as many nodes in the scope, with a limit each',
  sizes: [50, 100, 200],
  targets: { p99: 0.02 },
  run: async ({ context }, size) => {
    const permissions = Array.from({ length: size }, (_, at) => `area${at}:act`);
    const scope: Scope = { customer: sideOf(1, size, size * 20), product: sideOf(2, size, size * 20) };
    const limits = permissions.map((permission) => ({ permission, currency: 'USD', amount: '500.00' }));
    const actor = { permissions: new Set(permissions), scope, limits };
    const amount = money('500.00', 'USD');
    const took = new Float64Array(checks);
    let allowed = 0;
    for (let at = 0; at < checks; at++) {
      const permission = permissions[at % size] as Permission;
      // Every third lies outside.
      const resource = { customer: idOf(1, (at * 7) % (size * 30)), product: idOf(2, at % (size * 20)), amount };
      const began = performance.now();
      if (refusalOf(actor, context.tenant.id, permission, resource) === null) allowed += 1;
      took[at] = performance.now() - began;
    }
    took.sort();
    const figures = { p50: took[Math.floor(checks * 0.5)] ?? 0, p99: took[Math.floor(checks * 0.99)] ?? 0 };
    return { figures, note: `${allowed} of ${checks} allowed` };
  },
};

const stores = 500;
const products = 40;

async function fill({ url, context }: BenchHouse, rows: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const tenant = context.tenant.id;
  const id = (kind: string, at: string) => `('0190a000-0000-7000-8000-${kind}' || lpad((${at})::text, 10, '0'))::uuid`;
  await client.query(`
    insert into master_data.customer (tenant_id, id, code, name, parent_id, type, currency, created_at, updated_at)
      select '${tenant}', ${id('01', 'n')}, 'S' || n, 'Store ' || n, null, 'store', 'USD', now(), now() from generate_series(0, ${stores - 1}) n;
    insert into master_data.product (tenant_id, id, code, name, level, own, created_at, updated_at)
      select '${tenant}', ${id('02', 'n')}, 'P' || n, 'Product ' || n, 'sku', true, now(), now() from generate_series(0, ${products - 1}) n;
    alter table performance.sales disable trigger all;
    insert into performance.sales (tenant_id, customer_id, product_id, period_start, units, revenue, feature, display,
        price_reduction, currency, source, recorded_at)
      select '${tenant}', ${id('01', `n % ${stores}`)}, ${id('02', `n / ${stores} % ${products}`)},
        date '2025-01-06' + 7 * (n / ${stores * products}), n % 97, n % 89, false, false, false, 'USD', 'bench', now()
      from generate_series(0, ${rows - 1}) n;
    alter table performance.sales enable trigger all;
    analyze performance.sales, master_data.customer, master_data.product`);
  await client.end();
}

const sumOf = (context: Context) => sql`select product_id, sum(units) from performance.sales
  where ${scopeFilter(context, { customer: sql`customer_id`, product: sql`product_id` })} group by product_id`;

/** Pages of the product's own list, from as many places in it as there are pages. */
async function pagesOf(context: Context): Promise<void> {
  for (let at = 0; at < pages; at++) {
    const after = `${idOf(1, Math.floor((at * stores) / pages))}|${idOf(2, 0)}|2025-01-06`;
    const cursor = Buffer.from(after).toString('base64url');
    const { items } = await context.db.read(context, (tx) => listSalesFacts(tx, { limit: 50, cursor }));
    if (items.length !== 50) throw new Error(`a page of ${items.length}`);
  }
}

/** Milliseconds of something by somebody who sees everything and by somebody with a scope, run in turns: medians. */
async function timesOf(contexts: readonly [Context, Context], ask: (context: Context) => Promise<unknown>) {
  const times: [number[], number[]] = [[], []];
  for (let at = 0; at <= repeats; at++) {
    for (const [who, context] of contexts.entries()) {
      const began = performance.now();
      await ask(context);
      // The first pair warms the cache.
      if (at > 0) times[who]?.push(performance.now() - began);
    }
  }
  return { plain: middle(times[0]), narrowed: middle(times[1]) };
}

const addedTo = ({ plain, narrowed }: { plain: number; narrowed: number }) => (100 * (narrowed - plain)) / plain;

/**
 * Over so many facts, by somebody who sees everything and by somebody whose scope of 500 stores happens to hold all of
 * them, the dearest case: pages of the list, and a bare sum of one column, which looks at every row and does nothing else.
 */
export const policyListPart: BenchPart = {
  name: 'list filter',
  what: 'a page of 50 and a sum over so many rows without and with a scope of 500 stores that lets every row through',
  sizes: [10_000, 100_000, 1_000_000],
  targets: { 'page, added in %': 10, 'sum, added in %': 10 },
  run: async (house, rows) => {
    await fill(house, rows);
    const { context } = house;
    const customers = Array.from({ length: stores }, (_, at) => idOf(1, at));
    const scope = await context.db.read(context, (tx) => expandScope(tx, { customers, products: null }));
    if (!scope?.customer?.wide) throw new Error('the scope is not taken as wide');
    const both = [context, makeContext({ ...context, actor: { ...context.actor, scope } })] as const;
    const page = await timesOf(both, pagesOf);
    const sum = await timesOf(both, (asked) => asked.db.read(asked, (tx) => tx.many(sumOf(asked))));
    const figures = {
      ...{
        'page, plain': page.plain / pages,
        'page, narrowed': page.narrowed / pages,
        'page, added in %': addedTo(page),
      },
      ...{ 'sum, plain': sum.plain, 'sum, narrowed': sum.narrowed, 'sum, added in %': addedTo(sum) },
    };
    return { figures };
  },
};
