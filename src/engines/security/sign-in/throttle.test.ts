import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AttemptCount, countFailure, throttleRules, waitMs } from './throttle.ts';
import { networkOf } from './throttle-store.ts';

const start = new Date('2026-06-15T12:00:00Z');
const later = (ms: number) => new Date(start.getTime() + ms);

function failTimes(times: number, rule: (typeof throttleRules)['pair']): AttemptCount | undefined {
  let count: AttemptCount | undefined;
  for (let i = 0; i < times; i++) count = countFailure(count, rule, start);
  return count;
}

test('the first failures cost nothing, then the wait doubles up to its bound', () => {
  const waits = [4, 5, 6, 7, 8, 50].map((times) => waitMs(failTimes(times, throttleRules.pair), start));
  assert.deepEqual(waits, [0, 2_000, 4_000, 8_000, 16_000, 300_000]);
  assert.equal(waitMs(failTimes(5, throttleRules.pair), later(2_000)), 0);
});

test('an account attacked from everywhere waits half a minute at most', () => {
  assert.equal(waitMs(failTimes(10_000, throttleRules.account), start), 30_000);
});

test('a quiet quarter of an hour forgets the failures', () => {
  const before = failTimes(40, throttleRules.pair);
  assert.equal(countFailure(before, throttleRules.pair, later(15 * 60_000)).failures, 41);
  assert.equal(countFailure(before, throttleRules.pair, later(15 * 60_000 + 1)).failures, 1);
});

test('codes are counted for a day, so that waiting does not buy fresh tries: some hundred fit into a day', () => {
  const { code } = throttleRules;
  let count: AttemptCount | undefined;
  let tries = 0;
  for (let now = start; now.getTime() < start.getTime() + 86_400_000; tries++) {
    count = countFailure(count, code, now);
    // A patient thief waits until the failures would be forgotten elsewhere.
    now = new Date(now.getTime() + (waitMs(count, now) > 0 ? Math.max(waitMs(count, now), 15 * 60_000 + 1) : 1));
  }
  assert.ok(tries < 150, `${tries}`);
});

test('an IPv6 household counts as one address, and IPv4 in IPv6 clothing as itself', () => {
  assert.equal(networkOf('::ffff:203.0.113.9'), '203.0.113.9');
  assert.equal(networkOf('203.0.113.9'), '203.0.113.9');
  assert.equal(networkOf('2001:db8:0:7:aaaa::1'), networkOf('2001:db8::7:0:0:b:c'));
  assert.notEqual(networkOf('2001:db8:0:7::1'), networkOf('2001:db8:0:8::1'));
  assert.equal(networkOf('::1'), '0:0:0:0');
  assert.equal(networkOf('fe80::1%eth0'), 'fe80:0:0:0');
});
