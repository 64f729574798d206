import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import type { Context } from '#context';
import { createImports, fileInMemory, masterDataImports } from '#master-data';
import { type TestHouse, testHouse } from '../../../../test/house.ts';
import { depletionsImport, salesImport, shipmentsImport } from './index.ts';

const imports = createImports({ kinds: [...masterDataImports, salesImport, shipmentsImport, depletionsImport] });

async function load(context: Context, kind: string, text: string) {
  const source = fileInMemory(Buffer.from(text));
  return imports.runImport(context, { kind, source, fileName: `${kind}.csv` });
}

/** Runs a statement behind row-level security. */
async function look(house: TestHouse, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  const { rows } = await client.query(statement);
  await client.end();
  return rows;
}

async function withMasterData(t: Parameters<typeof testHouse>[0]) {
  const house = await testHouse(t);
  const context = house.context();
  await load(context, 'customers', 'code,name,type,currency\nS1,One,store,\nS2,Two,store,EUR\n');
  await load(context, 'products', 'code,name,level\nP1,One,sku\nP2,Two,sku\n');
  return { house, context };
}

const head = 'customer_code,product_code,period_start,units,revenue,price,base_price,feature,display,tpr,source\n';
const good = 'S1,P1,2026-01-05,14,16.38,1.17,1.18,0,1,0,pos\nS2,P2,2026-01-12,3,30.00,10,10,0,0,0,pos\n';

test('sales are stored once: the same file twice changes nothing and tells nobody', async (t) => {
  const { house, context } = await withMasterData(t);
  const first = await load(context, 'sales', head + good);
  assert.deepEqual(first.rows, { read: 2, stored: 2, unchanged: 0, quarantined: 0 });
  assert.deepEqual(first.totals, {
    units: { read: '17', accepted: '17', quarantined: '0' },
    revenue: { read: '46.38', accepted: '46.38', quarantined: '0' },
  });
  const again = await load(context, 'sales', head + good);
  assert.deepEqual(again.rows, { read: 2, stored: 0, unchanged: 2, quarantined: 0 });
  const events = await look(house, "select data from event.outbox where type = 'performance.sales.stored'");
  assert.deepEqual(
    events.map(({ data }) => data),
    [{ from: '2026-01-05', to: '2026-01-12', rows: 2, importId: first.id, source: 'sales.csv' }],
  );
  const rows = await look(
    house,
    'select units, price, display, currency, source from performance.sales order by units',
  );
  assert.deepEqual(rows, [
    { units: '3.000', price: '10.000000', display: false, currency: 'EUR', source: 'pos' },
    { units: '14.000', price: '1.170000', display: true, currency: 'USD', source: 'pos' },
  ]);
});

test('every kind of dirty row goes to quarantine with its reason, and the control totals add up', async (t) => {
  const { house, context } = await withMasterData(t);
  const dirty: [string, string][] = [
    ['S1,P1,2026-01-12,1,1.00,,1.18,0,0,0,pos', 'price is missing'],
    ['S1,P1,2026-01-12,1,1.00,0,1.18,0,0,0,pos', 'price is zero'],
    ['S1,P1,2026-01-12,1,1.00,1.00,,0,0,0,pos', 'base_price is missing'],
    ['S9,P1,2026-01-12,1,1.00,1.00,1.18,0,0,0,pos', 'there is no customer S9'],
    ['S1,P9,2026-01-12,1,1.00,1.00,1.18,0,0,0,pos', 'there is no product P9'],
    ['S1,P1,2026-01-12,-5,1.00,1.00,1.18,0,0,0,pos', 'units is negative: "-5"'],
    ['S1,P1,2026-02-30,1,1.00,1.00,1.18,0,0,0,pos', 'period_start is not a date (YYYY-MM-DD): "2026-02-30"'],
    ['S1,P1,12/01/2026,1,1.00,1.00,1.18,0,0,0,pos', 'period_start is not a date (YYYY-MM-DD): "12/01/2026"'],
    ['S1,P1,2026-01-12,one,1.00,1.00,1.18,0,0,0,pos', 'units is not a decimal number: "one"'],
    ['S1,P1,2026-01-12,1,1.00,1.00,1.18,2,0,0,pos', 'feature is neither 1 nor 0: "2"'],
    [
      'S1,P1,2026-01-05,15,1.00,1.00,1.18,0,0,0,pos',
      'duplicate: an earlier row of this file has the same customer, product and day',
    ],
  ];
  const file = `${head}${good}${dirty.map(([row]) => row).join('\n')}\n`;
  const result = await load(context, 'sales', file);
  assert.deepEqual(result.rows, { read: 13, stored: 2, unchanged: 0, quarantined: 11 });
  assert.deepEqual(result.totals.units, { read: '35', accepted: '17', quarantined: '18' });
  assert.deepEqual(result.totals.revenue, { read: '57.38', accepted: '46.38', quarantined: '11' });
  const rows = await look(house, 'select row_number::int as n, reasons from master_data.import_quarantine order by 1');
  assert.deepEqual(
    rows,
    dirty.map(([, reason], i) => ({ n: i + 3, reasons: [reason] })),
  );
  assert.equal((await load(context, 'sales', file)).rows.unchanged, 2);
});

test('without price columns sales are taken without prices', async (t) => {
  const { house, context } = await withMasterData(t);
  const file = 'customer_code,product_code,period_start,units,revenue\nS1,P1,2026-01-05,14,16.38\n';
  assert.equal((await load(context, 'sales', file)).rows.stored, 1);
  assert.deepEqual(await look(house, 'select price, base_price, source from performance.sales'), [
    { price: null, base_price: null, source: 'import' },
  ]);
});

