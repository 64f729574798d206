import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#db';
import { createImports, fileInMemory } from '#master-data';
import { depositFund } from './change-funds.ts';
import { findFundsByCode } from './fund-store.ts';
import { fundsImport } from './import-funds.ts';
import { setTrade } from './test-trade.ts';

test('a known fund with another amount goes to quarantine with both; what it was opened with, or has by now, changes nothing', async (t) => {
  const { context, columns } = await setTrade(t);
  const load = async (...rows: string[]) => {
    const header = 'code,name,kind,currency,amount,valid_from,valid_to';
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
  const row = (code: string, amount: string, currency = 'USD') =>
    `${code},${code},fixed,${currency},${amount},2026-01-01,2026-12-31`;
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
