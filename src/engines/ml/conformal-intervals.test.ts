import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConformalScore, calibrateConformal, conformalScores } from './conformal-intervals.ts';

/** Deterministic skewed scores: exponential by inversion of a low-discrepancy sequence. */
function skewed(count: number, phase: number, spread: (i: number) => number): ConformalScore[] {
  return Array.from({ length: count }, (_, i) => {
    const uniform = (phase + (i + 1) * 0.6180339887498949) % 1;
    return { score: spread(i) * (-Math.log(1 - uniform) - 1), size: i % 10, class: i % 2 };
  });
}

test('intervals of skewed errors hold 90 % of later errors in every class and size', () => {
  const spread = (i: number) => 1 + (i % 10);
  const table = calibrateConformal(skewed(4000, 0.1, spread), { level: 0.9, classes: 2, bins: 10 });
  for (let size = 0; size < 10; size++) {
    const later = skewed(4000, 0.7, spread).filter((score) => score.size === size);
    const inside = later.filter((score) => {
      const { low, high } = conformalScores(table, score.size, score.class);
      return score.score >= low && score.score <= high;
    });
    const share = inside.length / later.length;
    assert.ok(share > 0.86 && share < 0.94, `size ${size} holds ${share}`);
  }
});

test('a class too thin to calibrate borrows the errors of all classes', () => {
  const scores = skewed(1000, 0.3, () => 1).map((score, i) => ({ ...score, class: i < 5 ? 1 : 0 }));
  const table = calibrateConformal(scores, { level: 0.9, classes: 2, bins: 1 });
  assert.equal(table.counts[1]![0], 1000);
  assert.equal(table.counts[0]![0], 995);
});

test('fewer scores make a wider interval, never a narrower one', () => {
  const all = Array.from({ length: 999 }, (_, i) => ({ score: i - 499, size: 1, class: 0 }));
  const many = calibrateConformal(all, { level: 0.9, classes: 1, bins: 1 });
  const few = calibrateConformal(
    all.filter((_, i) => i % 111 === 0),
    { level: 0.9, classes: 1, bins: 1, minimumPerBin: 1 },
  );
  assert.deepEqual([many.low[0]![0], many.high[0]![0]], [-450, 450]);
  assert.ok(few.high[0]![0]! - few.low[0]![0]! >= 0.88 * 900);
  assert.equal(few.high[0]![0], 389, 'with nine scores the whole range is taken');
});

test('calibration on nothing is refused', () => {
  assert.throws(() => calibrateConformal([], { level: 0.9, classes: 1, bins: 1 }), RangeError);
});
