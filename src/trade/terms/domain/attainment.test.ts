import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decimal, toJson } from '#money';
import { scopedLine, steps } from '../test-terms.ts';
import { attainment } from './attainment.ts';

const line = scopedLine({
  ...{ kind: 'volume_rebate', basis: 'percent_of_list', rate: null },
  tiers: { method: 'retroactive', measure: 'cases', steps: steps({ 1000: '1', 2000: '2' }) },
});
const toDate = { cases: new Decimal(1200), listSales: new Decimal(36_000), invoiceSales: new Decimal(34_200) };
const rest = { cases: 1200, low: 600, high: 1800, method: 'run rate' };

test('what is accrued so far is the expected year’s rebate on the volume so far, not what is attained yet', () => {
  const reached = attainment({ line, toDate, rest, lastYear: null, rows: '/rows' });
  assert.equal(reached.attained?.step?.rate.toFixed(), '1');
  assert.equal(reached.expected?.step?.rate.toFixed(), '2');
  // 2 % of 2400 cases at 30.00 is 1440.00; half of the year is behind.
  assert.deepEqual(reached.figures.expectedRebate.value, { amount: '1440.00', currency: 'USD' });
  assert.deepEqual(reached.accrued && toJson(reached.accrued), { amount: '720.00', currency: 'USD' });
  assert.deepEqual(reached.figures.rebate.value, { amount: '360.00', currency: 'USD' });
});

test('the interval of the volume is that of the tier: the lower end misses the second tier', () => {
  const { low, high, figures } = attainment({ line, toDate, rest, lastYear: null, rows: '/rows' });
  assert.deepEqual([low?.step?.rate.toFixed(), high?.step?.rate.toFixed()], ['1', '2']);
  assert.deepEqual(
    [figures.expectedRebate.low, figures.expectedRebate.high],
    [
      { amount: '540.00', currency: 'USD' },
      { amount: '1800.00', currency: 'USD' },
    ],
  );
});

test('without a forecast the attained tier is accrued, and what is expected is not estimated', () => {
  const { accrued, figures } = attainment({ line, toDate, rest: null, lastYear: null, rows: '/rows' });
  assert.deepEqual(accrued && toJson(accrued), { amount: '360.00', currency: 'USD' });
  assert.equal(figures.expectedRebate.value, null);
});

test('growth over a year that nobody knows is not estimated, never zero', () => {
  const growth = scopedLine({ ...line, rate: null, kind: 'growth' });
  const { attained, accrued, figures } = attainment({ line: growth, toDate, rest, lastYear: null, rows: '/rows' });
  assert.deepEqual([attained, accrued, figures.accrued.value], [null, null, null]);
});
