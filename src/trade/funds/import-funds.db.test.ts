import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#db';
import { createImports, fileInMemory } from '#master-data';
import { depositFund } from './change-funds.ts';
import { findFundsByCode } from './fund-store.ts';
import { reserveFunds } from './hold-funds.ts';
import { fundsImport } from './import-funds.ts';
import { setTrade, type Trade } from './test-trade.ts';

const sheets =
  ({ context }: Trade) =>
  async (...rows: string[]) => {
    const header = 'code,name,kind,currency,amount,valid_from,valid_to,customer_code';
    const done = await createImports({ kinds: [fundsImport] }).runImport(context, {
      ...{ kind: 'funds', fileName: 'funds.csv', mapping: undefined },
      source: fileInMemory(Buffer.from([header, ...rows, ''].join('\n'))),
    });
    const kept = await context.db.read(context, (tx) =>
      tx.many<{ reasons: string[] }>(
        sql`select reasons from master_data.import_quarantine where import_id = ${done.id} order by row_number`,
      ),
    );
    const { stored, unchanged } = done.rows;
    return { stored, unchanged, refused: kept.flatMap(({ reasons }) => reasons) };
  };

test('another name or validity in a sheet changes the fund as an edit does, another kind or scope is refused', async (t) => {
  const trade = await setTrade(t);
  const { context, accounts } = trade;
  const load = sheets(trade);
  const fund = async () => (await context.db.read(context, (tx) => findFundsByCode(tx, ['F'])))[0];
  const first = 'F,Fund,fixed,USD,100.00,2026-01-01,2026-12-31,B-1';
  assert.equal((await load(first)).stored, 1);
  const renamed = 'F,Renamed,fixed,USD,100.00,2026-01-01,2027-03-31,B-1';
  assert.deepEqual(await load(renamed), { stored: 1, unchanged: 0, refused: [] });
  assert.deepEqual(await load(renamed), { stored: 0, unchanged: 1, refused: [] });
  const changed = await fund();
  assert.deepEqual([changed?.name, changed?.validTo, changed?.version], ['Renamed', '2027-03-31', 2]);
  assert.deepEqual((await load('F,Renamed,rolling,USD,100.00,2026-01-01,2027-03-31,')).refused, [
    'kind and customer_code of F is another one: a fund keeps its kind and its scope',
  ]);
  const split = { fundId: changed?.id ?? '', tacticId: accounts[0], amount: '40.00' };
  await context.db.transact(context, (tx) => reserveFunds(tx, accounts[0], [split]));
  const short = await load(
    'F,Renamed,fixed,USD,100.00,2026-01-01,2026-06-30,B-1',
    'G,Beside,fixed,USD,1,2026-01-01,2026-12-31,',
  );
  assert.equal(short.stored, 1, 'a refused row stops no other');
  assert.match(short.refused[0] ?? '', /F holds 40\.00 USD not yet earned/);
  const audited = await context.db.read(context, (tx) =>
    tx.many(sql`select action from audit.entry where entity_id = ${changed?.id ?? ''} and action = 'fund.changed'`),
  );
  assert.equal(audited.length, 1);
});

test('a known fund with another amount goes to quarantine with both; what it was opened with, or has by now, changes nothing', async (t) => {
  const trade = await setTrade(t);
  const { context, columns } = trade;
  const load = sheets(trade);
  const row = (code: string, amount: string, currency = 'USD') =>
    `${code},${code},fixed,${currency},${amount},2026-01-01,2026-12-31,`;
  const other = (given: string, budgeted = '100.00') =>
    `amount is ${given}, but F was opened with 100.00 USD and has ${budgeted} USD budgeted: entries of the fund change that, not imports`;
  assert.deepEqual(await load(row('F', '100.00'), row('EMPTY', '0'), row('F', '70.00')), {
    ...{ stored: 2, unchanged: 0 },
    refused: [other('70.00 USD')],
  });
  const [fund] = await context.db.read(context, (tx) => findFundsByCode(tx, ['F']));
  assert.ok(fund);
  await depositFund(context, fund.id, { amount: '50.00', currency: 'USD' }, 'more');
  assert.deepEqual(await load(row('F', '100'), row('EMPTY', '0.00')), { stored: 0, unchanged: 2, refused: [] });
  assert.deepEqual(await load(row('F', '150.00')), { stored: 0, unchanged: 1, refused: [] });
  for (const [amount, currency] of [
    ['120.00', 'USD'],
    ['100.00', 'EUR'],
  ] as const)
    assert.deepEqual(await load(row('F', amount, currency)), {
      ...{ stored: 0, unchanged: 0 },
      refused: [other(`${amount} ${currency}`, '150.00')],
    });
  assert.deepEqual(await columns(fund.id, ['budgeted']), { budgeted: '150.00' });
});
