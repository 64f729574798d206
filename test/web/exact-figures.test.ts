import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Draft } from '../../web/src/features/workspace/draft.ts';

// The modules read the browser's language when they load; here it is fixed, whatever this machine speaks.
Object.defineProperty(globalThis, 'navigator', { value: { language: 'en-US' }, configurable: true });
const { moneyChange, moneyText, ratioText } = await import('../../web/src/ui/format.ts');
const { inputOf, missingIn, newTactic, shifted } = await import('../../web/src/features/workspace/draft.ts');

test('a share typed in percent reaches the API as the exact decimal and comes back as typed', () => {
  assert.equal(shifted('40', -2), '0.4');
  assert.equal(shifted('33.3333', -2), '0.333333');
  assert.equal(shifted('0.4', 2), '40');
  assert.equal(shifted('1', 2), '100');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_0000 }), (tenThousandths) => {
      const share = shifted(String(tenThousandths), -6);
      assert.equal(shifted(share, 6), String(tenThousandths));
    }),
  );
});

test('a change of money is exact where floats are not', () => {
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  assert.deepEqual(moneyChange(usd('0.10'), usd('0.30')), usd('0.20'));
  assert.deepEqual(moneyChange(usd('-4331.80'), usd('-4327.26')), usd('4.54'));
  assert.deepEqual(moneyChange(usd('900719925474099.31'), usd('900719925474099.30')), usd('-0.01'));
  assert.equal(moneyChange(usd('1.00'), { amount: '1', currency: 'JPY' }), null);
});

test('money and ratios are written exactly, with a minus sign and their currency', () => {
  assert.equal(moneyText({ amount: '-4800.00', currency: 'USD' }), '\u22124,800.00\u00a0USD');
  assert.equal(moneyText({ amount: '900719925474099.31', currency: 'USD' }), '900,719,925,474,099.31\u00a0USD');
  assert.equal(moneyText({ amount: '1200', currency: 'JPY' }), '1,200\u00a0JPY');
  assert.equal(ratioText('-0.3077', 2), '\u221230.77%');
  assert.equal(ratioText(null), '–');
});

test('a plan is asked for only when nothing is missing, and the form says what is', () => {
  const tactic = { ...newTactic(), rate: '4', productIds: ['p'], split: [{ fundId: 'f', percent: '60' }] };
  const draft: Draft = {
    name: 'x',
    customerId: 'c',
    startsOn: '2027-01-04',
    endsOn: '2027-01-17',
    shipStartsOn: '',
    shipEndsOn: '',
    tactics: [tactic],
  };
  assert.deepEqual(missingIn(draft), ['Tactic 1: fund shares must add up to 100 %']);
  assert.equal(inputOf(draft, 'USD'), null);
  const thirds = ['33.3333', '33.3333', '33.3334'].map((percent) => ({ fundId: 'f', percent }));
  const whole = { ...draft, tactics: [{ ...tactic, split: thirds }] };
  assert.deepEqual(missingIn(whole), []);
  assert.deepEqual(
    inputOf(whole, 'USD')?.tactics[0]?.fundSplit.map((part) => part.share),
    ['0.333333', '0.333333', '0.333334'],
  );
});
