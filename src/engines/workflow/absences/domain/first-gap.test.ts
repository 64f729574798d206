import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstGap, type Spanned } from './first-gap.ts';

const day = (number: number) => new Date(Date.UTC(2026, 6, number));
const away = (personId: string, from: number, until: number): Spanned => ({
  ...{ id: `${personId}${from}`, personId, substituteId: null },
  ...{ beginsAt: day(from), endsAt: day(until) },
});
const span = { from: day(1), until: day(31) };
const gapOf = (...absences: Spanned[]) =>
  firstGap(absences, span, (gone) => ['anna', 'bert'].some((one) => !gone.has(one)));

test('a gap begins when the last of them goes and ends when the first comes back', () => {
  assert.deepEqual(gapOf(away('anna', 3, 10), away('bert', 6, 20)), {
    ...{ from: day(6), until: day(10), away: ['anna', 'bert'] },
  });
  const other = gapOf(away('anna', 3, 10), away('bert', 6, 20), away('cleo', 7, 9));
  assert.deepEqual(other?.until, day(10), 'whoever else comes and goes');
  assert.equal(gapOf(away('anna', 3, 6), away('bert', 6, 20)), null, 'one comes as the other goes');
});

test('a gap that is there already begins now, and one that reaches beyond the horizon has no end', () => {
  const gap = gapOf(away('anna', -3, 60), away('bert', -1, 40));
  assert.deepEqual([gap?.from, gap?.until], [day(1), null]);
});
