import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { add, allocate, amountOf, Decimal, fromMinor, money, ratio, roundToMoney, sum, toJson } from './index.ts';

test('100.00 over 1:1:1 gives the remainder to the first', () => {
  const parts = allocate(
    money('100.00', 'USD'),
    [1, 1, 1].map((w) => new Decimal(w)),
  );
  assert.deepEqual(parts.map(amountOf), ['33.34', '33.33', '33.33']);
});

test('14 800.00 over 1500:1700 splits as the house vector says', () => {
  const parts = allocate(money('14800.00', 'USD'), [new Decimal(1500), new Decimal(1700)]);
  assert.deepEqual(parts.map(amountOf), ['6937.50', '7862.50']);
});

test('the parts of any split sum exactly to the whole, and no part is off by a whole minor unit', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
      fc
        .array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 12 })
        .filter((w) => w.some((x) => x > 0)),
      (minor, weights) => {
        const parts = allocate(
          fromMinor(minor, 'USD'),
          weights.map((w) => new Decimal(w)),
        );
        assert.equal(sum(parts, 'USD').minor, minor);
        const total = weights.reduce((a, b) => a + b, 0);
        parts.forEach((part, i) => {
          const exact = new Decimal(minor.toString()).times(weights[i] ?? 0).div(total);
          assert.ok(exact.minus(part.minor.toString()).abs().lt(1));
        });
      },
    ),
  );
});

test('digits follow ISO 4217: yen have none, Kuwaiti dinar three', () => {
  assert.equal(amountOf(money('1500', 'JPY')), '1500');
  assert.equal(amountOf(money('1.005', 'KWD')), '1.005');
  assert.equal(amountOf(money('-0.05', 'USD')), '-0.05');
  assert.throws(() => money('0.5', 'JPY'), { code: 'request.malformed' });
  assert.throws(() => money('1', 'XXZ'), { code: 'request.malformed' });
});

test('currencies are never added across', () => {
  assert.throws(() => add(money('1', 'USD'), money('1', 'EUR')), { code: 'money.currency_mismatch' });
});

test('halves round away from zero, and a ratio to nothing is null', () => {
  assert.equal(amountOf(roundToMoney(new Decimal('0.125'), 'USD')), '0.13');
  assert.equal(amountOf(roundToMoney(new Decimal('-0.125'), 'USD')), '-0.13');
  assert.equal(ratio(money('-4800.00', 'USD'), money('15600.00', 'USD')), '-0.3077');
  assert.equal(ratio(money('1.00', 'USD'), money('0.00', 'USD')), null);
  assert.deepEqual(toJson(money('15600', 'USD')), { amount: '15600.00', currency: 'USD' });
});
