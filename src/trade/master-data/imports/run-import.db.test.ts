import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Context } from '#context';
import { sql } from '#db';
import { expandScope, teachScope } from '#scope';
import { testHouse } from '../../../../test/house.ts';
import { findCustomers, listCustomers } from '../customer-store.ts';
import { createImports, masterDataImports } from '../index.ts';
import { masterDataScope } from '../master-data-scope.ts';
import { priceOn } from '../price-store.ts';
import { findProducts } from '../product-store.ts';
import { fileInMemory } from './file-source.ts';
import type { ImportKind } from './import-kind.ts';
import { listImports, listQuarantine } from './import-store.ts';

const imports = createImports({ kinds: masterDataImports });

function load(context: Context, kind: string, content: string | Buffer, mapping?: object) {
  const source = fileInMemory(Buffer.from(content as string));
  return imports.runImport(context, { kind, source, fileName: `${kind}.csv`, mapping });
}

async function reasonsOf(context: Context, importId: string): Promise<[number, string[]][]> {
  const page = await context.db.transact(context, (tx) => listQuarantine(tx, importId, { limit: 200 }));
  return page.items.map(({ rowNumber, reasons }) => [rowNumber, reasons]);
}

test('customers come in any order, parents are found, and the same file twice changes nothing', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const file = 'name,code,parent_code,type\nStore,S1,D1,store\nDivision,D1,B,division\nBanner,B,,banner\n';
  const first = await load(context, 'customers', file);
  assert.deepEqual([first.status, first.rows], ['finished', { read: 3, stored: 3, unchanged: 0, quarantined: 0 }]);
  const again = await load(context, 'customers', file);
  assert.deepEqual(again.rows, { read: 3, stored: 0, unchanged: 3, quarantined: 0 });
  await load(context, 'customers', file.replace('Division,', '"North, Division",'));
  await house.db.transact(context, async (tx) => {
    const [division] = await findCustomers(tx, { codes: ['D1'] });
    const [store] = await findCustomers(tx, { codes: ['S1'] });
    assert.deepEqual([division?.name, division?.version, store?.version], ['North, Division', 2, 1]);
    assert.equal(store?.parentId, division?.id);
  });
});

test('dirty rows go to quarantine with every reason, and the others are stored', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const file = [
    'code,name,parent_code,type,currency',
    'A,Good,,banner,EUR',
    ',No code,,,',
    'C,No parent,NOWHERE,store,',
    'A,Twice,,banner,',
    'L1,Loop,L2,store,',
    'L2,Loop,L1,store,',
    'D,Bad currency,,banner,XX9',
    'E,Too,many,cells,EUR,1',
    'F',
    '=1+1,=cmd|formula,A,@SUM(A1),',
    'G,Nul\u0000l,,banner,',
    'H,,,banner,',
  ].join('\n');
  const result = await load(context, 'customers', `\ufeff${file}\n`);
  assert.deepEqual(result.rows, { read: 12, stored: 2, unchanged: 0, quarantined: 10 });
  assert.deepEqual(await reasonsOf(context, result.id), [
    [2, ['code is missing', 'type is missing']],
    [3, ['there is no customer NOWHERE to be the parent']],
    [4, ['duplicate: an earlier row of this file has the same code']],
    [5, ['there is no customer L2 to be the parent']],
    [6, ['there is no customer L1 to be the parent']],
    [7, ['currency is not an ISO 4217 currency: "XX9"']],
    [8, ['the row has 6 cells, the header 5']],
    [9, ['the row has 1 cells, the header 5']],
    [11, ['name holds control or invisible characters']],
    [12, ['name is missing']],
  ]);
  const [formula] = await house.db.transact(context, (tx) => findCustomers(tx, { codes: ['=1+1'] }));
  assert.equal(formula?.name, '=cmd|formula');
});

