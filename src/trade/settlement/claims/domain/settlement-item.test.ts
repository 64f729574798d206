import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allocate, amountOf, Decimal, money } from '#money';
import { openAmount, requireAction, requireWholeSplit, reviewed } from './settlement-item.ts';

const usd = (amount: string) => money(amount, 'USD');
const item = { kind: 'deduction', splitAt: null, settled: usd('0.00') } as const;

test('a deduction walks its life cycle and no other way', () => {
  assert.doesNotThrow(() => requireAction('categorise', { ...item, state: 'captured' }));
  assert.doesNotThrow(() => requireAction('write_off', { ...item, state: 'disputed' }));
  for (const [action, state] of [
    ['match', 'captured'],
    ['settle', 'matched'],
    ['settle', 'settled'],
    ['dispute', 'valid'],
    ['recover', 'invalid'],
    ['write_off', 'written_off'],
  ] as const) {
    assert.throws(() => requireAction(action, { ...item, state }), { code: 'state.conflict' }, `${action} ${state}`);
  }
  const split = { ...item, splitAt: new Date(0), state: 'captured' } as const;
  assert.throws(() => requireAction('categorise', split), { code: 'state.conflict' });
});

test('a review is mended while nothing of it is settled, and stands from then on', () => {
  for (const action of ['match', 'research', 'validate'] as const) {
    for (const state of ['valid', 'partially_valid', 'invalid'] as const) {
      assert.doesNotThrow(() => requireAction(action, { ...item, state }), `${action} ${state}`);
    }
    const paid = { ...item, state: 'partially_valid', settled: usd('0.01') } as const;
    assert.throws(() => requireAction(action, paid), { code: 'state.conflict' }, action);
    for (const state of ['settled', 'disputed', 'recovered', 'written_off'] as const) {
      assert.throws(() => requireAction(action, { ...item, state }), { code: 'state.conflict' }, `${action} ${state}`);
    }
  }
});

test('a claim is never disputed, recovered or written off: nothing was taken', () => {
  assert.throws(() => requireAction('dispute', { ...item, kind: 'claim', state: 'invalid' }), {
    code: 'state.conflict',
  });
  assert.throws(() => requireAction('write_off', { ...item, kind: 'claim', state: 'invalid' }), {
    code: 'state.conflict',
  });
});

test('a review says valid, partially valid or invalid, and nothing beyond the amount', () => {
  assert.equal(reviewed(usd('10.00'), usd('10.00')), 'valid');
  assert.equal(reviewed(usd('10.00'), usd('0.01')), 'partially_valid');
  assert.equal(reviewed(usd('10.00'), usd('0.00')), 'invalid');
  assert.throws(() => reviewed(usd('10.00'), usd('10.01')), { code: 'rule.violated' });
  assert.throws(() => reviewed(usd('10.00'), usd('-0.01')), { code: 'rule.violated' });
});

test('a split by weights is always whole, and one cent more or less is refused', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 2, maxLength: 9 });
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1_000_000n, max: 10n ** 12n }),
      weights,
      fc.constantFrom(1n, -1n),
      (minor, given, cent) => {
        const whole = { minor, currency: 'USD' };
        const parts = allocate(
          whole,
          given.map((weight) => new Decimal(weight)),
        );
        requireWholeSplit(whole, parts);
        const off = parts.map((part, i) => (i === 0 ? { ...part, minor: part.minor + cent } : part));
        assert.throws(() => requireWholeSplit(whole, off), { code: 'rule.violated' });
      },
    ),
    { seed: 20_261_123 },
  );
  assert.throws(() => requireWholeSplit(usd('5.00'), [usd('5.00')]), { code: 'rule.violated' });
  assert.throws(() => requireWholeSplit(usd('5.00'), [usd('6.00'), usd('-1.00')]), { code: 'rule.violated' });
});

test('what is open is the amount less its resolutions', () => {
  const resolved = { amount: usd('100.00'), settled: usd('60.00'), recovered: usd('15.00'), writtenOff: usd('5.50') };
  assert.equal(amountOf(openAmount(resolved)), '19.50');
});
