import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantOf } from './index.ts';

test('a business date begins at local midnight, on both sides of a clock change', () => {
  assert.equal(instantOf('2026-01-15', 'America/New_York').toISOString(), '2026-01-15T05:00:00.000Z');
  assert.equal(instantOf('2026-07-15', 'America/New_York').toISOString(), '2026-07-15T04:00:00.000Z');
  assert.equal(instantOf('2026-03-08', 'America/New_York').toISOString(), '2026-03-08T05:00:00.000Z');
  assert.equal(instantOf('2026-03-09', 'America/New_York').toISOString(), '2026-03-09T04:00:00.000Z');
  assert.equal(instantOf('2026-11-23', 'Asia/Kolkata').toISOString(), '2026-11-22T18:30:00.000Z');
  assert.equal(instantOf('2026-11-23', 'UTC').toISOString(), '2026-11-23T00:00:00.000Z');
});
