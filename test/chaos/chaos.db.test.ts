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
    const killed = Object.entries(reached).filter(([what]) => what.startsWith('process'));
    // A process that ends at a named point takes the sessions with it that were to end after that.
    assert.ok((reached.session ?? 0) > 10, `${reached.session} sessions`);
    assert.equal(
      killed.reduce((all, [, times]) => all + times, 0),
      2,
    );
    assert.ok(approvals > 0, `${approvals} approvals`);
  },
);

test('money that moves outside of the deciding transaction is noticed', limit, async (t) => {
  const { broken } = await chaosIn(t, 200, 0, 'money-apart');
  assert.match(broken.join('\n'), /money moves once/);
});

test('an event that is told outside of the deciding transaction is noticed', limit, async (t) => {
  const { broken } = await chaosIn(t, 200, 0, 'event-apart');
  assert.match(broken.join('\n'), /what an effect tells is told once/);
});
