import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sql } from '#db';
import { fileInMemory } from '#master-data';
import { testHouse } from '../../test/house.ts';
import { type ExportKind, exportData, exportKinds } from './export.ts';
import { csvCell } from './export-csv.ts';
import { imports } from './imports.ts';

/** What a tenant begins with; a name that a spreadsheet would run, a code with a comma, a price of its own. */
const files: Record<ExportKind, string> = {
  customers: `code,name,parent_code,type,channel,currency
R,"'=HYPERLINK(1)",,retailer,grocery,USD
"S,1",@Store,R,store,,USD`,
  products: `code,name,parent_code,level,units_per_case,list_price,cost,currency,own
C,Cereal,,category,,,,,1
P,Oats,C,sku,12,24.00,12.50,USD,1
X,Rival,C,sku,,,,,0`,
  prices: `product_code,list_price,cost,currency,valid_from,valid_to
P,20.00,11.00,USD,2025-01-01,2025-12-31`,
  funds: `code,name,kind,currency,amount,valid_from,valid_to,customer_code,product_code
F1,Fixed,fixed,USD,5000.00,2026-01-01,2026-12-31,R,C
F2,Open,fixed,USD,100.00,2026-01-01,2026-12-31,,
F3:EU,Euro,fixed,EUR,900.00,2026-01-01,2026-12-31,,`,
  sales: `customer_code,product_code,period_start,units,revenue,price,base_price,feature,display,tpr,source
"S,1",P,2026-01-05,10.5,-21.5,2.05,2.5,1,0,0,pos
"S,1",X,2026-01-05,3,6,2,2,0,1,1,pos`,
  shipments: `customer_code,product_code,period_start,cases,revenue,source
"S,1",P,2026-01-05,-2,-48,erp`,
  terms: `code,name,customer_code,product_code,currency,valid_from,valid_to,line_code,kind,basis,rate,tiers,tier_method,tier_measure,condition,payment
A1,Year,R,C,USD,2026-01-01,2026-12-31,ON,on_invoice,percent_of_list,3.5,,,,,on_invoice
A1,Year,R,C,USD,2026-01-01,2026-12-31,PALLETS,conditional,per_case,0.2,,,,"full pallets, on time",quarterly
A1,Year,R,C,USD,2026-01-01,2026-12-31,VOLUME,volume_rebate,percent_of_invoice,,1000:1|2000:1.5,incremental,cases,,yearly
A2,Open,"S,1",,USD,2026-02-01,,BONUS,off_invoice,lump_sum,500,,,,,yearly`,
  promotions: `code,name,customer_code,starts_on,ends_on,ship_starts_on,ship_ends_on,mechanic,product_codes,rate,rate_per,lump_sum,currency,pass_through,fund_code,state
E1,Past,R,2026-02-02,2026-02-15,2026-01-26,2026-02-15,off_invoice,P,2.40,case,,USD,0.5,F1,ended
E1,Past,R,2026-02-02,2026-02-15,2026-01-26,2026-02-15,feature,P,,,1000.00,USD,,F2,ended
E2,+Plan,"S,1",2026-09-07,2026-09-20,,,feature,P,,,500.00,USD,,F1,draft
E3,Shared,R,2026-09-07,2026-09-20,,,feature,P,,,500.00,USD,,F1:0.333333|F2:0.5|F3:EU:0.166667~closing@2026-05-01,draft
E4,Abroad,R,2026-10-05,2026-10-11,,,feature,P,,,500.00,USD,,F3:EU:1~closing@2026-05-01,draft`,
};
/** Exchange rates are no export: each tenant has its own. */
const euro = `type,from_currency,to_currency,valid_on,rate\nclosing,USD,EUR,2026-05-01,0.9`;
const order: ExportKind[] = ['customers', 'products', 'prices', 'funds', 'sales', 'shipments', 'terms', 'promotions'];

