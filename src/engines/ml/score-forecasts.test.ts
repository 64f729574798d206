import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastValue, recentMean, sameSeasonBefore } from './naive-forecasts.ts';
import { coverage, pinballLoss, totalBias, wape } from './score-forecasts.ts';

test('WAPE weighs errors by what was sold, and bias keeps their sign', () => {
  assert.equal(wape([10, 30], [14, 28]), 6 / 40);
  assert.equal(totalBias([10, 30], [14, 28]), 42 / 40 - 1);
  assert.ok(Number.isNaN(wape([0], [1])));
});

test('coverage counts the bounds as inside', () => {
  assert.equal(coverage([1, 2, 3, 4], [1, 0, 4, 0], [1, 2, 5, 3]), 0.5);
});

test('pinball loss of the 90 % quantile punishes too little nine times as hard as too much', () => {
  assert.ok(Math.abs(pinballLoss([10], [0], 0.9) - 9) < 1e-12);
  assert.ok(Math.abs(pinballLoss([0], [10], 0.9) - 1) < 1e-12);
});

test('naive methods never look at the origin or beyond it', () => {
  const history = [5, Number.NaN, 7, 100, 200];
  assert.equal(lastValue(history, 3), 7);
  assert.equal(lastValue(history, 2), 5);
  assert.equal(recentMean(history, 3, 2), 7);
  assert.equal(recentMean(history, 3, 8), 6);
  assert.equal(sameSeasonBefore(history, 3, 4, 2), 7);
  assert.ok(Number.isNaN(sameSeasonBefore(history, 3, 5, 2)), 'week 3 is not known at origin 3');
  assert.ok(Number.isNaN(lastValue([], 0)));
});
