import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInWeights, type ConfirmedChoice, fitWeights, pointsOf, probabilitiesOf } from './match-model.ts';

test('probabilities of alternatives sum to one, also where points are far apart', () => {
  for (const points of [[0], [1, 2, 3], [-800, 800, 0]]) {
    const sum = probabilitiesOf(points).reduce((all, one) => all + one, 0);
    assert.ok(Math.abs(sum - 1) < 1e-12);
  }
  assert.deepEqual(probabilitiesOf([0, 0]), [0.5, 0.5]);
});

test('without confirmed matches the weights stay as they are', () => {
  const fitted = fitWeights([], builtInWeights);
  for (const [name, weight] of Object.entries(fitted))
    assert.ok(Math.abs(weight - (builtInWeights[name] ?? 0)) < 1e-9, name);
});

/** Choices in which the right alternative is the one with the code, or the one with the amount. */
function choices(count: number, byCode: boolean): ConfirmedChoice[] {
  return Array.from({ length: count }, (_, at) => ({
    alternatives: [{ none: 1 }, { code_exact: 1 }, { amount_exact: 1 }],
    // One of ten is the other way, so that there is something to weigh.
    right: byCode === (at % 10 !== 0) ? 1 : 2,
  }));
}

test('confirmed matches move the weights towards what was right there, the further the more there are', () => {
  const gap = (given: readonly ConfirmedChoice[]) => {
    const weights = fitWeights(given, builtInWeights);
    return pointsOf(weights, { code_exact: 1 }) - pointsOf(weights, { amount_exact: 1 });
  };
  const before = gap([]);
  assert.ok(gap(choices(40, false)) < before);
  assert.ok(gap(choices(400, false)) < gap(choices(40, false)));
  assert.ok(gap(choices(400, false)) < 0, 'four hundred outweigh what is built in');
});

test('with many matches the fitted probabilities are the shares that were seen', () => {
  const weights = fitWeights(choices(20_000, true), {});
  const [none = 1, code = 0, amount = 0] = probabilitiesOf(
    [{ none: 1 }, { code_exact: 1 }, { amount_exact: 1 }].map((one) => pointsOf(weights, one)),
  );
  assert.ok(Math.abs(code - 0.9) < 0.01 && Math.abs(amount - 0.1) < 0.01 && none < 0.01, `${none} ${code} ${amount}`);
});

test('the same matches lead to the same weights', () => {
  assert.deepEqual(fitWeights(choices(50, true), builtInWeights), fitWeights(choices(50, true), builtInWeights));
});
