import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Context } from '#context';
import { sql } from '#db';
import { createCustomer, createProduct, ensureCalendarFor } from '#master-data';
import { amountOf } from '#money';
import { type TestHouse, testHouse } from '../../../test/house.ts';
import { type OpenFund, openFund } from './change-funds.ts';
import { readCheckbooks } from './checkbook-store.ts';
import { type CheckbookColumn, checkbookColumns } from './domain/checkbook.ts';
import type { Fund } from './domain/fund.ts';

/** What the tests of this module play in: a banner with two accounts, a brand with two products, a calendar. */
export interface Trade {
  house: TestHouse;
  context: Context;
  banner: string;
  accounts: [string, string];
  brand: string;
  skus: [string, string];
  open(code: string, change?: Partial<OpenFund>): Promise<Fund>;
  /** Some columns of a fund's checkbook as amounts, by name. */
  columns(fundId: string, names?: readonly CheckbookColumn[], asOf?: string): Promise<Record<string, string>>;
  /** Cases shipped to the first account, of the first product unless told otherwise; an earlier figure is replaced. */
  ship(week: string, cases: string, productId?: string): Promise<void>;
  /** Data of the events of a type, oldest first. */
  events(type: string): Promise<Record<string, unknown>[]>;
}

/** Sets the scene on 15 June 2026. */
export async function setTrade(t: TestContext): Promise<Trade> {
  const house = await testHouse(t);
  const context = house.context();
  const customer = (code: string, parentId: string | null) =>
    createCustomer(context, { code, name: code, type: parentId ? 'account' : 'banner', currency: 'USD', parentId });
  const banner = await customer('B', null);
  const accounts = [await customer('B-1', banner.id), await customer('B-2', banner.id)] as const;
  const brand = await createProduct(context, { code: 'R', name: 'Brand', level: 'brand', own: true });
  const prices = { listPrice: { amount: '30.00', currency: 'USD' }, cost: { amount: '16.00', currency: 'USD' } };
  const sku = (code: string) =>
    createProduct(context, {
      ...{ code, name: code, level: 'sku', own: true, parentId: brand.id, unitsPerCase: '12', ...prices },
    });
  const skus = [await sku('R-1'), await sku('R-2')] as const;
  await context.db.transact(context, (tx) => ensureCalendarFor(tx, { from: '2026-01-05', to: '2026-12-28' }));
  return {
    ...{ house, context, banner: banner.id, brand: brand.id },
    accounts: [accounts[0].id, accounts[1].id],
    skus: [skus[0].id, skus[1].id],
    open: (code, change = {}) =>
      openFund(context, {
        ...{ code, name: code, kind: 'fixed', currency: 'USD', validFrom: '2026-01-01', validTo: '2026-12-31' },
        ...change,
      }),
    columns: async (fundId, names = checkbookColumns, asOf) => {
      const book = await context.db.read(context, async (tx) => (await readCheckbooks(tx, [fundId], asOf)).get(fundId));
      assert.ok(book);
      return Object.fromEntries(names.map((name) => [name, amountOf(book[name])]));
    },
    ship: (week, cases, productId = skus[0].id) =>
      context.db.transact(context, async (tx) => {
        await tx.run(sql`insert into performance.shipment
          values (${context.tenant.id}, ${accounts[0].id}, ${productId}, ${week}, ${cases}, 0, 'USD', 'test', now())
          on conflict (tenant_id, customer_id, product_id, period_start) do update set cases = excluded.cases`);
      }),
    events: async (type) => {
      const rows = await house.db.system((tx) =>
        tx.many<{ data: Record<string, unknown> }>(
          sql`select data from event.outbox where type = ${type} order by occurred_at, id`,
        ),
      );
      return rows.map(({ data }) => data);
    },
  };
}
