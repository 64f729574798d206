import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addDays } from '#fiscal-calendar';
import { amountOf, compare, Decimal, fromMinor, money, subtract, sum } from '#money';
import type { TacticTiers } from './event-tactic.ts';
import { type EarningTerms, moneyThrough, ratedMoney, tierRate, withinLimits } from './tactic-money.ts';

const d = (value: string | number) => new Decimal(value);
const usd = (amount: string) => money(amount, 'USD');
const tiers = (method: TacticTiers['method'], ...steps: [from: number, rate: string][]): TacticTiers => ({
  method,
  steps: steps.map(([from, rate]) => ({ from: d(from), rate: d(rate) })),
});
/** 1.00 a case from the first, 1.50 from 1000, 2.00 from 2000 cases. */
const steps: [number, string][] = [
  [0, '1.00'],
  [1000, '1.50'],
  [2000, '2.00'],
];
const cases = (volume: number | string, on = '2026-01-05') => ({ on, volume: d(volume), rate: d(1) });

/** A year's rebate whose volume comes in four quarters of 600 cases; 2400 are expected. */
const rebate: EarningTerms = {
  currency: 'USD',
  startsOn: '2026-01-01',
  endsOn: '2026-12-31',
  volumes: ['2026-01-05', '2026-04-06', '2026-07-06', '2026-10-05'].map((on) => cases(600, on)),
  lumpSum: null,
  lumpSumRecognised: 'straight_line',
  tiers: tiers('retroactive', ...steps),
  expectedCases: d(2400),
};
const through = (terms: EarningTerms, on: string) => amountOf(moneyThrough(terms, on));

test('a retroactive tier pays its rate on every case, an incremental one only on the cases within it', () => {
  const paid = (method: TacticTiers['method'], volume: number) =>
    ratedMoney(tiers(method, ...steps), [cases(volume)]).toFixed(2);
  assert.deepEqual(
    [999, 1000, 2000, 2500].map((volume) => paid('retroactive', volume)),
    ['999.00', '1500.00', '4000.00', '5000.00'],
  );
  assert.deepEqual(
    [999, 1000, 2000, 2500].map((volume) => paid('incremental', volume)),
    ['999.00', '1000.00', '2500.00', '3500.00'],
  );
  assert.equal(
    tierRate(tiers('retroactive', [100, '2']), d(99)).toString(),
    '0',
    'below the first tier nothing is paid',
  );
});

test('a volume rebate is earned at the tier that is expected, and trued up to the tier that was reached', () => {
  // 2400 expected: tier 2.00 from the first quarter on.
  assert.equal(through(rebate, '2026-03-31'), '1200.00');
  assert.equal(through(rebate, '2026-09-30'), '3600.00');
  assert.equal(through(rebate, '2026-12-31'), '4800.00');
  const short = { ...rebate, volumes: rebate.volumes.slice(0, 3) };
  assert.equal(through(short, '2026-09-30'), '3600.00');
  assert.equal(through(short, '2026-12-31'), '2700.00', '1800 cases reach 1.50 only: 900.00 go back');
  assert.equal(through({ ...rebate, tiers: tiers('incremental', ...steps) }, '2026-12-31'), '3300.00');
});

test('more volume than expected reaches its tier at once', () => {
  assert.equal(through({ ...rebate, expectedCases: d(900), volumes: [cases(1200)] }, '2026-03-31'), '1800.00');
});

const lump: EarningTerms = {
  currency: 'USD',
  startsOn: '2026-05-25',
  endsOn: '2026-06-07',
  volumes: [],
  lumpSum: usd('2000.00'),
  lumpSumRecognised: 'straight_line',
};

test('a lump sum is earned on its day, by the days, or as the expected volume goes', () => {
  const at = (recognised: EarningTerms['lumpSumRecognised'], on: string, terms = lump) =>
    through({ ...terms, lumpSumRecognised: recognised }, on);
  assert.deepEqual(
    ['2026-05-24', '2026-05-25', '2026-06-30'].map((on) => at('on_date', on)),
    ['0.00', '2000.00', '2000.00'],
  );
  assert.deepEqual(
    ['2026-05-24', '2026-05-25', '2026-05-31', '2026-06-07'].map((on) => at('straight_line', on)),
    ['0.00', '142.86', '1000.00', '2000.00'],
  );
  // 1500 of 3400 in the first week, as the worked event sells.
  const curve = [
    { startsOn: '2026-05-25', endsOn: '2026-05-31', volume: d(1500) },
    { startsOn: '2026-06-01', endsOn: '2026-06-07', volume: d(1900) },
  ];
  assert.deepEqual(
    ['2026-05-24', '2026-05-31', '2026-06-07'].map((on) => at('volume_curve', on, { ...lump, curve })),
    ['0.00', '882.35', '2000.00'],
  );
  assert.equal(at('volume_curve', '2026-05-31'), '1000.00', 'where no volume is expected, by the days');
});

