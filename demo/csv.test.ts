import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { importFiles } from './csv.ts';
import { liveTactics } from './live-tactics.ts';
import { makeProgrammes } from './programmes.ts';
import { simulateMaker } from './simulate-maker.ts';

const maker = simulateMaker({ seed: 3, today: '2026-11-23' });
const files = new Map(importFiles(maker).map((f) => [f.fileName, f]));

function rowsOf(fileName: string): Record<string, string>[] {
  return parse(files.get(fileName)!.text, { columns: true });
}

test('a weekly sale stands in the sales file once, and a missing week has no row', () => {
  const rows = rowsOf('sales.csv');
  assert.equal(rows.length, maker.sellOut.units.filter((u) => u >= 0).length);
  const keys = new Set(rows.map((r) => `${r.customer_code}|${r.product_code}|${r.period_start}`));
  assert.equal(keys.size, rows.length);
});

test('revenue is units × price to the cent in every row', () => {
  for (const r of rowsOf('sales.csv'))
    assert.equal(Math.round(Number(r.revenue) * 100), Number(r.units) * Math.round(Number(r.price) * 100));
});

test('the restated file brings the first figures to the final ones', () => {
  const key = (r: Record<string, string>): string => `${r.customer_code}|${r.product_code}|${r.period_start}`;
  const first = new Map(rowsOf('sales.csv').map((r) => [key(r), r.units]));
  const restated = rowsOf('sales-restated.csv');
  assert.equal(restated.length, 60);
  for (const r of restated) assert.notEqual(r.units, first.get(key(r)));
  for (const r of restated) first.set(key(r), r.units);
  const total = [...first.values()].reduce((sum, units) => sum + Number(units), 0);
  assert.equal(
    total,
    maker.sellOut.units.reduce((sum, u) => sum + Math.max(0, u), 0),
  );
});

test('every code that a file names stands in the customers, products or funds file', () => {
  const customers = new Set(rowsOf('customers.csv').map((r) => r.code));
  const products = new Set(rowsOf('products.csv').map((r) => r.code));
  const funds = new Set(rowsOf('funds.csv').map((r) => r.code));
  const named = (code: string | undefined, known: Set<string | undefined>): void => {
    if (code) assert.ok(known.has(code), code);
  };
  for (const name of ['sales.csv', 'shipments.csv', 'prices.csv', 'funds.csv', 'promotions.csv'])
    for (const r of rowsOf(name)) {
      named(r.customer_code, customers);
      named(r.product_code, products);
      for (const code of r.product_codes?.split('|') ?? []) named(code, products);
      named(r.fund_code, funds);
    }
});

test('a tactic has a rate or a lump sum, and rows of one event agree on everything else', () => {
  const rows = rowsOf('promotions.csv');
  assert.equal(
    rows.length,
    maker.promotions.reduce((sum, p) => sum + p.tactics.length, 0) +
      liveTactics(maker.promotions).size +
      makeProgrammes(maker).reduce((sum, p) => sum + p.tactics.length, 0),
  );
  const seen = new Map<string, string>();
  for (const r of rows) {
    assert.ok((r.rate === '') !== (r.lump_sum === ''), r.code);
    assert.equal(r.rate === '', r.rate_per === '');
    assert.ok(r.pass_through === '' || (Number(r.pass_through) >= 0 && Number(r.pass_through) <= 1), r.code);
    const event = [r.name, r.customer_code, r.starts_on, r.ends_on, r.product_codes, r.fund_code, r.state].join('|');
    assert.equal(seen.get(r.code!) ?? event, event);
    seen.set(r.code!, event);
  }
});

test('own SKUs have a price and cost today, competitors have none', () => {
  for (const r of rowsOf('products.csv')) {
    const priced = r.level === 'sku' && r.own === 'true';
    assert.equal(r.list_price !== '' && r.cost !== '', priced, r.code);
    if (priced) assert.ok(Number(r.cost) < Number(r.list_price), r.code);
  }
});
