import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rankClosers } from './gap-closer.ts';

const draft = (code: string, contribution: bigint) => ({ draft: { code }, contribution });

test('only drafts that add contribution close a gap: the largest first, each with what is missing after it', () => {
  const ranked = rankClosers(
    [draft('B', 300n), draft('LOSES', -900n), draft('NOTHING', 0n), draft('A', 300n), draft('C', 500n)],
    700n,
  );
  assert.deepEqual(
    ranked.map(({ draft: { code }, missingBefore, remaining }) => [code, missingBefore, remaining]),
    [
      ['C', 700n, 200n],
      ['A', 200n, -100n],
      ['B', -100n, -400n],
    ],
  );
  assert.deepEqual(
    rankClosers([draft('A', 1n)], null).map(({ remaining }) => remaining),
    [null],
  );
});