test('a restated week replaces the value and keeps the old one as a revision', async (t) => {
  const { house, context } = await withMasterData(t);
  await load(context, 'sales', head + good);
  house.clock.set('2026-06-20T12:00:00Z');
  const restated = await load(context, 'sales', head + good.replace(',14,16.38,', ',20,23.40,'));
  assert.deepEqual(restated.rows, { read: 2, stored: 1, unchanged: 1, quarantined: 0 });
  const now = await look(house, 'select units, recorded_at from performance.sales order by units');
  assert.deepEqual(now, [
    { units: '3.000', recorded_at: new Date('2026-06-15T12:00:00Z') },
    { units: '20.000', recorded_at: new Date('2026-06-20T12:00:00Z') },
  ]);
  const kept = await look(house, 'select units, revenue, recorded_at, superseded_at from performance.sales_revision');
  assert.deepEqual(kept, [
    {
      ...{ units: '14.000', revenue: '16.380' },
      ...{ recorded_at: new Date('2026-06-15T12:00:00Z'), superseded_at: new Date('2026-06-20T12:00:00Z') },
    },
  ]);
});

test("another tenant's codes are unknown and its sales untouched", async (t) => {
  const { house, context } = await withMasterData(t);
  await load(context, 'sales', head + good);
  const theirs = await load(house.context({ tenant: 'b' }), 'sales', head + good);
  assert.deepEqual(theirs.rows, { read: 2, stored: 0, unchanged: 0, quarantined: 2 });
  assert.equal((await look(house, 'select 1 from performance.sales')).length, 2);
});

test('two imports of one file at once store every row once', async (t) => {
  const { house, context } = await withMasterData(t);
  const rows = Array.from({ length: 12_000 }, (_, i) => {
    const day = new Date(Date.UTC(2000, 0, 1 + i)).toISOString().slice(0, 10);
    return `S1,P1,${day},1,1.00,1.00,1.00,0,0,0,pos`;
  });
  const file = `${head}${rows.join('\n')}\n`;
  const results = await Promise.all([load(context, 'sales', file), load(context, 'sales', file)]);
  assert.equal(results[0].rows.stored + results[1].rows.stored, 12_000);
  assert.equal(results[0].rows.unchanged + results[1].rows.unchanged, 12_000);
  assert.deepEqual(await look(house, 'select count(*)::int as n from performance.sales'), [{ n: 12_000 }]);
  assert.deepEqual(await look(house, 'select count(*)::int as n from performance.sales_revision'), [{ n: 0 }]);
});

test('shipments are stored in cases, returns are negative, and a changed week is a revision', async (t) => {
  const { house, context } = await withMasterData(t);
  const file =
    'customer_code,product_code,period_start,cases,revenue\nS1,P1,2026-01-05,10,300.00\nS1,P1,2026-01-12,-2,-60\n';
  assert.equal((await load(context, 'shipments', file)).rows.stored, 2);
  assert.equal((await load(context, 'shipments', file)).rows.unchanged, 2);
  assert.equal((await load(context, 'shipments', file.replace(',10,', ',11,'))).rows.stored, 1);
  assert.deepEqual(await look(house, 'select cases from performance.shipment_revision'), [{ cases: '10.000' }]);
});

test('quantities in another unit convert by the pack sizes of their day, and a missing one is a reason, never a guess', async (t) => {
  const { house, context } = await withMasterData(t);
  await load(
    context,
    'units',
    'product_code,unit,units,valid_from\nP1,case,12,2026-01-01\nP1,case,10,2026-02-02\nP1,pallet,480,2026-01-01\n',
  );
  const shipped = await load(
    context,
    'shipments',
    'customer_code,product_code,period_start,cases,unit,revenue\n' +
      'S1,P1,2026-01-05,2,pallet,1\nS1,P1,2026-02-02,2,pallet,1\nS1,P1,2026-02-09,5,,1\nS1,P1,2026-02-16,7,inner,1\n' +
      'S1,P2,2026-02-02,6,each,1\nS1,P1,2026-02-23,6,crate,1\n',
  );
  assert.deepEqual(shipped.rows, { read: 6, stored: 3, unchanged: 0, quarantined: 3 });
  const cases = await look(house, 'select cases from performance.shipment order by period_start');
  assert.deepEqual(
    cases.map((row) => row.cases),
    ['80.000', '96.000', '5.000'],
  );
  const reasons = await look(house, 'select reasons from master_data.import_quarantine order by row_number');
  assert.deepEqual(
    reasons.map((row) => row.reasons),
    [
      ['The product P1 has no units per inner on 2026-02-16.'],
      ['The product P2 has no units per case on 2026-02-02.'],
      ['unit is not one of each, inner, case, pallet: "crate"'],
    ],
  );
  await load(
    context,
    'sales',
    'customer_code,product_code,period_start,units,unit,revenue\nS1,P1,2026-01-05,3,case,1\nS1,P1,2026-01-12,3,each,1\n',
  );
  const units = await look(house, 'select units from performance.sales order by period_start');
  assert.deepEqual(
    units.map((row) => row.units),
    ['36.000', '3.000'],
  );
});

test('depletions are stored once, and a restated week keeps what stood there', async (t) => {
  const { house, context } = await withMasterData(t);
  const file = (cases: number) => `customer_code,product_code,period_start,cases\nS1,P1,2026-01-05,${cases}\n`;
  assert.equal((await load(context, 'depletions', file(40))).rows.stored, 1);
  assert.equal((await load(context, 'depletions', file(40))).rows.unchanged, 1);
  assert.equal((await load(context, 'depletions', file(36))).rows.stored, 1);
  assert.deepEqual(await look(house, 'select cases, source from performance.depletion'), [
    { cases: '36.000', source: 'import' },
  ]);
  assert.deepEqual(await look(house, 'select cases from performance.depletion_revision'), [{ cases: '40.000' }]);
});
