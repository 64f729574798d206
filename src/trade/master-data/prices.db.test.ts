import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amountOf } from '#money';
import { testHouse } from '../../../test/house.ts';
import { changeProduct } from './change-product.ts';
import { createProduct } from './create-product.ts';
import { priceOn } from './price-store.ts';
import { recordPrice } from './record-price.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });

test('a price is the one that starts last among those that cover the day, and of equals the one recorded last', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const product = await createProduct(context, {
    ...{ code: 'P', name: 'P', level: 'sku', unitsPerCase: '12', listPrice: usd('30.00'), cost: usd('16.00') },
  });
  const record = (listPrice: string, validFrom: string, validTo: string | null = null) =>
    recordPrice(context, { productId: product.id, listPrice: usd(listPrice), cost: usd('16.00'), validFrom, validTo });
  await record('32.00', '2026-07-01');
  await record('25.00', '2026-03-01', '2026-03-31');
  house.clock.set('2026-06-16T12:00:00Z');
  await record('31.50', '2026-07-01');
  const listPriceOn = (date: string, recordedAt?: Date) =>
    house.db.transact(context, async (tx) => {
      const price = (await priceOn(tx, [product.id], date, recordedAt)).get(product.id);
      assert.ok(price);
      assert.equal(price.unitsPerCase.toString(), '12');
      return amountOf(price.listPrice);
    });
  assert.equal(await listPriceOn('2009-01-01'), '30.00');
  assert.equal(await listPriceOn('2026-02-28'), '30.00');
  assert.equal(await listPriceOn('2026-03-01'), '25.00');
  assert.equal(await listPriceOn('2026-03-31'), '25.00');
  assert.equal(await listPriceOn('2026-04-01'), '30.00');
  assert.equal(await listPriceOn('2026-07-01'), '31.50');
  // As known before the correction: a plan keeps the version it was approved with.
  assert.equal(await listPriceOn('2026-07-01', new Date('2026-06-15T12:00:00Z')), '32.00');
});

test('every product without a price is named in one refusal, with what to do about it', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const ids: string[] = [];
  for (const code of ['B-1', 'B-2', 'B-3'])
    ids.push((await createProduct(context, { code, name: code, level: 'sku' })).id);
  const price = { listPrice: usd('1.00'), cost: usd('0.00'), validFrom: '2026-01-01' };
  await recordPrice(context, { productId: ids[1] ?? '', ...price });
  await assert.rejects(
    house.db.transact(context, (tx) => priceOn(tx, ids, '2026-06-15')),
    {
      ...{ code: 'rule.violated' },
      message: /The products B-1, B-3 have no list price on 2026-06-15: record one, or name the other products/,
    },
  );
});

test('a product without price or case size is named in the refusal', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const { id } = await createProduct(context, { code: 'BARE', name: 'Bare', level: 'sku' });
  const ask = () => house.db.transact(context, (tx) => priceOn(tx, [id], '2026-06-15'));
  await assert.rejects(ask(), { code: 'rule.violated', message: /BARE has no list price/ });
  await recordPrice(context, { productId: id, listPrice: usd('1.00'), cost: usd('0.00'), validFrom: '2026-01-01' });
  await assert.rejects(ask(), { code: 'conversion.missing', message: /BARE has no units per case/ });
  await changeProduct(context, id, { unitsPerCase: '6' });
  assert.equal((await ask()).get(id)?.unitsPerCase.toString(), '6');
});

test('a new case size holds from today and leaves the past as it was', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const { id } = await createProduct(context, {
    ...{ code: 'P', name: 'P', level: 'sku', unitsPerCase: '12', listPrice: usd('30.00'), cost: usd('16.00') },
  });
  const changed = await changeProduct(context, id, { unitsPerCase: '10' });
  assert.equal(changed.unitsPerCase, '10');
  const unitsOn = (date: string) =>
    house.db.transact(context, async (tx) => (await priceOn(tx, [id], date)).get(id)?.unitsPerCase.toString());
  assert.equal(await unitsOn('2026-06-14'), '12');
  assert.equal(await unitsOn('2026-06-15'), '10');
});
