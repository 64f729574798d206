import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generator } from './response-simulated-panel.ts';
import { type ComponentSet, errorComponents, type FoldRow, rowVariance, totalDeviation } from './response-totals.ts';

const nothing: ComponentSet = { product: 0, productWeek: 0, series: 0, row: 0 };
const row = (customer: string, product: string, week: number, mean: number) => ({
  ...{ customer, product, week, mean },
  promoted: false,
  levelDeviation: 0,
});
const deviation = (rows: ReturnType<typeof row>[], quiet: Partial<ComponentSet>) =>
  totalDeviation(rows, { quiet: { ...nothing, ...quiet }, promoted: nothing });

test('noise of single rows averages out, an error that a product has everywhere does not', () => {
  const stores = Array.from({ length: 16 }, (_, store) => row(`S${store}`, 'P', 1, 100));
  assert.ok(Math.abs(deviation(stores, { row: 1 }) - 4 * Math.sqrt(rowVariance(100))) < 1e-9);
  assert.ok(Math.abs(deviation(stores, { product: 0.01 }) - 0.1 * 1600) < 1e-9);
});

test("errors of a product's week are shared by its stores, not by its weeks; those of a series by its weeks, not by stores", () => {
  const square = ['S1', 'S2'].flatMap((store) => [1, 2].map((week) => row(store, 'P', week, 50)));
  assert.ok(Math.abs(deviation(square, { productWeek: 0.04 }) - 0.2 * Math.hypot(100, 100)) < 1e-9);
  assert.ok(Math.abs(deviation(square, { series: 0.04 }) - 0.2 * Math.hypot(100, 100)) < 1e-9);
  const twoProducts = [row('S1', 'P', 1, 50), row('S1', 'Q', 1, 50)];
  assert.ok(Math.abs(deviation(twoProducts, { product: 0.04 }) - 0.2 * Math.hypot(50, 50)) < 1e-9);
});

test('a borrowed level is wrong in all weeks of its series alike', () => {
  const weeks = [1, 2, 3].map((week) => ({ ...row('S', 'P', week, 20), levelDeviation: 0.5 }));
  assert.ok(Math.abs(deviation(weeks, {}) - 0.5 * 60) < 1e-9);
});

test('shared errors are told apart from noise', () => {
  const random = generator(5);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rows: FoldRow[] = [];
  for (let product = 0; product < 60; product++) {
    const ofProduct = 0.1 * normal();
    const ofSeries = Array.from({ length: 20 }, () => 0.15 * normal());
    for (let week = 0; week < 12; week++) {
      const ofWeek = 0.2 * normal();
      for (let customer = 0; customer < 20; customer++) {
        const relative = ofProduct + ofWeek + ofSeries[customer]! + 0.3 * normal();
        rows.push({
          ...{ fold: 0, customer: `C${customer}`, customerGroup: 'D', product: `P${product}`, week },
          ...{ actual: 500 * (1 + relative), mean: 500, promoted: false, levelDeviation: 0 },
        });
      }
    }
  }
  const { quiet } = errorComponents(rows);
  assert.ok(Math.abs(Math.sqrt(quiet.product) - 0.1) < 0.04, `product ${Math.sqrt(quiet.product)}`);
  assert.ok(Math.abs(Math.sqrt(quiet.productWeek) - 0.2) < 0.03, `week ${Math.sqrt(quiet.productWeek)}`);
  assert.ok(Math.abs(Math.sqrt(quiet.series) - 0.15) < 0.03, `series ${Math.sqrt(quiet.series)}`);
});
