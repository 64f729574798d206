import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ComparableItem, duplicateReason } from './duplicates.ts';

const earlier: ComparableItem = {
  ...{ id: '1', customerId: 'C', reference: 'D-10417', amountMinor: 50_000n, currency: 'USD', takenOn: '2026-05-01' },
};
const again = (change: Partial<ComparableItem>) =>
  duplicateReason({ ...earlier, id: '2', takenOn: '2026-05-20', ...change }, earlier);

test('the same number on another day is a repeat, also with marks, zeros or one slip in it', () => {
  assert.match(again({}) ?? '', /same number and amount/);
  assert.match(again({ reference: 'd10417-R' }) ?? '', /same number and amount/);
  assert.match(again({ reference: 'D-0010417' }) ?? '', /same number and amount/);
  assert.match(again({ reference: 'D-10471' }) ?? '', /one slip/);
  assert.match(again({ reference: 'D-1417' }) ?? '', /one slip/);
  assert.match(again({ amountMinor: 50_001n }) ?? '', /with another amount/);
});

test('equal amounts under numbers of a series are two payments, not a repeat', () => {
  assert.equal(again({ reference: 'D-10418' }), null);
  assert.equal(again({ reference: 'D-99999' }), null);
  assert.equal(again({ reference: 'D-10471', amountMinor: 49_999n }), null, 'a slip needs the same amount');
});

test('another customer, another currency or half a year later is no repeat', () => {
  assert.equal(again({ customerId: 'X' }), null);
  assert.equal(again({ currency: 'EUR' }), null);
  assert.equal(again({ takenOn: '2026-11-01' }), null);
});
