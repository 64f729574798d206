import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Context } from '#context';
import { sql } from '#db';
import { fileInMemory, findCustomers, findProducts } from '#master-data';
import { expandScope } from '#scope';
import { testHouse } from '../../test/house.ts';
import { imports } from './imports.ts';
// Putting the modules together teaches where their things lie.
import './modules.ts';

async function load(context: Context, kind: string, rows: readonly string[]) {
  const source = fileInMemory(Buffer.from(`${rows.join('\n')}\n`));
  const done = await imports.runImport(context, { kind, source, fileName: `${kind}.csv` });
  assert.deepEqual([done.status, done.errors], ['finished', []]);
  const refused = await context.db.read(context, (tx) =>
    tx.many<{ row: number; reasons: string[] }>(sql`select row_number::integer as row, reasons
      from master_data.import_quarantine where import_id = ${done.id} order by row_number`),
  );
  return { stored: done.rows.stored, refused: refused.map(({ row, reasons }) => [row, ...reasons]) };
}

const customers = ['code,name,parent_code,type', 'A,A,,banner', 'A1,A1,A,store', 'X,X,,banner'];
const products = ['code,name,parent_code,level', 'P,P,,category', 'SKU,S,P,sku', 'Q,Q,,category', 'OTHER,O,Q,sku'];
const funds = 'code,name,kind,currency,amount,valid_from,valid_to,customer_code,product_code';
const fund = (code: string, name: string, customer: string, product: string) =>
  `${code},${name},fixed,USD,1000.00,2026-01-01,2027-12-31,${customer},${product}`;
const lies = (what: string) => `the ${what} lies outside the part that you are kept to`;

/** A tenant with two banners and two categories, and somebody who is kept to one of each. */
async function twoParts(t: TestContext) {
  const house = await testHouse(t);
  const whole = house.context();
  await load(whole, 'customers', customers);
  await load(whole, 'products', products);
  await load(whole, 'funds', [funds, fund('ALL', 'All', '', ''), fund('FX', 'Of X', 'X', 'P')]);
  const scope = await house.db.read(whole, async (tx) => {
    const [banner] = await findCustomers(tx, { codes: ['A'] });
    const [category] = await findProducts(tx, { codes: ['P'] });
    return expandScope(tx, { customers: [banner?.id ?? ''], products: [category?.id ?? ''] });
  });
  return { whole, kept: { ...whole, actor: { ...whole.actor, scope } } };
}

test('whoever is kept to a part imports funds, terms, promotions and remittances inside it; the rest goes to quarantine', async (t) => {
  const { whole, kept } = await twoParts(t);
  assert.deepEqual(
    await load(kept, 'funds', [
      funds,
      ...[fund('FA', 'Of A', 'A1', 'SKU'), fund('FB', 'Of X', 'X', 'P'), fund('FC', 'For all', 'A', '')],
      ...[fund('FX', 'Taken over', 'A', 'P'), fund('FX', 'Asked for its money', 'A', 'P').replace('1000.00', '7.00')],
    ]),
    {
      stored: 1,
      refused: [
        [2, lies('customer X')],
        [3, 'no product is named, and you are kept to a part of them'],
        [4, 'customer_code of FX is another one: a fund keeps its kind and its scope'],
        [5, 'customer_code of FX is another one: a fund keeps its kind and its scope'],
      ],
    },
  );
  const terms = (code: string, customer: string, product: string, line: string) =>
    `${code},${code},${customer},${product},2026-01-01,${line},on_invoice,percent_of_list,2`;
  const whole1 = (code: string) => `another row of ${code} is not taken: an agreement is taken whole or not at all`;
  assert.deepEqual(
    await load(kept, 'terms', [
      'code,name,customer_code,product_code,valid_from,line_code,kind,basis,rate',
      ...[terms('T1', 'A', 'P', 'ONE'), terms('T1', 'A', 'P', 'TWO'), terms('T2', 'X', 'P', 'ONE')],
      ...[terms('T3', 'A', 'P', 'ONE'), terms('T3', 'A', 'Q', 'TWO')],
    ]),
    {
      stored: 2,
      refused: [
        [3, lies('customer X')],
        [4, whole1('T3')],
        [5, lies('product Q')],
      ],
    },
  );
  const plan = (code: string, customer: string, skus: string, from: string) =>
    `${code},${code},${customer},2027-03-01,2027-03-14,scan_back,${skus},1.00,case,${from}`;
  const whole2 = (code: string) => `another row of ${code} is not taken: a promotion is taken whole or not at all`;
  assert.deepEqual(
    await load(kept, 'promotions', [
      'code,name,customer_code,starts_on,ends_on,mechanic,product_codes,rate,rate_per,fund_code',
      ...[plan('P1', 'A1', 'SKU', 'ALL:0.5|FA:0.5'), plan('P2', 'X', 'SKU', 'ALL'), plan('P3', 'A', 'SKU', 'FX')],
      ...[plan('P4', 'A', 'SKU', 'ALL'), plan('P4', 'A', 'SKU|OTHER', 'ALL')],
    ]),
    {
      stored: 1,
      refused: [
        [2, lies('customer X')],
        [3, lies('fund FX')],
        [4, whole2('P4')],
        [5, lies('product OTHER')],
      ],
    },
  );
  const today = kept.clock.now().toISOString().slice(0, 10);
  const advice = (customer: string) => `${customer},R-${customer},${today},-5.00,D-${customer},-5.00`;
  const remittances = await load(kept, 'remittances', [
    'customer_code,reference,paid_on,total,line_reference,amount',
    ...[advice('A1'), advice('X')],
  ]);
  assert.deepEqual(remittances, { stored: 1, refused: [[2, lies('customer X')]] });
  const names = await whole.db.read(whole, (tx) => tx.many(sql`select code, name from funds.fund order by code`));
  assert.deepEqual(names, [
    { code: 'ALL', name: 'All' },
    { code: 'FA', name: 'Of A' },
    { code: 'FX', name: 'Of X' },
  ]);
});
