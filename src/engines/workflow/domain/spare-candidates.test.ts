import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spareCandidates } from './spare-candidates.ts';

test('the only person of a later step is left out of the steps before it', () => {
  assert.deepEqual(spareCandidates(['anna', 'finn'], [['finn']]), ['anna']);
  assert.deepEqual(spareCandidates(['finn'], [['finn']]), []);
});

test('who can be replaced later may decide now', () => {
  assert.deepEqual(spareCandidates(['anna', 'finn'], [['finn', 'eve']]), ['anna', 'finn']);
  assert.deepEqual(spareCandidates(['anna', 'finn'], []), ['anna', 'finn']);
});

test('two later steps that share their people need both of them', () => {
  const later = [
    ['finn', 'eve'],
    ['eve', 'finn'],
  ];
  assert.deepEqual(spareCandidates(['anna', 'finn', 'eve'], later), ['anna']);
  // Whom the first later step takes at first gives way to the second, which has nobody else.
  assert.deepEqual(spareCandidates(['anna', 'eve', 'finn', 'gil'], [['eve', 'finn', 'gil'], ['eve']]), [
    'anna',
    'finn',
    'gil',
  ]);
});

test('where a later step has nobody at all, nobody begins', () => {
  assert.deepEqual(spareCandidates(['anna'], [[]]), []);
});
