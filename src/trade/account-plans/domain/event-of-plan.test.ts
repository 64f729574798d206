import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOfPlan, indexOf, type PredictedPromotion } from './event-of-plan.ts';
import { type PlanBasis, periodsOf, segmentsOf } from './plan-basis.ts';

const node = (id: string) => ({ id, code: id, name: id });
const weekOf = (startsOn: string, endsOn: string, period: number) => ({ startsOn, endsOn, period });

const basis: PlanBasis = {
  currency: 'USD',
  accounts: ['a', 'b'].map(node),
  products: ['p', 'q', 'sister'].map(node),
  weeks: [
    weekOf('2026-12-07', '2026-12-13', 1),
    weekOf('2026-12-14', '2026-12-20', 1),
    weekOf('2026-12-21', '2026-12-27', 2),
  ],
  closedWeeks: 1,
  columns: {
    baselineMilli: new Int32Array(18),
    listMinor: new Int32Array(9),
    costMinor: new Int32Array(9),
    onInvoiceRate: new Float64Array(18),
    offInvoiceRate: new Float64Array(18),
    rebateRate: new Float64Array(18),
    actualMilli: new Int32Array(18),
    lastYearMilli: new Int32Array(18),
  },
  // The second product changes its case from the second week on.
  caseSizes: [
    [{ week: 0, units: '10' }],
    [
      { week: 0, units: '10' },
      { week: 1, units: '20' },
    ],
    [{ week: 0, units: '10' }],
  ],
  ...{ baselineVersion: null, modelVersion: null, baselines: { predicted: 0, lastYear: 0 } },
  ...{ termVersions: [], notes: [], rebateNotes: [] },
};

const usd = (amount: string) => ({ amount, currency: 'USD' });
const dates = { id: 'e', startsOn: '2026-12-14', endsOn: '2027-01-03', leafProductIds: ['p', 'q'], lumpMinor: 300 };
const week = (weekStart: string, productId: string, incrementalUnits: string) => ({
  weekStart,
  productId,
  incrementalUnits,
});

const plan: PredictedPromotion = {
  weeks: [
    week('2026-12-14', 'p', '100'),
    week('2026-12-21', 'p', '50'),
    week('2026-12-28', 'p', '70'),
    week('2026-12-14', 'q', '100'),
  ],
  products: [
    { productId: 'p', spend: usd('9.00') },
    { productId: 'q', spend: usd('3.00') },
  ],
  spend: usd('12.00'),
  others: [{ productId: 'sister', units: '-30' }],
};

test('units become cases of their week, and an event that crosses the year’s end brings the part of its days', () => {
  const event = eventOfPlan(basis, indexOf(basis), dates, plan, ['b', 'a', 'elsewhere']);
  assert.ok(event);
  assert.deepEqual(event.accounts, [0, 1]);
  const own = event.cells.filter(({ product }) => product < 2);
  assert.deepEqual(
    own.map(({ product, week: at, incrementalMilli, days }) => [product, at, incrementalMilli, days]),
    [
      [0, 1, 10_000, 7],
      [0, 2, 5_000, 7],
      [1, 1, 5_000, 7],
    ],
  );
  // 14 of 21 days are in the year: two thirds of the spend and of the lump sum.
  assert.deepEqual(event.spend, [
    { product: 0, minor: 600 },
    { product: 1, minor: 200 },
  ]);
  assert.equal(event.lumpMinor, 200);
});

test('what other products lose falls on the event’s weeks, and no spend follows it', () => {
  const event = eventOfPlan(basis, indexOf(basis), dates, plan, ['a']);
  const sister = event?.cells.filter(({ product }) => product === 2);
  assert.deepEqual(
    sister?.map(({ week: at, incrementalMilli, days }) => [at, incrementalMilli, days]),
    [
      [1, -1_000, 0],
      [2, -1_000, 0],
    ],
  );
});

test('an event without a prediction spends by its days, and one outside the plan is none', () => {
  const unpredicted = { ...plan, weeks: [], products: [], others: null };
  const event = eventOfPlan(basis, indexOf(basis), dates, unpredicted, ['a']);
  assert.deepEqual(
    event?.cells.map(({ product, week: at, incrementalMilli, days }) => [product, at, incrementalMilli, days]),
    [
      [0, 1, 0, 7],
      [1, 1, 0, 7],
      [0, 2, 0, 7],
      [1, 2, 0, 7],
    ],
  );
  assert.deepEqual(
    event?.spend.map(({ minor }) => minor),
    [400, 400],
  );
  assert.equal(eventOfPlan(basis, indexOf(basis), dates, plan, ['elsewhere']), undefined);
  const past = { ...dates, startsOn: '2026-01-05', endsOn: '2026-01-11' };
  assert.equal(eventOfPlan(basis, indexOf(basis), past, unpredicted, ['a']), undefined);
});

test('a period that facts have closed in part is one of two segments', () => {
  assert.deepEqual(segmentsOf(basis.weeks, 1), [0, 1, 2]);
  assert.deepEqual(
    periodsOf(basis.weeks, 1).map(({ period, closedSegments, openSegments }) => [period, closedSegments, openSegments]),
    [
      [1, [0], [1]],
      [2, [], [2]],
    ],
  );
});
