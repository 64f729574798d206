import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planWeeks } from './promotion-plan.ts';

test('an event that begins on a Thursday takes part of its first and last week, day by day', () => {
  const weeks = planWeeks('2026-06-01', { startsOn: '2026-07-09', endsOn: '2026-07-21' }, { before: 1, after: 1 });
  assert.deepEqual(
    weeks.map(({ weekStart, phase, share }) => [weekStart, phase, Math.round(share * 7)]),
    [
      ['2026-06-29', 'before', 0],
      ['2026-07-06', 'event', 4],
      ['2026-07-13', 'event', 7],
      ['2026-07-20', 'event', 2],
      ['2026-07-27', 'after', 0],
    ],
  );
});

test('weeks before the anchor lie on the same grid', () => {
  const weeks = planWeeks('2026-06-01', { startsOn: '2026-05-18', endsOn: '2026-05-18' });
  assert.deepEqual(weeks, [{ weekStart: '2026-05-18', share: 1 / 7, phase: 'event' }]);
});
