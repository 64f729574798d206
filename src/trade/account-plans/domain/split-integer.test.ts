import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allocate, Decimal, fromMinor } from '#money';
import { splitInteger } from './split-integer.ts';

test('100 over 1:1:1 gives the remainder to the first', () => {
  assert.deepEqual(splitInteger(100, [1, 1, 1]), [34, 33, 33]);
  assert.deepEqual(splitInteger(-100, [1, 1, 1]), [-34, -33, -33]);
});

test('a whole without weights goes to the first part, and nothing has no parts', () => {
  assert.deepEqual(splitInteger(7, [0, 0]), [7, 0]);
  assert.deepEqual(splitInteger(7, []), []);
});

test('the parts are those of the money’s own split, also where products pass the safe integers', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -(10 ** 13), max: 10 ** 13 }),
      fc
        .array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 12 })
        .filter((weights) => weights.some((weight) => weight > 0)),
      (total, weights) => {
        const money = allocate(
          fromMinor(BigInt(total), 'USD'),
          weights.map((weight) => new Decimal(weight)),
        );
        assert.deepEqual(
          splitInteger(total, weights).map(BigInt),
          money.map(({ minor }) => minor),
        );
      },
    ),
  );
});
