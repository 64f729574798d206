import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decimal, money } from '#money';
import { priceEvent } from './event-economics.ts';
import type { EventProduct, EventTactic } from './event-tactic.ts';
import { verdictOf } from './event-verdict.ts';

const d = (value: number | string) => new Decimal(value);
const usd = (amount: string) => money(amount, 'USD');

function verdict(options: { units: number; rate: string; low: number; high: number }) {
  const product: EventProduct = {
    productId: 'p',
    unitsPerCase: d(1),
    listPrice: usd('30.00'),
    cost: usd('18.00'),
    baselineUnits: d(1000),
    units: d(options.units),
    shippedCases: null,
  };
  const tactic: EventTactic = {
    key: '0',
    mechanic: 'scan_back',
    productIds: ['p'],
    rate: { amount: d(options.rate), currency: 'USD', per: 'case' },
    lumpSum: null,
    passThrough: d(1),
    fundSplit: [{ fundId: 'f', share: d(1) }],
  };
  const { figures } = priceEvent({
    currency: 'USD',
    tactics: [tactic],
    products: [product],
    dip: [],
    cannibalisation: [],
    halo: null,
    incrementalUnits: { low: d(options.low), high: d(options.high) },
  });
  return verdictOf(figures);
}

test('an event whose whole interval earns money is to be repeated', () => {
  const { decision, reasons } = verdict({ units: 3000, rate: '3', low: 1500, high: 2500 });
  assert.equal(decision, 'repeat');
  assert.match(reasons[0] ?? '', /^The event earned money: /);
});

test('an event that may have lost money is repeated only with the doubt said', () => {
  const { decision, reasons } = verdict({ units: 1500, rate: '3', low: 200, high: 800 });
  assert.equal(decision, 'repeat');
  assert.match(reasons[0] ?? '', /not for certain/);
});

test('an event that lost money for certain and could not have paid is to be stopped', () => {
  const { decision, reasons } = verdict({ units: 1100, rate: '3', low: 50, high: 150 });
  assert.equal(decision, 'stop');
  assert.ok(reasons.some((reason) => reason.includes('would have sold anyway')));
});

test('an event that lost money but whose best case pays is to be fixed', () => {
  assert.equal(verdict({ units: 1300, rate: '3', low: 200, high: 400 }).decision, 'fix');
});

test('a discount larger than the contribution of a case is named as what no lift can pay for', () => {
  const { decision, reasons } = verdict({ units: 4000, rate: '12', low: 2500, high: 3500 });
  assert.equal(decision, 'stop');
  assert.ok(reasons.some((reason) => reason.includes('no lift can pay')));
});
