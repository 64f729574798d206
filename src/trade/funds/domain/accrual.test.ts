import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amountOf, Decimal, money } from '#money';
import { accrueWeek, type FundRate, rateOn, rateProblem } from './accrual.ts';

const rate = (validFrom: string, amount: string, per: FundRate['per'] = 'case'): FundRate => ({
  per,
  amount,
  validFrom,
});

test('the rate that begins last by a day is in force, and of equals the one recorded last', () => {
  const rates = [rate('2026-01-01', '0.10'), rate('2026-07-01', '0.20'), rate('2026-01-01', '0.15')];
  assert.equal(rateOn(rates, '2025-12-31'), undefined);
  assert.equal(rateOn(rates, '2026-06-30')?.amount, '0.15');
  assert.equal(rateOn(rates, '2026-07-01')?.amount, '0.20');
});

test('a week rounds once, not per product', () => {
  const shipped = ['a', 'b', 'c'].map((productId) => ({ productId, weekStart: '2026-06-01', cases: new Decimal('1') }));
  const terms = { prices: new Map(), currency: 'USD', rate: rate('2026-01-01', '0.335') };
  // 3 × 0.335 = 1.005 → 1.01; rounded per product it would be 1.02.
  assert.equal(amountOf(accrueWeek('2026-06-01', shipped, terms).amount), '1.01');
});

test('a percentage is of the list price of each product, and returns take money out', () => {
  const shipped = [
    { productId: 'a', weekStart: '2026-06-01', cases: new Decimal('100') },
    { productId: 'b', weekStart: '2026-06-01', cases: new Decimal('-10') },
  ];
  const prices = new Map([
    ['a', money('30.00', 'USD')],
    ['b', money('20.00', 'USD')],
  ]);
  const terms = { prices, currency: 'USD', rate: rate('2026-01-01', '2', 'percent') };
  // (100 × 30 − 10 × 20) × 2 %
  assert.equal(amountOf(accrueWeek('2026-06-01', shipped, terms).amount), '56.00');
  assert.throws(() => accrueWeek('2026-06-01', shipped, { ...terms, prices: new Map() }), { code: 'rule.violated' });
  assert.throws(() => accrueWeek('2026-06-01', shipped, { ...terms, currency: 'EUR' }), {
    code: 'money.currency_mismatch',
  });
});

test('a rate is above zero, and at most a million per case or a hundred percent', () => {
  const problem = (amount: string, per: FundRate['per']) => rateProblem(rate('2026-01-01', amount, per));
  assert.deepEqual([problem('1000000', 'case'), problem('100', 'percent')], [undefined, undefined]);
  assert.equal(problem('1000000.000001', 'case'), 'is above 1000000 per case');
  assert.equal(problem('100.01', 'percent'), 'is above 100 percent');
  assert.equal(problem('0', 'case'), 'is not above 0');
});
