import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountsBelow } from './customers.ts';
import { addDays, calendarAround, dayNumber, fiscalYearWeeks } from './fiscal-weeks.ts';
import { priceOn } from './products.ts';
import { DEMO_NOISE, simulateMaker } from './simulate-maker.ts';

const today = '2026-11-23';
const maker = simulateMaker({ seed: 7, today });
const weeks = maker.sellOut.weekStart.length;

test('the same seed gives the same maker, another seed another one', () => {
  assert.deepEqual(simulateMaker({ seed: 7, today }), maker);
  assert.notDeepEqual(simulateMaker({ seed: 8, today }).sellOut.units, maker.sellOut.units);
});

test('the maker has the size of a real one and ends with the last complete week', () => {
  assert.equal(maker.customers.filter((c) => c.type === 'account').length, 28);
  assert.equal(maker.products.filter((p) => p.level === 'sku').length, 60);
  assert.equal(weeks, 104);
  const lastEnd = addDays(maker.sellOut.weekStart.at(-1)!, 6);
  assert.ok(lastEnd < today && dayNumber(today) - dayNumber(lastEnd) <= 7, lastEnd);
  assert.ok(maker.sellOut.units.filter((u) => u >= 0).length <= 110_000);
  assert.equal(maker.promotions.filter((p) => p.state === 'ended').length, 165);
  assert.equal(maker.promotions.filter((p) => p.state !== 'ended').length, 15);
  assert.ok(maker.promotions.every((p) => p.endsOn <= addDays(today, 100)));
});

for (const [kind, nodes] of [
  ['customer', maker.customers],
  ['product', maker.products],
] as const)
  test(`every ${kind} has a code of its own and comes after its parent`, () => {
    const seen = new Set<string>();
    for (const { code, parentCode } of nodes) {
      assert.ok(!seen.has(code), `twice: ${code}`);
      assert.ok(parentCode === null || seen.has(parentCode), `${code} before ${parentCode}`);
      seen.add(code);
    }
  });

test('expected units are the sum of their true parts in every cell', () => {
  const { baseline, expected, incremental, dip, cannibalisation, competition } = maker.truth;
  for (let cell = 0; cell < expected.length; cell++) {
    const sum = baseline[cell]! + incremental[cell]! - dip[cell]! - cannibalisation[cell]! - competition[cell]!;
    assert.ok(Math.abs(sum - expected[cell]!) < 1e-6, `cell ${cell}: ${sum} is not ${expected[cell]}`);
    assert.ok(expected[cell]! >= 0);
  }
});

test("the events' true incremental units are all the incremental units there are on own products", () => {
  const own = new Set(maker.products.filter((p) => p.own).map((p) => p.code));
  let cells = 0;
  maker.sellOut.series.forEach((series, s) => {
    if (!own.has(series.productCode)) return;
    for (let week = 0; week < weeks; week++) cells += maker.truth.incremental[s * weeks + week]!;
  });
  const events = maker.truth.events.reduce((sum, e) => sum + e.incrementalUnits, 0);
  // running events have begun in no complete week: both sides count ended events only
  assert.ok(Math.abs(cells - events) < 1e-6 * cells, `${cells} in the cells, ${events} in the events`);
});

test('the truth of an event is consistent: expected = baseline + incremental, ROI = net profit / spend', () => {
  for (const e of maker.truth.events) {
    assert.ok(Math.abs(e.expectedUnits - e.baselineUnits - e.incrementalUnits) < 1e-6, e.code);
    assert.ok(e.baselineUnits > 0 && e.incrementalUnits > 0 && e.spendMinor > 0, e.code);
    assert.equal(e.netRoi, e.netProfitMinor / e.spendMinor);
  }
});

test('units scatter around the truth as the noise settings say', () => {
  let squares = 0;
  let count = 0;
  maker.sellOut.units.forEach((units, cell) => {
    const mean = maker.truth.expected[cell]!;
    if (units < 0 || mean < 300) return;
    squares += (units / mean - 1) ** 2 - 1 / mean;
    count++;
  });
  const wanted = DEMO_NOISE.seriesCv ** 2 + DEMO_NOISE.accountCv ** 2;
  assert.ok(Math.abs(squares / count / wanted - 1) < 0.1, `${squares / count} instead of ${wanted}`);
});