test('what is stopped earns nothing more: neither of its lump sum nor at the tier once expected', () => {
  assert.equal(through({ ...lump, stoppedOn: '2026-05-31' }, '2026-06-30'), '1000.00');
  assert.equal(through({ ...rebate, volumes: [cases(600)], stoppedOn: '2026-03-31' }, '2026-06-30'), '600.00');
});

test('a tactic pays no more than its cap, and its minimum falls due over its days', () => {
  const capped: EarningTerms = { ...lump, cap: usd('1500.00') };
  assert.equal(through(capped, '2026-05-31'), '1000.00');
  assert.equal(through(capped, '2026-06-07'), '1500.00');
  const guaranteed: EarningTerms = {
    ...lump,
    lumpSum: null,
    volumes: [cases(100, '2026-05-25')],
    minimum: usd('700.00'),
  };
  assert.equal(through(guaranteed, '2026-05-26'), '100.00');
  assert.equal(through(guaranteed, '2026-05-31'), '350.00');
  assert.equal(through(guaranteed, '2026-06-07'), '700.00');
  assert.equal(through(guaranteed, '2026-05-24'), '0.00');
});

const seed = { seed: 20_261_123 };
const anySteps = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 500 })), {
    ...{ minLength: 1, maxLength: 6, selector: ([from]) => from },
  })
  .map((pairs) => {
    const froms = pairs.map(([from]) => from).sort((a, b) => a - b);
    let cents = 0;
    return froms.map((from, i): [number, string] => {
      cents += pairs[i]?.[1] ?? 1;
      return [i === 0 ? 0 : from, (cents / 100).toFixed(2)];
    });
  });

test('more cases never pay less, and retroactive tiers pay at least what incremental ones do', () => {
  fc.assert(
    fc.property(anySteps, fc.nat(8_000), fc.nat(500), (given, volume, more) => {
      const pay = (method: TacticTiers['method'], count: number) => ratedMoney(tiers(method, ...given), [cases(count)]);
      for (const method of ['retroactive', 'incremental'] as const) {
        assert.ok(pay(method, volume + more).gte(pay(method, volume)), method);
      }
      assert.ok(pay('retroactive', volume).gte(pay('incremental', volume)));
    }),
    seed,
  );
});

test('whatever is counted, cap and minimum bound it', () => {
  const amount = fc.bigInt({ min: -1_000_000n, max: 1_000_000n }).map((minor) => fromMinor(minor, 'USD'));
  const limit = fc.bigInt({ min: 1n, max: 500_000n });
  fc.assert(
    fc.property(amount, limit, limit, (value, low, span) => {
      const minimum = fromMinor(low, 'USD');
      const cap = fromMinor(low + span, 'USD');
      const paid = withinLimits({ minimum, cap }, value);
      assert.ok(compare(paid, minimum) >= 0 && compare(paid, cap) <= 0);
      if (compare(value, minimum) >= 0 && compare(value, cap) <= 0) assert.deepEqual(paid, value);
    }),
    seed,
  );
});

test('the periods of any tactic add up to what it earns in all, to the cent', () => {
  const first = '2026-02-02';
  const terms = fc.record({
    volumes: fc.array(fc.tuple(fc.nat(89), fc.integer({ min: -50, max: 500 })), { maxLength: 20 }),
    lump: fc.option(fc.bigInt({ min: 1n, max: 500_000n })),
    recognised: fc.constantFrom('on_date' as const, 'straight_line' as const, 'volume_curve' as const),
    tiers: fc.option(fc.tuple(fc.constantFrom('retroactive' as const, 'incremental' as const), anySteps)),
    cap: fc.option(fc.bigInt({ min: 100_000n, max: 400_000n })),
    minimum: fc.option(fc.bigInt({ min: 1n, max: 100_000n })),
    expected: fc.option(fc.nat(9_000)),
  });
  fc.assert(
    fc.property(terms, fc.uniqueArray(fc.integer({ min: 1, max: 88 }), { maxLength: 6 }), (given, cuts) => {
      const tactic: EarningTerms = {
        ...{ currency: 'USD', startsOn: first, endsOn: addDays(first, 89), lumpSumRecognised: given.recognised },
        volumes: given.volumes.map(([day, volume]) => ({
          on: addDays(first, day),
          volume: d(volume),
          rate: d('1.37'),
        })),
        lumpSum: given.lump === null ? null : fromMinor(given.lump, 'USD'),
        ...(given.tiers ? { tiers: tiers(given.tiers[0], ...given.tiers[1]) } : {}),
        ...(given.cap === null ? {} : { cap: fromMinor(given.cap, 'USD') }),
        ...(given.minimum === null ? {} : { minimum: fromMinor(given.minimum, 'USD') }),
        ...(given.expected === null ? {} : { expectedCases: d(given.expected) }),
      };
      const ends = [-1, ...cuts.sort((a, b) => a - b), 200].map((day) => moneyThrough(tactic, addDays(first, day)));
      const periods = ends.slice(1).map((end, i) => subtract(end, ends[i] ?? end));
      assert.deepEqual(sum(periods, 'USD'), moneyThrough(tactic, '2027-12-31'));
      assert.equal(ends[0]?.minor, 0n, 'nothing is earned before it begins');
    }),
    seed,
  );
});
