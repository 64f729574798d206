import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountsBelow } from '../../../../demo/customers.ts';
import { dayNumber } from '../../../../demo/fiscal-weeks.ts';
import type { DemoMaker, DemoPromotion } from '../../../../demo/maker.ts';
import { simulateMaker } from '../../../../demo/simulate-maker.ts';
import { type ForwardBuying, measureForwardBuying, type StockSeries } from './forward-buying.ts';

const weeks = 60;
const window = { first: 30, last: 33 };

/** A retailer who sells ten cases a week, orders what was sold, and buys `ahead` cases in the last deal week. */
function steadyRetailer(ahead: number, swing = 0): StockSeries {
  const soldUnits = Array.from({ length: weeks }, () => 120);
  const shippedCases = soldUnits.map((_, week) => 10 + (week % 2 ? swing : -swing));
  shippedCases[33]! += ahead;
  for (const week of [34, 35]) shippedCases[week]! -= ahead / 2;
  return { unitsPerCase: 12, soldUnits, shippedCases, promoted: soldUnits.map((_, week) => week >= 32 && week <= 33) };
}

function measured(series: readonly StockSeries[]): ForwardBuying {
  const result = measureForwardBuying(series, window);
  assert.equal(result.refused, undefined);
  return result as ForwardBuying;
}

test('what was bought ahead comes out in cases, and that it was sold out of stock afterwards', () => {
  const { cases, low, high, unwound, shippedCases, soldCases } = measured([steadyRetailer(8), steadyRetailer(4)]);
  assert.deepEqual([cases, low, high, shippedCases, soldCases], [12, 12, 12, 92, 80]);
  assert.deepEqual(unwound, { cases: 12, weeks: 6 });
});

test('stock that always grows is no forward buying: only what comes on top of its usual change', () => {
  const growing = [0, 1].map((n) => {
    const steady = steadyRetailer(8 + n);
    return { ...steady, shippedCases: steady.shippedCases.map((cases) => (cases ?? 0) + 1) };
  });
  const { cases, unwound, shippedCases, soldCases } = measured(growing);
  assert.deepEqual(
    [shippedCases - soldCases, cases, unwound?.cases].map((value) => value?.toFixed(6)),
    [...['25.000000', '17.000000', '17.000000']],
  );
});

test('the usual swing of stock is the interval, and a retailer who buys nothing ahead stays within it', () => {
  const { cases, low, high } = measured(Array.from({ length: 4 }, (_, i) => steadyRetailer(0, i)));
  assert.ok(low <= 0 && 0 <= high && low <= cases && cases <= high);
  const lumpy = { ...window, last: 32 };
  const odd = measureForwardBuying([steadyRetailer(0, 3)], lumpy) as ForwardBuying;
  assert.ok(odd.high - odd.low > 6, 'orders that come every other week say little about three weeks');
});

test('without shipments or with a week missing there is no estimate, and never a zero', () => {
  const without = { ...steadyRetailer(8), shippedCases: Array.from({ length: weeks }, () => null) };
  assert.match(measureForwardBuying([without], window).refused ?? '', /missing for 1 of 1 series/);
  const holed = steadyRetailer(8);
  const missing = { ...holed, soldUnits: holed.soldUnits.map((units, week) => (week === 31 ? null : units)) };
  assert.match(measureForwardBuying([missing, steadyRetailer(1)], window).refused ?? '', /1 of 2/);
  assert.equal(measured([missing, ...Array.from({ length: 4 }, () => steadyRetailer(2))]).seriesLeftOut, 1);
  const never = { ...holed, promoted: holed.promoted.map(() => true) };
  assert.match(measureForwardBuying([never], window).refused ?? '', /missing|too few weeks/);
});

/** The stock of a promotion's series, and its window, on the maker's own weeks. */
function stockOf(maker: DemoMaker, promotion: DemoPromotion) {
  const { sellOut } = maker;
  const count = sellOut.weekStart.length;
  const weekOf = (date: string) => Math.floor((dayNumber(date) - dayNumber(sellOut.weekStart[0]!)) / 7);
  const accounts = new Set(accountsBelow(maker.customers, promotion.customerCode));
  const unitsPerCase = new Map(maker.products.map((product) => [product.code, product.unitsPerCase!]));
  const shipped = new Map<string, number[]>();
  for (const { customerCode, productCode, periodStart, cases } of maker.shipments) {
    const key = `${customerCode}|${productCode}`;
    const row = shipped.get(key) ?? new Array<number>(count).fill(0);
    row[weekOf(periodStart)]! += cases;
    shipped.set(key, row);
  }
  const series = sellOut.series.flatMap(({ customerCode, productCode }, s): StockSeries[] => {
    if (!accounts.has(customerCode) || !promotion.productCodes.includes(productCode)) return [];
    const cells = Array.from({ length: count }, (_, week) => s * count + week);
    return [
      {
        unitsPerCase: unitsPerCase.get(productCode)!,
        soldUnits: cells.map((cell) => (sellOut.units[cell]! >= 0 ? sellOut.units[cell]! : null)),
        shippedCases: shipped.get(`${customerCode}|${productCode}`) ?? [],
        promoted: cells.map((cell) =>
          Boolean(sellOut.feature[cell] || sellOut.display[cell] || sellOut.priceReduction[cell]),
        ),
      },
    ];
  });
  return { series, first: weekOf(promotion.shipStartsOn), last: weekOf(promotion.endsOn) };
}

test('the simulated retailers’ buying ahead is seen: in deals on shipments, by what they bought, and it unwinds', () => {
  const maker = simulateMaker({ seed: 4, today: '2026-11-23' });
  const onShipments = ({ tactics }: DemoPromotion) =>
    tactics.some(({ mechanic }) => mechanic === 'off_invoice' || mechanic === 'bill_back');
  const seen: { ratio: number; above: boolean; unwound: number }[] = [];
  for (const promotion of maker.promotions.filter(onShipments)) {
    const { series, first, last } = stockOf(maker, promotion);
    if (first < 0 || last + 6 >= maker.sellOut.weekStart.length) continue;
    const result = measureForwardBuying(series, { first, last });
    if (result.refused !== undefined || !result.unwound) continue;
    const weekly = result.soldCases / (last - first + 1);
    seen.push({
      ...{ ratio: result.cases / weekly, above: result.low > 0 },
      unwound: result.unwound.cases / result.cases,
    });
  }
  const middle = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  assert.ok(seen.length > 40, `${seen.length} deals`);
  assert.ok(seen.filter(({ above }) => above).length > 0.9 * seen.length, 'most intervals lie above zero');
  const ratio = middle(seen.map((one) => one.ratio));
  // 2.5 weeks of regular sales are bought ahead; a week of the window sells more than a regular one.
  assert.ok(ratio > 1 && ratio < 3.5, `${ratio} weeks of the window's sales`);
  const unwound = middle(seen.map((one) => one.unwound));
  assert.ok(unwound > 0.6 && unwound < 1.2, `${unwound} of it unwound`);
});