test('a row with the number of a payment card goes to quarantine, where only its last four digits stand', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const file = 'code,name,parent_code,type\nA,Pays by 4111 1111 1111 1111,,banner\n4111111111111111,Coded,,banner\n';
  const { id, rows } = await load(context, 'customers', file);
  assert.deepEqual(rows, { read: 2, stored: 1, unchanged: 0, quarantined: 1 });
  assert.deepEqual(await reasonsOf(context, id), [
    [1, ['name holds the number of a payment card, which is not kept here']],
  ]);
  const page = await context.db.transact(context, (tx) => listQuarantine(tx, id, { limit: 200 }));
  assert.equal(page.items[0]?.raw.name, 'Pays by [card •••• 1111]');
});

test('a file that moves a customer below itself does not: the row goes to quarantine', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  await load(context, 'customers', 'code,name,parent_code,type\nA,A,,banner\nB,B,A,store\n');
  const result = await load(context, 'customers', 'code,name,parent_code,type\nA,A,B,banner\n');
  assert.deepEqual(await reasonsOf(context, result.id), [[1, ['A customer cannot stand below itself.']]]);
});

test('a file that cannot be read is refused with a message, and nothing of it is stored', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const rows = Array.from({ length: 5_000 }, (_, i) => `C${i},Name ${i},,store`).join('\n');
  const file = `code,name,parent_code,type\n${rows}\n`;
  const latin = Buffer.from(`${file}X,Käse,,store\n`, 'latin1');
  const refused: [Buffer | string, RegExp][] = [
    [gzipSync(file).subarray(0, -20), /cut short/],
    [latin, /not UTF-8/],
    ['code,name,parent_code\nA,A,\n', /lacks columns.*type/],
    ['code,name,code,type\n', /"code" twice/],
    [Buffer.alloc(0), /empty/],
  ];
  for (const [content, message] of refused) {
    const result = await load(context, 'customers', content);
    assert.equal(result.status, 'refused');
    assert.match(result.errors.join(), message);
    assert.deepEqual(result.rows, { read: 0, stored: 0, unchanged: 0, quarantined: 0 });
  }
  const { items } = await house.db.transact(context, (tx) => listCustomers(tx, {}, { limit: 10 }));
  assert.deepEqual(items, []);
  await assert.rejects(load(context, 'surprises', 'a\n'), { code: 'request.malformed', message: /customers/ });
  await assert.rejects(load(context, 'customers', file, { kind: 'customers' }), { code: 'request.malformed' });
  await assert.rejects(load(context, 'customers', file, { kind: 'products', columns: {} }), {
    ...{ code: 'request.malformed', message: /for products, not for customers/ },
  });
});

test('a quote that never closes refuses the file, and says that the rows before it are stored', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const weeks = Array.from({ length: 1_200 }, (_, i) => `F,${1900 + Math.floor(i / 50)},1,${(i % 50) + 1},`);
  const day = (i: number) => new Date(Date.UTC(1990, 0, 1 + i * 7)).toISOString().slice(0, 10);
  const end = (i: number) => new Date(Date.UTC(1990, 0, 7 + i * 7)).toISOString().slice(0, 10);
  const rows = weeks.map((row, i) => `${row}${day(i)},${end(i)}`);
  const file = ['code,fiscal_year,period,week,starts_on,ends_on', ...rows, '"F,2026'].join('\n');
  const result = await load(context, 'calendars', file);
  assert.equal(result.status, 'refused');
  assert.match(result.errors.join(' '), /not readable as CSV.*1000 rows before that are stored/);
  assert.deepEqual((await load(context, 'calendars', file.slice(0, -8))).rows, {
    ...{ read: 1_200, stored: 200, unchanged: 1_000, quarantined: 0 },
  });
});

