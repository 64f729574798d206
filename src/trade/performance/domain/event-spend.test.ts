import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amountOf, Decimal, money } from '#money';
import { eventSpend, retailerMargin, shelfPriceOf } from './event-spend.ts';
import { type EventProduct, type EventTactic, type Mechanic, mechanics } from './event-tactic.ts';

const d = (value: string | number) => new Decimal(value);
const usd = (amount: string) => money(amount, 'USD');
const product: EventProduct = {
  productId: 'p',
  unitsPerCase: d(12),
  listPrice: usd('30.00'),
  onInvoiceTerms: usd('2.00'),
  cost: usd('16.00'),
  baselineUnits: d(1200),
  units: d(2400),
  shippedCases: d(150),
};
const tactic = (mechanic: Mechanic, per: 'case' | 'unit' | 'percent', amount: string): EventTactic => ({
  key: mechanic,
  mechanic,
  productIds: ['p'],
  rate: { amount: d(amount), currency: 'USD', per },
  lumpSum: null,
  passThrough: d(1),
  fundSplit: [{ fundId: 'f', share: d(1) }],
});
const cost = (one: EventTactic, of: EventProduct = product) => amountOf(eventSpend([one], [of], 'USD').total);

test('each mechanic counts its rate on its own volume: scans by units sold, bill-backs and off-invoice by cases shipped', () => {
  assert.equal(cost(tactic('scan_back', 'unit', '0.25')), '600.00');
  assert.equal(cost(tactic('scan_back', 'case', '3')), '600.00');
  assert.equal(cost(tactic('temporary_price_reduction', 'unit', '0.25')), '600.00');
  assert.equal(cost(tactic('bill_back', 'case', '3')), '450.00');
  assert.equal(cost(tactic('off_invoice', 'unit', '0.25')), '450.00');
});

test('a percent is of the list price unless the tactic says invoice price', () => {
  assert.equal(cost(tactic('off_invoice', 'percent', '10')), '450.00');
  const ofInvoice = tactic('off_invoice', 'percent', '10');
  assert.equal(cost({ ...ofInvoice, rate: { ...ofInvoice.rate!, percentOf: 'invoice' } }), '420.00');
});

test('where shipments are not known the cases sold stand in for them, and the answer says so', () => {
  const { tactics } = eventSpend([tactic('bill_back', 'case', '3')], [{ ...product, shippedCases: null }], 'USD');
  assert.equal(amountOf(tactics[0]!.spend), '600.00');
  assert.match(tactics[0]!.assumption ?? '', /not known/);
});

test('a tactic rounds once, after its products are summed', () => {
  const thirds = ['a', 'b', 'c'].map((productId) => ({ ...product, productId, units: d(1), unitsPerCase: d(1) }));
  const one = { ...tactic('scan_back', 'unit', '0.005'), productIds: ['a', 'b', 'c'] };
  const { total, byProduct } = eventSpend([one], thirds, 'USD');
  assert.equal(amountOf(total), '0.02');
  assert.deepEqual(
    byProduct.map(({ amount }) => amountOf(amount)),
    ['0.01', '0.01', '0.00'],
  );
});

test('a split over funds sums exactly, and a tie goes to the first fund by id whatever the order of the split', () => {
  const split = ['c', 'a', 'b'].map((fundId) => ({ fundId, share: d(1) }));
  const one: EventTactic = { ...tactic('display', 'unit', '1'), rate: null, lumpSum: usd('100.00'), fundSplit: split };
  assert.deepEqual(
    eventSpend([one], [product], 'USD').byFund.map(({ fundId, amount }) => [fundId, amountOf(amount)]),
    [
      ['c', '33.33'],
      ['a', '33.34'],
      ['b', '33.33'],
    ],
  );
});

test('a mechanic whose volume nobody can count yet is refused, not guessed', () => {
  for (const mechanic of ['multibuy', 'coupon', 'volume_rebate', 'distributor_chargeback', 'display'] as const) {
    assert.throws(() => cost(tactic(mechanic, 'unit', '0.25')), { code: 'rule.violated' });
  }
  assert.equal(cost({ ...tactic('coupon', 'unit', '0.25'), redemptionRate: d('0.1') }), '60.00');
});

test('every mechanic takes a lump sum', () => {
  for (const mechanic of mechanics) {
    assert.equal(cost({ ...tactic(mechanic, 'unit', '1'), rate: null, lumpSum: usd('7.00') }), '7.00');
  }
});

test('a rate in another currency than the price is refused', () => {
  const one = tactic('scan_back', 'unit', '1');
  assert.throws(() => cost({ ...one, rate: { ...one.rate!, currency: 'EUR' } }), { code: 'money.currency_mismatch' });
});

test('the shelf price is cut by the funded rate times the pass-through', () => {
  const passed = { ...tactic('scan_back', 'case', '6'), passThrough: d('0.8') };
  const shelf = shelfPriceOf([passed], product, d(4));
  assert.equal(shelf.shelfPrice.toFixed(2), '3.60');
  assert.equal(shelf.depth.toFixed(4), '0.1000');
  assert.equal(shelf.fundedPerUnit.toFixed(2), '0.50');
  assert.throws(() => shelfPriceOf([tactic('scan_back', 'unit', '4')], product, d(4)), { code: 'rule.violated' });
});

test('the retailer keeps its margin per unit at full pass-through and gains what it does not pass on', () => {
  const full = shelfPriceOf([tactic('scan_back', 'unit', '0.50')], product, d(4));
  const margins = retailerMargin([{ product, shelf: full }], 'USD');
  // 4.00 − 28.00 / 12 on 1200 units before, the same on 2400 units after.
  assert.equal(amountOf(margins.marginBefore), '2000.00');
  assert.equal(amountOf(margins.marginAfter), '4000.00');
  const half = shelfPriceOf([{ ...tactic('scan_back', 'unit', '0.50'), passThrough: d('0.5') }], product, d(4));
  assert.equal(amountOf(retailerMargin([{ product, shelf: half }], 'USD').marginAfter), '4600.00');
});
