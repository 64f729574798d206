import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allocate, amountOf, Decimal, money } from '#money';
import { dueWithoutTax, openAmount, requireAction, requireWholeSplit, reviewed, shareOut } from './settlement-item.ts';

const usd = (amount: string) => money(amount, 'USD');
const nothing = { settled: usd('0.00'), recovered: usd('0.00'), writtenOff: usd('0.00') };
const item = { kind: 'deduction', splitAt: null, validAmount: null, amount: usd('10.00'), ...nothing } as const;

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
    const paid = { ...item, state: 'partially_valid', settled: usd('0.01'), validAmount: usd('0.01') } as const;
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
  assert.equal(reviewed(item, usd('10.00')), 'valid');
  assert.equal(reviewed(item, usd('0.01')), 'partially_valid');
  assert.equal(reviewed(item, usd('0.00')), 'invalid');
  assert.throws(() => reviewed(item, usd('10.01')), { code: 'rule.violated' });
  assert.throws(() => reviewed(item, usd('-0.01')), { code: 'rule.violated' });
});

test('after a lost dispute a review says no less than was settled, and no more than did not come back', () => {
  const conceded = { ...item, settled: usd('4.00'), recovered: usd('1.00') };
  assert.equal(reviewed(conceded, usd('4.00')), 'partially_valid');
  assert.equal(reviewed(conceded, usd('9.00')), 'partially_valid');
  assert.throws(() => reviewed(conceded, usd('3.99')), { code: 'rule.violated' });
  assert.throws(() => reviewed(conceded, usd('9.01')), { code: 'rule.violated' });
  const raised = { ...conceded, state: 'partially_valid', validAmount: usd('9.00') } as const;
  assert.doesNotThrow(() => requireAction('validate', raised), 'nothing came of the new review yet');
  assert.throws(() => requireAction('split', { ...conceded, state: 'needs_research' }), { code: 'state.conflict' });
});

test('however often an item is paid, its payments sum to its net and tax, and no match pays more than it answers for', () => {
  const cents = fc.bigInt({ min: 1n, max: 10n ** 9n });
  fc.assert(
    fc.property(
      fc.array(cents, { minLength: 1, maxLength: 6 }),
      fc.bigInt({ min: 0n, max: 10n ** 8n }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
      (matched, taxMinor, steps) => {
        const money = (minor: bigint) => ({ minor, currency: 'USD' });
        const net = matched.reduce((all, one) => all + one, 0n);
        const whole = { amount: money(net + taxMinor), tax: money(taxMinor) };
        let settled = 0n;
        let paid = matched.map(() => 0n);
        let tax = 0n;
        for (const step of [...steps, 1]) {
          const due = ((net + taxMinor - settled) * BigInt(Math.round(step * 1000))) / 1000n;
          const [dueNet, dueTax] = dueWithoutTax({ ...whole, settled: money(settled) }, money(due));
          const matches = matched.map((one, i) => ({ amount: money(one), settled: money(paid[i]!) }));
          const shares = shareOut(dueNet, matches);
          paid = paid.map((before, i) => before + shares[i]!.minor);
          assert.ok(shares.every(({ minor }) => minor >= 0n) && dueTax.minor >= 0n);
          assert.ok(paid.every((one, i) => one <= matched[i]!));
          tax += dueTax.minor;
          settled += due;
          assert.equal(tax + paid.reduce((all, one) => all + one, 0n), settled);
        }
        assert.deepEqual([paid, tax], [matched, taxMinor]);
      },
    ),
    { seed: 20_261_123 },
  );
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