test('products bring case sizes and prices; a new price holds from today and history stays', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const file = (price: string) =>
    `code,name,parent_code,level,units_per_case,list_price,cost,currency,own\nP,P,C,sku,12,${price},16,USD,\nC,C,,category,,,,,\nX,X,C,sku,,,,,0\nY,Y,C,sku,6,1.005,,USD,1\n`;
  const first = await load(context, 'products', file('30.00'));
  assert.deepEqual(first.rows, { read: 4, stored: 3, unchanged: 0, quarantined: 1 });
  assert.deepEqual(await reasonsOf(context, first.id), [
    [4, ['list_price has more than 2 decimals: "1.005"', 'list_price and cost come together']],
  ]);
  assert.deepEqual((await load(context, 'products', file('30'))).rows, {
    ...{ read: 4, stored: 0, unchanged: 3, quarantined: 1 },
  });
  await load(context, 'products', file('31.50'));
  await house.db.transact(context, async (tx) => {
    const [product] = await findProducts(tx, { codes: ['P'] });
    const [competitor] = await findProducts(tx, { codes: ['X'] });
    assert.deepEqual([product?.own, competitor?.own, product?.listPrice?.amount], [true, false, '31.50']);
    const id = product?.id ?? '';
    assert.equal((await priceOn(tx, [id], '2026-06-14')).get(id)?.listPrice.minor, 3000n);
    assert.equal((await priceOn(tx, [id], '2026-06-15')).get(id)?.listPrice.minor, 3150n);
  });
});

test('prices and units are recorded once per state, and a correction is recorded beside what it corrects', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  await load(context, 'products', 'code,name,level\nP,P,sku\n');
  const prices =
    'product_code,list_price,cost,currency,valid_from,valid_to\nP,30,16,USD,2026-01-01,2026-06-30\nP,32,17,USD,2026-07-01,\nQ,1,1,USD,2026-01-01,\nP,1,,USD,2026-08-01,\nP,1,1,USD,2026-08-01,2026-07-01\n';
  const first = await load(context, 'prices', prices);
  assert.deepEqual(first.rows, { read: 5, stored: 2, unchanged: 0, quarantined: 3 });
  assert.equal((await load(context, 'prices', prices)).rows.unchanged, 2);
  assert.equal((await load(context, 'prices', prices.replace('P,32', 'P,33'))).rows.stored, 1);
  assert.equal((await load(context, 'prices', prices)).rows.stored, 1);
  const units =
    'product_code,unit,units,valid_from\nP,case,12,2026-01-01\nP,pallet,480,2026-01-01\nP,box,1,2026-01-01\n';
  assert.deepEqual((await load(context, 'units', units)).rows, { read: 3, stored: 2, unchanged: 0, quarantined: 1 });
  assert.equal((await load(context, 'units', units)).rows.unchanged, 2);
});

test('weeks of a calendar neither overlap nor change', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const head = 'code,fiscal_year,period,week,starts_on,ends_on\n';
  const good = 'F,2026,1,1,2025-12-29,2026-01-04\nF,2026,1,2,2026-01-05,2026-01-11\n';
  assert.equal((await load(context, 'calendars', head + good)).rows.stored, 2);
  assert.equal((await load(context, 'calendars', head + good)).rows.unchanged, 2);
  const bad = [
    'F,2026,1,3,2026-01-11,2026-01-17',
    'F,2026,1,2,2026-01-12,2026-01-18',
    'F,2026,2,2,2026-01-05,2026-01-11',
    'F,2026,14,3,2026-01-12,2026-01-18',
    'F,2026,1,3,2026-01-18,2026-01-12',
  ];
  const result = await load(context, 'calendars', `${head}${bad.join('\n')}\n`);
  assert.deepEqual(result.rows, { read: 5, stored: 0, unchanged: 0, quarantined: 5 });
});

/** A kind that stores numbers and can fail at a row, to see what survives. */
function countingKind(failAt: { row: number | null }): ImportKind<string> {
  return {
    ...{ kind: 'numbers', summary: 'Numbers', permission: null, batchRows: 10 },
    columns: [{ name: 'n', required: true, description: 'A number', total: true }],
    open: async () => ({
      check: (cells) => cells.decimal('n'),
      groupOf: (value) => value,
      apply: async (tx, rows) => {
        if (rows.some(({ rowNumber }) => rowNumber === failAt.row)) throw new Error('the machine caught fire');
        for (const { value } of rows) {
          await tx.run(sql`insert into platform.idempotency_key (tenant_id, actor_id, key, request_hash)
            values (${tx.context.tenant.id}, ${tx.context.newId()}, ${value}, '')`);
        }
        return rows.map(({ value }) => (value === '7' ? ['seven is not taken'] : 'stored'));
      },
    }),
  };
}

