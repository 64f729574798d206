import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testHouse } from '../../../test/house.ts';
import { fxRate } from './fx-store.ts';
import { createImports } from './imports/create-imports.ts';
import { fileInMemory } from './imports/file-source.ts';
import { masterDataImports, masterDataModule } from './index.ts';

const header = 'type,from_currency,to_currency,valid_on,rate';

test('a rate holds from its day until a later one, of its type only, and is never turned round', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const imports = createImports({ kinds: masterDataImports });
  const load = async (...rows: string[]) => {
    const source = fileInMemory(Buffer.from([header, ...rows, ''].join('\n')));
    return imports.runImport(context, { kind: 'fx_rates', source, fileName: 'fx.csv', mapping: undefined });
  };
  const rows = [
    'plan,EUR,USD,2026-01-01,1.0842',
    'plan,EUR,USD,2026-04-01,1.1',
    'closing,EUR,USD,2026-01-31,1.0000000001',
  ];
  assert.deepEqual((await load(...rows)).rows, { read: 3, stored: 3, unchanged: 0, quarantined: 0 });
  assert.deepEqual((await load(...rows)).rows, { read: 3, stored: 0, unchanged: 3, quarantined: 0 });
  const rateOn = (type: string, from: string, to: string, on: string) =>
    context.db.read(context, (tx) => fxRate(tx, { type, from, to, on }));
  const found = await rateOn('plan', 'EUR', 'USD', '2026-03-31');
  assert.deepEqual([found.rate, found.on], ['1.0842', '2026-01-01']);
  assert.equal((await rateOn('plan', 'EUR', 'USD', '2026-04-01')).rate, '1.1');
  assert.equal((await rateOn('closing', 'EUR', 'USD', '2026-12-31')).rate, '1.0000000001');
  for (const [type, from, to, on] of [
    ['plan', 'EUR', 'USD', '2025-12-31'],
    ['plan', 'USD', 'EUR', '2026-06-01'],
    ['average', 'EUR', 'USD', '2026-06-01'],
  ] as const) {
    await assert.rejects(rateOn(type, from, to, on), { code: 'fx.rate_missing', status: 422 });
  }
  const bad = await load(
    'plan,EUR,EUR,2026-01-01,1',
    'plan,EUR,USD,2026-05-01,0',
    'plan,EUR,USD,2026-05-01,-1',
    'plan,,USD,2026-05-01,1',
    'plan,EUR,XXZ,2026-05-01,1',
  );
  assert.deepEqual(bad.rows, { read: 5, stored: 0, unchanged: 0, quarantined: 5 });
});

test('a rate restated for its day counts from then on, and what stood there stays readable', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const server = await house.server(masterDataModule.routes ?? []);
  const record = (rate: string, change: object = {}) =>
    server.inject({
      method: 'POST',
      url: '/api/v1/fx-rates',
      headers: { authorization: 'Bearer a' },
      payload: { type: 'plan', from: 'EUR', to: 'USD', on: '2026-01-01', rate, ...change },
    });
  assert.equal((await record('1.05')).statusCode, 201);
  assert.equal((await record('1.06', { source: 'Central bank, 2 January' })).statusCode, 201);
  const now = await context.db.read(context, (tx) =>
    fxRate(tx, { type: 'plan', from: 'EUR', to: 'USD', on: '2026-02-01' }),
  );
  assert.equal(now.rate, '1.06');
  const list = await server.inject({
    ...{ method: 'GET', url: '/api/v1/fx-rates?type=plan', headers: { authorization: 'Bearer a' } },
  });
  assert.deepEqual(
    list
      .json()
      .items.map(({ rate, source }: Record<string, string>) => `${rate} ${source}`)
      .sort(),
    ['1.05 ', '1.06 Central bank, 2 January'],
  );
  assert.equal((await record('0')).statusCode, 422);
  assert.equal((await record('1', { to: 'EUR' })).statusCode, 422);
  assert.equal((await record('-1')).statusCode, 400);
});
