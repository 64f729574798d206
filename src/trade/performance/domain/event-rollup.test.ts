import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decimal, money } from '#money';
import { type MeasuredEvent, naivePredictions, rollUpEvents } from './event-rollup.ts';

const usd = (amount: string) => money(amount, 'USD');
const nothing = new Map<string, Decimal>();

/** An event with these amounts in whole dollars; `half` is half of the interval of its net profit. */
function event(
  id: string,
  {
    spend,
    net,
    half = 0,
    ...rest
  }: { spend: number; net: number; half?: number } & Omit<Partial<MeasuredEvent>, 'spend'>,
): MeasuredEvent {
  const of = (amount: number) => usd(amount.toFixed(2));
  return {
    ...{ promotionId: id, measurementVersion: 1, customerId: 'c', productIds: ['p'], mechanics: ['scan_back'] },
    ...{ startsOn: '2026-03-02', endsOn: '2026-03-15', decision: null },
    ...{ baselineUnits: new Decimal(1_000), incrementalUnits: new Decimal(400) },
    ...{ spend: of(spend), grossProfit: of(net), netProfit: of(net) },
    ...{ netProfitLow: of(net - half), netProfitHigh: of(net + half), netIncrementalContribution: of(net + spend) },
    ...{ subsidisedBase: of(0), dip: of(0), cannibalisation: of(0), halo: null, predicted: null },
    ...rest,
  };
}

const roll = (events: readonly MeasuredEvent[], naive = nothing) => rollUpEvents(events, naive, '/rows');

test('ratios of a group are recomputed from its sums, never averaged', () => {
  // The worked event of the house beside a small one that paid: −30.77 % and +50 % are not +9.6 %.
  const { figures } = roll([event('a', { spend: 15_600, net: -4_800 }), event('b', { spend: 400, net: 200 })]);
  assert.deepEqual(figures.spend.value, { amount: '16000.00', currency: 'USD' });
  assert.deepEqual(figures.netProfit.value, { amount: '-4600.00', currency: 'USD' });
  assert.equal(figures.netRoi.value, '-0.2875');
  assert.equal(figures.lift.value, '0.4000');
  assert.deepEqual(
    figures.netRoi.inputs.map(({ name, value }) => [name, value]),
    [
      ['net profit', '-4600.00'],
      ['S', '16000.00'],
    ],
  );
});

test('without spend there is no ROI', () => {
  const { figures } = roll([event('a', { spend: 0, net: 10 })]);
  assert.deepEqual([figures.netRoi.value, figures.netRoi.low, figures.grossRoi.value], [null, null, null]);
});

test('intervals of independent events add up in squares, each side for itself', () => {
  const { figures } = roll([
    event('a', { spend: 1_000, net: 500, half: 300 }),
    event('b', { spend: 1_000, net: 500, half: 400, netProfitHigh: usd('500.00') }),
  ]);
  assert.deepEqual(figures.netProfit.low, { amount: '500.00', currency: 'USD' });
  assert.deepEqual(figures.netProfit.high, { amount: '1300.00', currency: 'USD' });
  assert.deepEqual([figures.netRoi.low, figures.netRoi.high], ['0.2500', '0.6500']);
});

test('a component is summed over the events that have an estimate; the others are named and are no zero', () => {
  const { figures } = roll([
    event('a', { spend: 1_000, net: 1, dip: usd('70.00') }),
    event('b', { spend: 1_000, net: 1, dip: null }),
  ]);
  assert.deepEqual(figures.dip.value, { amount: '70.00', currency: 'USD' });
  assert.deepEqual(figures.dip.notEstimated, ['dip of 1 of 2 events']);
  assert.equal(figures.halo.value, null);
  assert.deepEqual(figures.halo.notEstimated, ['halo of 2 of 2 events']);
});

test('the verdict: repeat what earned, stop what lost for certain nearly every time, mend the rest', () => {
  const lost = (id: string) => event(id, { spend: 1_000, net: -300, half: 50, subsidisedBase: usd('600.00') });
  const won = (id: string) => event(id, { spend: 1_000, net: 100, half: 50 });
  assert.equal(roll([won('a'), won('b'), lost('c'), won('d'), won('e')]).verdict.decision, 'repeat');
  const stop = roll([lost('a'), lost('b'), lost('c'), won('d')]).verdict;
  assert.equal(stop.decision, 'stop');
  assert.match(stop.reasons.join(' '), /only 1 of 4 events earned money.*45 % of the spend went to units that would/);
  assert.equal(roll([lost('a'), won('b')]).verdict.decision, 'fix', 'half of them earned');
  const unsure = [event('a', { spend: 1_000, net: -10, half: 400 })];
  assert.equal(roll(unsure).verdict.decision, 'fix', 'a loss that is not certain stops nothing');
});

test('predictions are scored beside the naive one, on the same events', () => {
  const on = (id: string, month: string, units: number, predicted?: number) =>
    event(id, {
      ...{ spend: 100, net: 10, startsOn: `2026-${month}-02`, endsOn: `2026-${month}-15` },
      incrementalUnits: new Decimal(units),
      predicted:
        predicted === undefined
          ? null
          : { incrementalUnits: new Decimal(predicted), spend: usd('100.00'), netProfit: usd('30.00') },
    });
  const early = [on('a', '01', 200), on('b', '02', 300), on('c', '03', 400)];
  const late = [on('d', '04', 500, 450), on('e', '05', 100, 200)];
  const naive = naivePredictions([...early, ...late]);
  assert.deepEqual([...naive.keys()], ['d', 'e'], 'three earlier events are the fewest that say anything');
  assert.equal(naive.get('d')?.toFixed(), '300');
  const { prediction } = roll([...early, ...late], naive);
  assert.deepEqual([prediction.events, prediction.naiveEvents], [2, 2]);
  assert.equal(prediction.error, '0.2500');
  // (|300 − 500| + |350 − 100|) / 600
  assert.equal(prediction.naiveError, '0.7500');
  assert.deepEqual(prediction.predictedNetProfit?.value, { amount: '60.00', currency: 'USD' });
  const other = naivePredictions([...early, { ...late[0]!, mechanics: ['display'] }]);
  assert.equal(other.size, 0, 'events of other mechanics say nothing');
});