test('a run that fails half-way goes on where it stopped: nothing is stored twice, and the counts and totals are whole', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const failAt: { row: number | null } = { row: 35 };
  const { createImports: create } = await import('./create-imports.ts');
  const { module } = create({ kinds: [countingKind(failAt)] });
  const { requestImport } = await import('./request-import.ts');
  const text = `n\n${Array.from({ length: 50 }, (_, i) => `${i}\n`).join('')}x\n`;
  async function* parts() {
    yield { type: 'file', name: 'file', fileName: 'n.csv', content: [Buffer.from(text)] as never } as const;
    yield { type: 'field', name: 'kind', value: 'numbers' } as const;
  }
  const { id: importId } = await requestImport(context, [countingKind(failAt)], parts());
  const job = module.jobs?.[0];
  assert.ok(job);
  const signal = new AbortController().signal;
  const run = () => job.handle({ ...context, signal }, { importId } as never);
  await assert.rejects(run(), /caught fire/);
  const { findImport } = await import('./import-store.ts');
  const read = () => house.db.transact(context, (tx) => findImport(tx, importId));
  const failed = await read();
  assert.equal(failed?.status, 'failed');
  assert.ok((failed?.rows.stored ?? 0) >= 20);
  failAt.row = null;
  await run();
  const done = await read();
  assert.deepEqual([done?.status, done?.errors], ['finished', []]);
  assert.deepEqual(done?.rows, { read: 51, stored: 49, unchanged: 0, quarantined: 2 });
  assert.deepEqual(done?.totals, { n: { read: '1225', accepted: '1218', quarantined: '7' } });
  const stored = await house.db.transact(context, (tx) =>
    tx.many<{ key: string }>(sql`select key from platform.idempotency_key`),
  );
  assert.equal(stored.length, 50);
  assert.equal(new Set(stored.map(({ key }) => key)).size, 50);
  assert.deepEqual(
    (await reasonsOf(context, importId)).map(([row]) => row),
    [8, 51],
  );
  await run();
  assert.deepEqual((await read())?.rows, done?.rows);
});

test('a long import tells how far it is, and ends with one event that carries its counts and totals', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const kind: ImportKind<string> = {
    ...{ kind: 'slow', summary: 'Slow', permission: null, batchRows: 10 },
    columns: [{ name: 'n', required: true, description: 'A number', total: true }],
    open: async () => ({
      check: (cells) => cells.decimal('n'),
      apply: async (_, rows) => {
        house.clock.set(new Date(house.clock.now().getTime() + 600).toISOString());
        return rows.map(() => 'stored');
      },
    }),
  };
  const told: number[] = [];
  const result = await createImports({ kinds: [kind] }).runImport(context, {
    ...{ kind: 'slow', fileName: 'slow.csv', source: fileInMemory(Buffer.from(`n\n${'5\n'.repeat(45)}`)) },
    onProgress: ({ rows }) => told.push(rows.stored),
  });
  assert.deepEqual(told, [10, 20, 30, 40, 45]);
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  const { rows } = await client.query('select type, data from event.outbox where subject_id = $1 order by seq', [
    result.id,
  ]);
  await client.end();
  assert.deepEqual(
    rows.map(({ type, data }) => [type, data.rows.stored]),
    [
      ['master_data.import.progressed', 30],
      ['master_data.import.progressed', 45],
      ['master_data.import.finished', 45],
    ],
  );
  assert.deepEqual(rows.at(-1).data.totals, { n: { read: '225', accepted: '225', quarantined: '0' } });
});

test('a row that is not taken does not swallow the parents of the next one', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const level = (column: string) => ({ code: column, name: column, type: { constant: 'division' } });
  const mapping = {
    ...{ kind: 'customers', parents: [level('division')] },
    columns: { code: 'code', name: 'code', type: { constant: 'store' } },
  };
  const done = await load(context, 'customers', 'division,code\nD1,S1,a cell too many\nD1,S2\n', mapping);
  assert.deepEqual([done.rows.quarantined, done.rows.stored, done.derived.stored], [1, 1, 1]);
});

