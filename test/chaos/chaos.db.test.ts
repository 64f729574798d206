import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testHouse } from '../house.ts';
import type { Fault } from './approvals.ts';
import { runChaos } from './run-chaos.ts';
import { setScene } from './scene.ts';

const limit = { timeout: 300_000 };
const seed = 20_261_123;

async function chaosIn(t: Parameters<typeof testHouse>[0], session: number, kill: number, fault?: Fault) {
  const house = await testHouse(t);
  const database = { url: house.url, postmaster: 0, restart: () => Promise.reject(new Error('it was not to end')) };
  const points = { session, process: kill, database: 0 };
  return runChaos({ seed, points, ...(fault ? { fault } : {}) }, await setScene(house), database);
}

test(
  'whatever ends, a session or a process, approvals end once, and so do their money, traces and events',
  limit,
  async (t) => {
    const { reached, approvals, broken } = await chaosIn(t, 30, 2);
    assert.deepEqual(broken, []);
    assert.deepEqual(reached, { session: 30, process: 2, database: 0 });
    assert.ok(approvals > 0, `${approvals} approvals`);
  },
);

// How soon a point falls between the two transactions is chance, so that there are many; a run stops at the first breach.
const enough = 2_000;

test('money that moves outside of the deciding transaction is noticed', limit, async (t) => {
  const { broken } = await chaosIn(t, enough, 0, 'money-apart');
  assert.match(broken.join('\n'), /money moves once/);
});

test('an event that is told outside of the deciding transaction is noticed', limit, async (t) => {
  const { broken } = await chaosIn(t, enough, 0, 'event-apart');
  assert.match(broken.join('\n'), /what an effect tells is told once/);
});
