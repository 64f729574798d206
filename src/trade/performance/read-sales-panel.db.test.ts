import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makerPanel } from '../../../demo/panel.ts';
import { simulateMaker } from '../../../demo/simulate-maker.ts';
import { testHouse } from '../../../test/house.ts';
import { readSalesPanel, readSalesState } from './read-sales-panel.ts';
import { storeMaker } from './test-maker.ts';

test('a panel read from the store is the panel that was sold', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const maker = simulateMaker({ seed: 7, today: '2026-06-15' });
  const ids = await storeMaker({ url: house.url, newId: context.newId, tenantId: context.tenant.id }, maker);
  const t0 = performance.now();
  const panel = await readSalesPanel(context);
  t.diagnostic(`read ${panel?.units.length} facts in ${Math.round(performance.now() - t0)} ms`);
  assert.ok(panel);
  const sold = makerPanel(maker);
  assert.deepEqual(panel.weekStart, sold.weekStart);
  const lines = (of: typeof sold, customer: (code: string) => string, product: (code: string) => string) =>
    Array.from(of.units, (units, i) => {
      const series = of.series[of.seriesIndex[i]!]!;
      return [
        ...[customer(series.customer), product(series.product), customer(series.customerGroup), series.own, of.week[i]],
        ...[units, of.price[i], of.basePrice[i], of.feature[i], of.display[i], of.priceReduction[i]],
      ].join();
    }).sort();
  const same = (id: string) => id;
  const wanted = lines(
    sold,
    (code) => ids.customers.get(code)!,
    (code) => ids.products.get(code)!,
  );
  assert.deepEqual(lines(panel, same, same), wanted);
  const ordered = Array.from(panel.seriesIndex, (series, i) => series * 1000 + panel.week[i]!);
  assert.ok(ordered.every((key, i) => i === 0 || key > ordered[i - 1]!));
  assert.equal(
    new Set(panel.series.map(({ category }) => category)).size,
    new Set(sold.series.map((s) => s.category)).size,
  );
  assert.equal(
    new Set(panel.series.map((s) => s.productGroup)).size,
    new Set(sold.series.map((s) => s.productGroup)).size,
  );
  assert.equal((await readSalesState(context)).rows, panel.units.length);
});

test('another tenant has no panel', async (t) => {
  const house = await testHouse(t);
  const a = house.context();
  const maker = simulateMaker({ seed: 7, today: '2026-06-15' });
  const part = { banners: ['CNR'], categories: ['BAR'] };
  await storeMaker({ url: house.url, newId: a.newId, tenantId: a.tenant.id }, maker, part);
  assert.ok(await readSalesPanel(a));
  assert.equal(await readSalesPanel(house.context({ tenant: 'b' })), undefined);
});
