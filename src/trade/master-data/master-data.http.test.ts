import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testHouse } from '../../../test/house.ts';
import { masterDataModule } from './module.ts';

async function api(t: Parameters<typeof testHouse>[0]) {
  const house = await testHouse(t);
  const app = await house.server(masterDataModule.routes ?? []);
  return async (method: 'GET' | 'POST' | 'PATCH', url: string, body?: object, headers: object = {}) => {
    const answer = await app.inject({
      ...{ method, url: `/api/v1${url}` },
      headers: { authorization: 'Bearer a', ...headers },
      ...(body ? { payload: body } : {}),
    });
    return { status: answer.statusCode, etag: answer.headers.etag, body: answer.json() };
  };
}

test('a customer is created, read, changed by If-Match and listed', async (t) => {
  const call = await api(t);
  const made = await call('POST', '/customers', { code: 'R', name: 'Root', type: 'banner' });
  assert.deepEqual([made.status, made.etag, made.body.currency], [201, '"1"', 'USD']);
  const path = `/customers/${made.body.id}`;
  assert.deepEqual((await call('GET', path)).body, made.body);
  const changed = await call('PATCH', path, { channel: 'mass' }, { 'if-match': '"1"' });
  assert.deepEqual([changed.status, changed.etag, changed.body.channel], [200, '"2"', 'mass']);
  const stale = await call('PATCH', path, { channel: 'club' }, { 'if-match': '"1"' });
  assert.deepEqual([stale.status, stale.body.code], [409, 'version.conflict']);
  await call('POST', '/customers', { code: 'C', name: 'Child', type: 'store', parentId: made.body.id });
  const codes = async (query: string) =>
    (await call('GET', `/customers${query}`)).body.items.map(({ code }: { code: string }) => code);
  assert.deepEqual(await codes(''), ['C', 'R']);
  assert.deepEqual(await codes('?parentId=none'), ['R']);
  assert.deepEqual(await codes(`?parentId=${made.body.id}`), ['C']);
  assert.deepEqual(await codes('?type=store&search=chi'), ['C']);
});

test('a product shows its price of today, and prices are listed', async (t) => {
  const call = await api(t);
  const price = { listPrice: { amount: '30.00', currency: 'USD' }, cost: { amount: '16.00', currency: 'USD' } };
  const made = await call('POST', '/products', { code: 'P', name: 'P', level: 'sku', unitsPerCase: '12', ...price });
  assert.equal(made.status, 201);
  assert.deepEqual([made.body.own, made.body.unitsPerCase, made.body.listPrice], [true, '12', price.listPrice]);
  const raised = { ...price, listPrice: { amount: '31.00', currency: 'USD' } };
  const recorded = await call('POST', '/prices', { productId: made.body.id, ...raised, validFrom: '2026-06-01' });
  assert.equal(recorded.status, 201);
  const { body } = await call('GET', `/products/${made.body.id}`);
  assert.equal(body.listPrice.amount, '31.00');
  const prices = (await call('GET', `/prices?productId=${made.body.id}`)).body.items;
  assert.deepEqual(
    prices.map((row: { listPrice: { amount: string } }) => row.listPrice.amount),
    ['31.00', '30.00'],
  );
  await call('POST', '/products', { code: 'X', name: 'Theirs', level: 'sku', own: false });
  const competitors = (await call('GET', '/products?own=false')).body.items;
  assert.deepEqual(
    competitors.map(({ code }: { code: string }) => code),
    ['X'],
  );
});

test('a calendar is generated and lists its weeks', async (t) => {
  const call = await api(t);
  const rule = { pattern: '4-5-4', weekStartsOn: 7, yearStartsNear: '02-01' };
  const made = await call('POST', '/calendars', { code: 'R', name: 'Retail', rule, fromYear: 2023, toYear: 2027 });
  assert.equal(made.status, 201);
  const { items } = (await call('GET', '/calendars?from=2024-01-28&to=2024-02-04')).body;
  assert.deepEqual(
    items[0].weeks.map(({ fiscalYear, week }: { fiscalYear: number; week: number }) => [fiscalYear, week]),
    [
      [2023, 53],
      [2024, 1],
    ],
  );
});

test('bad input is answered with 4xx and a reason', async (t) => {
  const call = await api(t);
  const id = '0190a000-0000-7000-8000-0000000000ff';
  const money = (amount: string, currency = 'USD') => ({ amount, currency });
  const price = { productId: id, listPrice: money('1.00'), cost: money('1.00'), validFrom: '2026-01-01' };
  const tried: [string, string, object | undefined, number][] = [
    ['GET', `/customers/${id}`, undefined, 404],
    ['GET', '/customers/x', undefined, 400],
    ['GET', '/customers?sort=;drop', undefined, 400],
    ['GET', '/customers?cursor=%00', undefined, 400],
    ['GET', '/products?own=perhaps', undefined, 400],
    ['GET', '/calendars?from=2026-02-31', undefined, 400],
    ['GET', '/calendars?from=1900-01-01&to=2199-01-01', undefined, 400],
    ['POST', '/customers', { code: 'A', name: 'A', type: 'x', surprise: 1 }, 400],
    ['POST', '/customers', { code: 'A\n', name: 'A\u0000B', type: 'x' }, 400],
    ['POST', '/customers', { code: 'A', name: 'A', type: 'x', currency: 'XXQ' }, 400],
    ['POST', '/customers', { code: 'A', name: 'A', type: 'x', parentId: id }, 422],
    ['POST', '/products', { code: 'P', name: 'P', level: 'sku', unitsPerCase: '0' }, 400],
    ['POST', '/products', { code: 'P', name: 'P', level: 'sku', listPrice: money('1.00') }, 400],
    ['POST', '/products', { code: 'P', name: 'P', level: 'sku', listPrice: money('1.005'), cost: money('1') }, 400],
    ['POST', '/prices', price, 422],
    ['POST', '/prices', { ...price, cost: money('1.00', 'EUR') }, 422],
    ['POST', '/prices', { ...price, listPrice: money('0.00') }, 422],
    ['POST', '/prices', { ...price, validTo: '2025-01-01' }, 422],
    ['POST', '/calendars', { code: 'C', name: 'C', rule: { pattern: '3-3-3' }, fromYear: 2020, toYear: 2021 }, 400],
    ['POST', '/calendars', { code: 'C', name: 'C', rule: { pattern: '13x4' }, fromYear: 1950, toYear: 2150 }, 422],
    ['PATCH', `/products/${id}`, { name: 'x' }, 404],
    ['PATCH', `/calendars/${id}`, { name: 'x' }, 404],
  ];
  for (const [method, url, body, status] of tried) {
    const answer = await call(method as 'GET', url, body);
    assert.equal(answer.status, status, `${method} ${url} ${JSON.stringify(body)}: ${JSON.stringify(answer.body)}`);
  }
});