test('the shelf price is the regular price less funded rate × pass-through', () => {
  const products = new Map(maker.products.map((p) => [p.code, p]));
  let checked = 0;
  for (const promotion of maker.promotions.filter((p) => p.state === 'ended')) {
    const week = maker.sellOut.weekStart.indexOf(promotion.startsOn);
    const accounts = accountsBelow(maker.customers, promotion.customerCode);
    maker.sellOut.series.forEach(({ customerCode, productCode }, s) => {
      if (!accounts.includes(customerCode) || !promotion.productCodes.includes(productCode)) return;
      const listMinor = priceOn(maker.prices, productCode, promotion.startsOn).listPriceMinor;
      const perCase = products.get(productCode)!.unitsPerCase!;
      const cutMinor = promotion.tactics.reduce((sum, { rate, passThrough }) => {
        if (!rate) return sum;
        const unitRate = { unit: 1, case: 1 / perCase, percent: listMinor / 100 / perCase }[rate.per];
        return sum + rate.value * unitRate * passThrough!;
      }, 0);
      const cell = s * weeks + week;
      assert.equal(maker.sellOut.priceMinor[cell], maker.sellOut.basePriceMinor[cell]! - Math.round(cutMinor));
      checked++;
    });
  }
  assert.ok(checked > 500);
});

test('an event is paid from a fund that covers its customer, its products and its dates', () => {
  const products = new Map(maker.products.map((p) => [p.code, p]));
  for (const promotion of maker.promotions) {
    const fund = maker.funds.find((f) => f.code === promotion.fundCode)!;
    assert.ok(fund.customerCode === null || promotion.customerCode.startsWith(fund.customerCode), promotion.code);
    for (const code of promotion.productCodes)
      assert.ok(fund.productCode === null || products.get(code)!.categoryCode === fund.productCode, promotion.code);
    assert.ok(fund.validFrom <= promotion.startsOn && promotion.endsOn <= fund.validTo);
  }
});

test('funds outlast the spend of all events several times over', () => {
  const spent = new Map<string, number>();
  const codes = new Map(maker.promotions.map((p) => [p.code, p.fundCode]));
  for (const e of maker.truth.events)
    spent.set(codes.get(e.code)!, (spent.get(codes.get(e.code)!) ?? 0) + e.spendMinor);
  for (const fund of maker.funds.filter(({ kind }) => kind === 'fixed'))
    assert.ok((spent.get(fund.code) ?? 0) * 3 < fund.amountMinor, fund.code);
});

test('what is shipped in is what is sold out, within a few weeks of stock', () => {
  const perCase = new Map(maker.products.map((p) => [p.code, p.unitsPerCase]));
  const shipped = maker.shipments.reduce((sum, s) => sum + s.cases * perCase.get(s.productCode)!, 0);
  const own = new Set(maker.products.filter((p) => p.own).map((p) => p.code));
  let sold = 0;
  maker.sellOut.series.forEach((series, s) => {
    if (!own.has(series.productCode)) return;
    for (let week = 0; week < weeks; week++) sold += maker.truth.expected[s * weeks + week]!;
  });
  assert.ok(shipped > sold && shipped < sold * (1 + 6 / weeks), `${shipped} shipped, ${sold} sold`);
});

test('deals on shipments are bought ahead: more cases in the deal than shoppers take', () => {
  const perCase = new Map(maker.products.map((p) => [p.code, p.unitsPerCase]));
  let bought = 0;
  let expected = 0;
  for (const p of maker.promotions) {
    if (p.state !== 'ended' || !p.tactics.some((t) => t.mechanic === 'off_invoice' || t.mechanic === 'bill_back'))
      continue;
    const accounts = accountsBelow(maker.customers, p.customerCode);
    for (const s of maker.shipments)
      if (accounts.includes(s.customerCode) && p.productCodes.includes(s.productCode))
        if (p.shipStartsOn <= s.periodStart && s.periodStart <= p.shipEndsOn)
          bought += s.cases * perCase.get(s.productCode)!;
    maker.sellOut.series.forEach((series, s) => {
      if (!accounts.includes(series.customerCode) || !p.productCodes.includes(series.productCode)) return;
      maker.sellOut.weekStart.forEach((day, week) => {
        if (p.shipStartsOn <= day && day <= p.shipEndsOn) expected += maker.truth.expected[s * weeks + week]!;
      });
    });
  }
  assert.ok(bought > 1.2 * expected, `${bought} bought, ${expected} sold`);
});

test('fiscal weeks follow each other without holes, and a year has 52 or 53 of them in twelve 4-4-5 periods', () => {
  const calendar = calendarAround(today);
  calendar.forEach((week, i) => {
    assert.equal(week.endsOn, addDays(week.startsOn, 6));
    if (i > 0) assert.equal(week.startsOn, addDays(calendar[i - 1]!.endsOn, 1));
  });
  assert.equal(new Set(calendar.map((w) => w.fiscalYear)).size, 6);
  const lengths = [2023, 2024, 2025, 2026, 2027, 2028].map((year) => fiscalYearWeeks(year).length);
  assert.ok(lengths.every((n) => n === 52 || n === 53) && lengths.includes(53), lengths.join());
  const perPeriod = [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5];
  const year = fiscalYearWeeks(2025);
  const counted = perPeriod.map((_, i) => year.filter((w) => w.period === i + 1).length);
  assert.deepEqual(counted, year.length === 53 ? perPeriod.with(11, 6) : perPeriod);
});