async function twoTenants(t: TestContext) {
  const house = await testHouse(t);
  const folder = mkdtempSync(join(tmpdir(), 'tradeai-export-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const take = async (tenant: 'a' | 'b', kind: ExportKind, text: string) => {
    const source = fileInMemory(Buffer.from(text));
    const result = await imports.runImport(house.context({ tenant }), { kind, fileName: `${kind}.csv`, source });
    assert.deepEqual([result.status, result.rows.quarantined], ['finished', 0], JSON.stringify(result));
    return result.rows;
  };
  const give = async (tenant: 'a' | 'b', kind: ExportKind) => {
    const path = join(folder, `${tenant}-${kind}.csv`);
    const { rows } = await exportData(house.context({ tenant }), kind, path);
    return { rows, text: readFileSync(path, 'utf8') };
  };
  for (const tenant of ['a', 'b'] as const) {
    const source = fileInMemory(Buffer.from(euro));
    const { rows } = await imports.runImport(house.context({ tenant }), {
      kind: 'fx_rates',
      fileName: 'fx.csv',
      source,
    });
    assert.equal(rows.stored, 1);
  }
  for (const kind of order) await take('a', kind, files[kind]);
  return { house, take, give };
}

test('what is exported from one tenant and imported into another is exported from there as the same', async (t) => {
  assert.deepEqual([...order].sort(), [...exportKinds].sort());
  const { take, give } = await twoTenants(t);
  // Facts are in the order of ids, which differ between tenants.
  const lines = (text: string) => text.split('\n').sort();
  for (const kind of order) {
    const { text, rows } = await give('a', kind);
    assert.ok(rows > 0, kind);
    assert.equal((await take('a', kind, text)).stored, 0, `${kind}: nothing is new to its own tenant`);
    await take('b', kind, text);
    assert.deepEqual(lines((await give('b', kind)).text), lines(text), kind);
  }
});

test('a text that a spreadsheet would run is exported with an apostrophe, and numbers as they are', async (t) => {
  const { give } = await twoTenants(t);
  const { text } = await give('a', 'customers');
  assert.match(text, /^R,'=HYPERLINK\(1\),,retailer,grocery,USD$/m);
  assert.match(text, /^"S,1",'@Store,R,/m);
  assert.match((await give('a', 'shipments')).text, /,-2,-48,erp$/m);
  assert.equal(csvCell("'=already"), "''=already");
  assert.equal(csvCell('-1+1'), "'-1+1");
  assert.equal(csvCell('a "b"'), '"a ""b"""');
});

test('prices that nobody reported are no columns of the export, so that an import takes it', async (t) => {
  const { house, take, give } = await twoTenants(t);
  await house.db.transact(house.context(), (tx) =>
    tx.run(sql`update performance.sales set price = null, base_price = null`),
  );
  const { text } = await give('a', 'sales');
  assert.match(text, /^customer_code,product_code,period_start,units,revenue,feature,/);
  for (const kind of ['customers', 'products'] as const) await take('b', kind, (await give('a', kind)).text);
  assert.equal((await take('b', 'sales', text)).stored, 2);
});

test('a card’s number that is there all the same leaves in no export', async (t) => {
  const { house, give } = await twoTenants(t);
  await house.db.transact(house.context(), (tx) =>
    tx.run(sql`update master_data.customer set name = 'Pays by 4111 1111 1111 1111' where code = 'R'`),
  );
  const { text } = await give('a', 'customers');
  assert.match(text, /^R,Pays by \[card •••• 1111\],/m);
  assert.ok(!text.includes('4111'));
});

test('every export leaves an audit entry with its kind, its rows and who took it, and takes one tenant only', async (t) => {
  const { house, give } = await twoTenants(t);
  assert.equal((await give('b', 'sales')).rows, 0);
  await give('a', 'sales');
  const entries = (tenant: 'a' | 'b') =>
    house.db.read(house.context({ tenant }), (tx) =>
      tx.many<{ after: unknown }>(sql`select after from audit.entry where action = 'data.exported'`),
    );
  assert.deepEqual(await entries('a'), [{ after: { kind: 'sales', rows: 2, by: 'Test' } }]);
  assert.deepEqual(await entries('b'), [{ after: { kind: 'sales', rows: 0, by: 'Test' } }]);
});
