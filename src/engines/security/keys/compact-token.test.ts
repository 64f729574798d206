import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCompactToken } from './compact-token.ts';

test('a token has one spelling: padding, spaces, other alphabets and left-over bits are refused', () => {
  assert.ok(isCompactToken('eyJhbGciOiJIUzI1NiJ9.VGVzdA.c1LROH7eNQ'));
  assert.ok(isCompactToken('eyJhbGciOiJkaXIifQ..aXY.VGVzdA.dGFn'));
  const spellings = ['VGVzdA==', ' VGVzdA', 'VGVzdA\n', 'VG+zdA', 'VGVzdB', 'VGVzd', 'VGVz\u0000dA'];
  for (const part of spellings) assert.equal(isCompactToken(`e30.${part}.e30`), false, JSON.stringify(part));
});

test('what is no token at all is refused, however long', () => {
  for (const text of ['', 'a.b', 'a.b.c.d', '{"payload":"e30"}', `e30.${'A'.repeat(20_000)}.e30`]) {
    assert.equal(isCompactToken(text), false);
  }
});
