import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testHouse } from '../../../test/house.ts';
import { changeCustomer } from './change-customer.ts';
import { changeProduct } from './change-product.ts';
import { createCustomer } from './create-customer.ts';
import { createProduct } from './create-product.ts';
import { listCustomers } from './customer-store.ts';
import { listPrices } from './price-store.ts';
import { listProducts } from './product-store.ts';
import { recordPrice } from './record-price.ts';

const request = { limit: 50 };
const usd = (amount: string) => ({ amount, currency: 'USD' });

test('the customer tree of the day before a move is still the one of then, and knows nobody who came later', async (t) => {
  const house = await testHouse(t, '2026-03-01T12:00:00Z');
  const context = house.context();
  const make = (code: string, parentId?: string) =>
    createCustomer(context, { code, name: code, type: 'account', ...(parentId ? { parentId } : {}) });
  const north = await make('NORTH');
  const south = await make('SOUTH');
  const shop = await make('SHOP', north.id);
  house.clock.set('2026-04-01T12:00:00Z');
  await changeCustomer(context, shop.id, { parentId: south.id });
  await make('LATE', south.id);
  const below = async (parentId: string, asOf?: string) => {
    const page = await context.db.read(context, (tx) => listCustomers(tx, { parentId, asOf }, request));
    return page.items.map(({ code }) => code);
  };
  assert.deepEqual(await below(south.id), ['LATE', 'SHOP']);
  assert.deepEqual(await below(north.id, '2026-03-31T12:00:00Z'), ['SHOP']);
  assert.deepEqual(await below(south.id, '2026-03-31T12:00:00Z'), []);
  assert.deepEqual(await below(north.id, '2026-04-01T12:00:00Z'), []);
  const [then] = (
    await context.db.read(context, (tx) => listCustomers(tx, { search: 'SHOP', asOf: '2026-03-31T12:00:00Z' }, request))
  ).items;
  assert.equal(then?.parentId, north.id);
});

test('a move and the way back are both kept, and a change of the name is no move', async (t) => {
  const house = await testHouse(t, '2026-03-01T12:00:00Z');
  const context = house.context();
  const brand = await createProduct(context, { code: 'BRAND', name: 'Brand', level: 'brand' });
  const sku = await createProduct(context, { code: 'SKU', name: 'Sku', level: 'sku', parentId: brand.id });
  const change = async (on: string, what: Parameters<typeof changeProduct>[2]) => {
    house.clock.set(`${on}T12:00:00Z`);
    await changeProduct(context, sku.id, what);
  };
  await change('2026-03-10', { parentId: null });
  await change('2026-03-12', { name: 'Renamed' });
  await change('2026-03-20', { parentId: brand.id });
  const parentOn = async (day: string) => {
    const filter = { search: 'SKU', asOf: `${day}T23:00:00Z` };
    const [found] = (await context.db.read(context, (tx) => listProducts(tx, filter, request))).items;
    return found?.parentId;
  };
  assert.equal(await parentOn('2026-03-09'), brand.id);
  assert.equal(await parentOn('2026-03-15'), null);
  assert.equal(await parentOn('2026-03-20'), brand.id);
  assert.equal(await parentOn('2026-02-01'), undefined);
});

test('a price recorded later does not change what was known before, in the list of prices and of products', async (t) => {
  const house = await testHouse(t, '2026-03-01T12:00:00Z');
  const context = house.context();
  const sku = await createProduct(context, { code: 'SKU', name: 'Sku', level: 'sku' });
  await recordPrice(context, {
    productId: sku.id,
    listPrice: usd('30.00'),
    cost: usd('16.00'),
    validFrom: '2026-01-01',
  });
  house.clock.set('2026-04-01T12:00:00Z');
  await recordPrice(context, {
    productId: sku.id,
    listPrice: usd('33.00'),
    cost: usd('16.00'),
    validFrom: '2026-02-01',
  });
  const pricesOn = async (on: string, recordedBy?: string) => {
    const page = await context.db.read(context, (tx) => listPrices(tx, { on, recordedBy }, request));
    return page.items.map(({ listPrice }) => listPrice.amount);
  };
  assert.deepEqual(await pricesOn('2026-03-15'), ['33.00']);
  assert.deepEqual(await pricesOn('2026-03-15', '2026-03-31T12:00:00Z'), ['30.00']);
  assert.deepEqual(await pricesOn('2026-01-15'), ['30.00']);
  const [then] = (await context.db.read(context, (tx) => listProducts(tx, { asOf: '2026-03-31T12:00:00Z' }, request)))
    .items;
  assert.deepEqual(then?.listPrice, usd('30.00'));
});
