import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '#clock';
import { idsFrom } from './index.ts';

test('ids made in one millisecond sort as they were made, and none comes twice', () => {
  const newId = idsFrom(fixedClock('2026-06-15T12:00:00.000Z'));
  const ids = Array.from({ length: 1_000 }, newId);
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, ids.length);
});

test('two generators at one millisecond do not meet', () => {
  const clock = fixedClock('2026-06-15T12:00:00.000Z');
  const [one, other] = [idsFrom(clock), idsFrom(clock)];
  const ids = new Set(Array.from({ length: 500 }, () => [one(), other()]).flat());
  assert.equal(ids.size, 1_000);
});
