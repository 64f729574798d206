import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countedLines } from './grid-inputs.ts';
import { planFigure } from './plan-figure.ts';
import type { PeriodFigures } from './plan-result.ts';
import { planFigures } from './plan-result.ts';

/** Two segments of one period: what is closed, what is open. Volume, incremental, list, on, off, tactics, cost. */
const planned = BigInt64Array.from([1000, 0, 3000, 150, 60, 0, 1600, 1000, 200, 3600, 180, 72, 500, 1920].map(BigInt));
const actual = BigInt64Array.from([1100, 0, 3300, 165, 66, 100, 1760].map(BigInt));

function figures(
  targets: { period: number; contribution?: string; tradeSpend?: string; grossSales?: string }[],
): PeriodFigures {
  assert.equal(countedLines.length, 7);
  return planFigures({
    ...{ currency: 'USD', planned, actual, targets },
    periods: [{ period: 1, startsOn: '', endsOn: '', closedSegments: [0], openSegments: [1] }],
  }).year;
}

const origin = {
  currency: 'USD',
  sources: { target: 't', plan: 'p', latestEstimate: 'e', actual: 'a', gap: 'g' },
  notEstimated: [],
};

test('the waterfall goes from list to pocket and contribution, and the latest estimate is actual plus plan of the rest', () => {
  const { plan, latestEstimate, actual: closed } = figures([]);
  assert.equal(plan.invoiceSales, 6600n - 330n);
  assert.equal(plan.netSales, 6270n - 132n);
  assert.equal(plan.pocketSales, 6138n - 500n);
  assert.equal(plan.contribution, 5638n - 3520n);
  assert.equal(plan.baseline, 1800n);
  assert.equal(closed.contribution, 3300n - 165n - 66n - 100n - 1760n);
  assert.equal(latestEstimate.contribution, (closed.contribution ?? 0n) + (3600n - 180n - 72n - 500n - 1920n));
  assert.equal(latestEstimate.baseline, null);
});

test('the trade rate is made after adding up, counts all terms and spend, and is null without sales', () => {
  const year = figures([]);
  // (330 + 132 + 500) / 6600
  assert.equal(planFigure(year, 'tradeRate', 'plan', origin).value, '0.1458');
  assert.equal(planFigure(year, 'tradeRate', 'target', origin).value, null);
  const aimed = figures([{ period: 1, tradeSpend: '10.00', grossSales: '100.00' }]);
  assert.equal(planFigure(aimed, 'tradeRate', 'target', origin).value, '0.1000');
  // The latest estimate's rate, (165 + 66 + 100 + 180 + 72 + 500) / 6900 = 0.1570, less 0.1000.
  assert.equal(planFigure(aimed, 'tradeRate', 'gap', origin).value, '0.0570');
});

test('a gap is the latest estimate less the target, and there is none without a target', () => {
  const year = figures([{ period: 1, contribution: '30.00' }]);
  const gap = planFigure(year, 'contribution', 'gap', origin);
  assert.deepEqual(gap.value, { amount: '-8.63', currency: 'USD' });
  assert.deepEqual(
    gap.inputs.map(({ name, value }) => [name, value]),
    [
      ['latest estimate', '21.37'],
      ['target', '30.00'],
    ],
  );
  assert.equal(planFigure(year, 'volume', 'gap', origin).value, null);
});

test('a figure names its formula, its inputs and what it does not know', () => {
  const sheet = planFigure(figures([]), 'pocketSales', 'actual', { ...origin, notEstimated: ['spend of EVT-1'] });
  assert.equal(sheet.formula, 'net sales − tactic spend');
  assert.deepEqual(
    sheet.inputs.map(({ name, value, source }) => [name, value, source]),
    [
      ['net sales', '30.69', 'a'],
      ['tactic spend', '1.00', 'a'],
    ],
  );
  assert.deepEqual(sheet.notEstimated, ['spend of EVT-1']);
});

test('a year has a target only where every period has one', () => {
  const two = planFigures({
    ...{ currency: 'USD', planned, actual },
    targets: [{ period: 1, contribution: '30.00' }],
    periods: [
      { period: 1, startsOn: '', endsOn: '', closedSegments: [0], openSegments: [] },
      { period: 2, startsOn: '', endsOn: '', closedSegments: [], openSegments: [1] },
    ],
  });
  assert.equal(two.year.target.contribution, undefined);
  assert.equal(two.periods[0]?.target.contribution, 3000n);
  assert.equal(two.periods[1]?.actual.contribution, null);
});
