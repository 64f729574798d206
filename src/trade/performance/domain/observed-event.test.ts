import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FlaggedWeek, observedEvents } from './observed-event.ts';

const week = (weekStart: string, over: Partial<FlaggedWeek> = {}): FlaggedWeek => ({
  customerId: 'division',
  productId: 'p',
  weekStart,
  feature: true,
  display: false,
  priceReduction: false,
  stores: 3,
  storesReporting: 4,
  units: 100,
  depth: 0.2,
  ...over,
});

test('weeks that follow one another with the same flags are one event', () => {
  const events = observedEvents([
    week('2026-01-05'),
    week('2026-01-12', { stores: 4, units: 300, depth: 0.4 }),
    week('2026-01-19', { units: 100, depth: null }),
  ]);
  assert.deepEqual(events, [
    {
      customerId: 'division',
      productId: 'p',
      startsOn: '2026-01-05',
      endsOn: '2026-01-25',
      weeks: 3,
      feature: true,
      display: false,
      priceReduction: false,
      stores: 4,
      storesReporting: 4,
      units: 500,
      depth: 0.35,
    },
  ]);
});

test('a missing week, other flags, another product or another customer begin a new event', () => {
  const starts = observedEvents([
    week('2026-01-05'),
    week('2026-01-19'),
    week('2026-01-26', { display: true }),
    week('2026-02-02', { display: true, productId: 'q' }),
    week('2026-02-09', { display: true, productId: 'q', customerId: 'other' }),
  ]).map(({ startsOn, weeks }) => [startsOn, weeks]);
  assert.deepEqual(starts, [
    ['2026-01-05', 1],
    ['2026-01-19', 1],
    ['2026-01-26', 1],
    ['2026-02-02', 1],
    ['2026-02-09', 1],
  ]);
});