test('whoever is kept to a part imports rows inside it; the others go to quarantine, and what is for everybody is refused', async (t) => {
  const house = await testHouse(t);
  teachScope([masterDataScope]);
  const whole = house.context();
  await load(
    whole,
    'customers',
    'code,name,parent_code,type\nB,B,,banner\nD1,D,B,division\nS1,S,D1,store\nX,X,,banner\n',
  );
  await load(whole, 'products', 'code,name,level\nP,P,category\n');
  const [division] = await house.db.read(whole, (tx) => findCustomers(tx, { codes: ['D1'] }));
  const roots = { customers: [division?.id ?? ''], products: null };
  const scope = await house.db.read(whole, (tx) => expandScope(tx, roots));
  const kept = { ...whole, actor: { ...whole.actor, scope } };
  const file = [
    'code,name,parent_code,type',
    'D1,Division,B,division',
    'S2,New,D1,store',
    'S3,Below the new,S2,store',
    'X,Taken over,D1,banner',
    'S1,Moved away,X,store',
    'TOP,New,,banner',
  ].join('\n');
  const result = await load(kept, 'customers', `${file}\n`);
  assert.deepEqual(result.rows, { read: 6, stored: 3, unchanged: 0, quarantined: 3 });
  const lies = (code: string) => `the customer ${code} lies outside the part that you are kept to`;
  assert.deepEqual(await reasonsOf(kept, result.id), [
    [4, [lies('X')]],
    [5, [lies('X')]],
    [6, ['no customer is named, and you are kept to a part of them']],
  ]);
  const code = { join: ['code', { constant: '' }], separator: ' ' };
  const columns = { code, name: 'name', parent_code: 'parent_code', type: 'type' };
  const spaced = await load(kept, 'customers', 'code,name,parent_code,type\nD1,D,B,division\n', {
    ...{ kind: 'customers', columns },
  });
  assert.equal(spaced.rows.stored, 0, 'a code with a space behind it is another one, above the part');
  const level = (column: string) => ({ code: column, name: column, type: { constant: 'division' } });
  const below = {
    parents: [level('banner'), level('division')],
    columns: { code: 'code', name: 'code', type: { constant: 'store' } },
  };
  const rows = ['D1,S4', 'D1,S5', 'D9,S6', 'D9,S7', 'D1,X'].map((row) => `B,${row}`);
  const derived = await load(kept, 'customers', `banner,division,code\n${rows.join('\n')}\n`, {
    ...{ kind: 'customers', ...below },
  });
  assert.deepEqual(derived.rows, { read: 5, stored: 2, unchanged: 0, quarantined: 3 });
  assert.deepEqual(await reasonsOf(kept, derived.id), [
    [3, [lies('B')]],
    [4, [lies('B')]],
    [5, [lies('X')]],
  ]);
  const [banner, ...made] = await house.db.read(whole, (tx) => findCustomers(tx, { codes: ['B', 'D9'] }));
  assert.deepEqual([banner?.version, made.length], [1, 0], 'what stands above the part stays as it is');
  const prices = 'product_code,list_price,cost,valid_from\nP,2.00,1.00,2026-01-01\n';
  assert.equal(
    (await load(kept, 'prices', prices)).rows.stored,
    1,
    'whoever is kept to customers is not kept to products',
  );
  const rates = 'type,from_currency,to_currency,valid_on,rate\nplan,EUR,USD,2026-01-01,1.1\n';
  const refused = await load(kept, 'fx_rates', rates);
  assert.deepEqual([refused.status, refused.rows.stored], ['refused', 0]);
  const seen = await house.db.read(kept, (tx) => listImports(tx, {}, { limit: 10 }));
  assert.deepEqual(new Set(seen.items.map(({ actorId }) => actorId)), new Set([kept.actor.id]));
});
