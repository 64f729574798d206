import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NumberSet } from './number-set.ts';

test('a number set holds exactly what a set holds, however large the numbers', () => {
  const value = fc.oneof(fc.nat(100), fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }).map(Number));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5_000 }), (values) => {
      const numbers = new NumberSet();
      const reference = new Set<number>();
      for (const one of values) {
        assert.equal(numbers.add(one), !reference.has(one));
        reference.add(one);
      }
      assert.equal(numbers.size, reference.size);
    }),
  );
});

test('neighbouring keys by the hundred thousand are told apart', () => {
  const numbers = new NumberSet();
  for (let i = 0; i < 300_000; i++) assert.ok(numbers.add(110_000 * (i % 3_000) + i));
  assert.equal(numbers.size, 300_000);
});
