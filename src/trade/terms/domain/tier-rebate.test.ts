import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Decimal } from '#money';
import { scopedLine, steps } from '../test-terms.ts';
import type { TermBasis, TermLine, TermTiers } from './term-line.ts';
import { reachTier, type VolumeSums } from './tier-rebate.ts';

const tiers = (method: TermTiers['method'], of: Record<string, string>, measure: TermTiers['measure'] = 'cases') => ({
  ...{ method, measure, steps: steps(of) },
});

const rebate = (basis: TermBasis, with_: TermTiers, kind: TermLine['kind'] = 'volume_rebate') =>
  scopedLine({ kind, basis, rate: null, tiers: with_ });

/** Cases at list 30.00 and invoice 28.50. */
function cases(count: number | Decimal): VolumeSums {
  const of = new Decimal(count);
  return { cases: of, listSales: of.times(30), invoiceSales: of.times('28.5') };
}

const earned = (line: TermLine, count: number, lastYear: number | null = null) =>
  reachTier(line, cases(count), lastYear === null ? null : new Decimal(lastYear))?.amount.toFixed(2);

test('retroactive: the reached step’s rate is paid on everything, from its threshold on', () => {
  const line = rebate('per_case', tiers('retroactive', { 1000: '0.50', 2000: '1.00' }));
  assert.deepEqual(
    [999, 1000, 1999, 2000].map((count) => earned(line, count)),
    ['0.00', '500.00', '999.50', '2000.00'],
  );
});

test('incremental: each step’s rate is paid on what lies between its threshold and the next', () => {
  const line = rebate('per_case', tiers('incremental', { 1000: '0.50', 2000: '1.00' }));
  assert.deepEqual(
    [1000, 1500, 2000, 2500].map((count) => earned(line, count)),
    ['0.00', '250.00', '500.00', '1000.00'],
  );
});

test('percentages are of list or invoice sales, and thresholds may count money', () => {
  const ofList = rebate('percent_of_list', tiers('retroactive', { 30000: '1', 60000: '2' }, 'money'));
  assert.deepEqual(
    [999, 1000, 2000].map((count) => earned(ofList, count)),
    ['0.00', '300.00', '1200.00'],
  );
  const ofInvoice = rebate('percent_of_invoice', tiers('incremental', { 1000: '2' }));
  // 500 of 1500 cases lie above the threshold: 2 % of 500 × 28.50.
  assert.equal(earned(ofInvoice, 1500), '285.00');
});

test('growth pays by percent over last year, and over nothing it cannot be told', () => {
  const line = rebate('percent_of_list', tiers('retroactive', { 3: '1', 8: '2' }), 'growth');
  assert.deepEqual(
    [1029, 1030, 1080].map((count) => earned(line, count, 1000)),
    ['0.00', '309.00', '648.00'],
  );
  const above = rebate('per_case', tiers('incremental', { 3: '1' }), 'growth');
  assert.equal(earned(above, 1100, 1000), '70.00');
  assert.equal(reachTier(line, cases(1080), null), null);
  assert.equal(reachTier(line, cases(1080), new Decimal(0)), null);
});

test('a lump sum is paid once for the highest step, or once for each step on the way', () => {
  const sums = { 1000: '500', 2000: '700' };
  assert.equal(earned(rebate('lump_sum', tiers('retroactive', sums)), 2500), '700.00');
  assert.equal(earned(rebate('lump_sum', tiers('incremental', sums)), 2500), '1200.00');
});

test('what is missing to the next tier is told, and nothing on top', () => {
  const line = rebate('per_case', tiers('retroactive', { 1000: '0.50', 2000: '1.00' }));
  assert.equal(reachTier(line, cases(1400), null)?.missing?.toFixed(), '600');
  assert.equal(reachTier(line, cases(2000), null)?.missing, null);
});

test('with rising rates more volume never earns less, and retroactive never less than incremental', () => {
  const volumes = fc.tuple(fc.nat(5000), fc.nat(5000));
  const rising = fc
    .uniqueArray(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 4 })
    .map((from) =>
      from.sort((a, b) => a - b).map((threshold, i) => ({ from: new Decimal(threshold), rate: new Decimal(i + 1) })),
    );
  fc.assert(
    fc.property(volumes, rising, ([a, b], ladder) => {
      const amount = (method: TermTiers['method'], count: number) => {
        const line = rebate('per_case', { method, measure: 'cases', steps: ladder });
        return reachTier(line, cases(count), null)!.amount;
      };
      const [less, more] = [Math.min(a, b), Math.max(a, b)];
      for (const method of ['retroactive', 'incremental'] as const) {
        assert.ok(amount(method, less).lte(amount(method, more)));
      }
      assert.ok(amount('retroactive', more).gte(amount('incremental', more)));
    }),
  );
});
