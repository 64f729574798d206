import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { type Clock, systemClock } from '#clock';
import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { makeLogger } from '#telemetry';
import { type TestHouse, testHouse, testTenants } from '../../../test/house.ts';
import { armTimer, disarmTimers, emit, listFailedTimers, retryTimer, TimerLoop } from './index.ts';
import type { TimerHandler } from './timers.ts';

const limit = { timeout: 60_000 };
const dueAt = new Date('2026-06-15T12:00:00Z');

const tell = (tx: TenantTx<Context>, subjectId: string, data = {}) =>
  emit(tx, { type: 'test.timer.fired', subjectType: 'thing', subjectId, data });

function loopOf(house: TestHouse, handler: TimerHandler, clock: Clock = house.clock): TimerLoop {
  const tenant = async (id: string) => (id === testTenants.a.id ? testTenants.a : testTenants.b);
  return new TimerLoop({ db: house.db, clock, log: makeLogger('silent'), tenant, handlers: { test: handler } });
}

async function arm(house: TestHouse, timers: { subjectId: string; dueAt?: Date; tenant?: 'a' | 'b' }[]) {
  for (const { subjectId, tenant, dueAt: at } of timers) {
    const context = house.context({ tenant: tenant ?? 'a' });
    await house.db.transact(context, (tx) => armTimer(tx, { kind: 'test', subjectId, dueAt: at ?? dueAt, data: {} }));
  }
}

/** Events that were told, by the system's own eyes: of both tenants. */
async function toldOf(house: TestHouse, type = 'test.timer.fired'): Promise<string[]> {
  const rows = await house.db.system((tx) =>
    tx.many<{ subjectId: string }>(
      sql`select subject_id as "subjectId" from event.outbox where type = ${type} order by seq`,
    ),
  );
  return rows.map(({ subjectId }) => subjectId);
}

const countTimers = (house: TestHouse) =>
  house.db.system((tx) => tx.one<{ left: number }>(sql`select count(*)::int as left from timer.timer`));

const subjects = (count: number) => Array.from({ length: count }, () => ({ subjectId: randomUUID() }));

test('several processes fire every timer that is due once, and none that is not', limit, async (t) => {
  const house = await testHouse(t);
  const due = [...subjects(120), ...subjects(30).map((one) => ({ ...one, tenant: 'b' as const }))];
  await arm(house, [...due, { subjectId: randomUUID(), dueAt: new Date(dueAt.getTime() + 1) }]);
  const loops = [1, 2, 3].map(() => loopOf(house, async (tx, { subjectId }) => void (await tell(tx, subjectId))));
  const taken = await Promise.all(loops.map((loop) => loop.fireDue()));
  assert.equal(
    taken.reduce((sum, count) => sum + count),
    due.length,
  );
  assert.deepEqual((await toldOf(house)).sort(), due.map(({ subjectId }) => subjectId).sort());
  assert.deepEqual(await countTimers(house), { left: 1 });
});

test(
  'a timer that fails takes no other with it and leaves nothing behind, and is given up where all may see',
  limit,
  async (t) => {
    const house = await testHouse(t);
    const timers = subjects(4);
    const bad = timers[1]!.subjectId;
    await arm(house, timers);
    let isMended = false;
    const loop = loopOf(house, async (tx, { subjectId }) => {
      await tell(tx, subjectId);
      if (subjectId === bad && !isMended) throw new Error('the thing is broken');
    });
    const context = house.context();
    const listed = (state: 'failed' | 'retrying') =>
      house.db.read(context, async (tx) => (await listFailedTimers(tx, state, { limit: 10 })).items);
    await loop.fireDue();
    const others = timers.map(({ subjectId }) => subjectId).filter((id) => id !== bad);
    assert.deepEqual((await toldOf(house)).sort(), [...others].sort());
    let now = dueAt.getTime();
    for (let pauseS = 1, tries = 1; tries < 10; tries++, pauseS = Math.min(pauseS * 2, 300)) {
      const [waiting] = await listed('retrying');
      assert.deepEqual([waiting?.attempts, waiting?.error], [tries, 'the thing is broken']);
      assert.equal(waiting?.retryAt?.getTime(), now + pauseS * 1_000);
      assert.equal(await loop.fireDue(), 0, 'not before its time');
      now += pauseS * 1_000;
      house.clock.set(new Date(now).toISOString());
      assert.equal(await loop.fireDue(), 1);
    }
    const [failed] = await listed('failed');
    assert.deepEqual([failed?.subjectId, failed?.attempts, failed?.failedAt?.getTime()], [bad, 10, now]);
    assert.equal((await toldOf(house, 'events.timer.failed')).length, 1);
    house.clock.set('2027-01-01T00:00:00Z');
    assert.equal(await loop.fireDue(), 0, 'given up');
    const elsewhere = house.context({ tenant: 'b' });
    assert.equal(await house.db.transact(elsewhere, (tx) => retryTimer(tx, failed!.id)), undefined);
    isMended = true;
    await house.db.transact(context, (tx) => retryTimer(tx, failed!.id));
    assert.equal(await loop.fireDue(), 1);
    assert.equal((await toldOf(house)).filter((id) => id === bad).length, 1);
    assert.deepEqual(await countTimers(house), { left: 0 });
  },
);

test('timers of one subject fire in their order, and what the first one disarms does not fire', limit, async (t) => {
  const house = await testHouse(t);
  const subjectId = randomUUID();
  const at = (second: number) => new Date(dueAt.getTime() - 10_000 + second * 1_000);
  await arm(
    house,
    [3, 1, 2].map((second) => ({ subjectId, dueAt: at(second) })),
  );
  const fired: Date[] = [];
  const loop = loopOf(house, async (tx, timer) => {
    fired.push(timer.dueAt);
    if (fired.length === 2) await disarmTimers(tx, 'test', subjectId);
  });
  await loop.fireDue();
  assert.deepEqual(fired, [at(1), at(2)]);
  assert.deepEqual(await countTimers(house), { left: 0 });
});

test('who disarms a timer that fires at this moment does not wait for it', limit, async (t) => {
  const house = await testHouse(t);
  const [subject] = subjects(1);
  await arm(house, [subject!]);
  const [fires, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let committed = 0;
  const loop = loopOf(house, async (tx) => {
    tx.afterCommit(() => {
      committed += 1;
    });
    fires.resolve();
    await released.promise;
  });
  const round = loop.fireDue();
  await fires.promise;
  const context = house.context();
  await house.db.transact(context, (tx) => disarmTimers(tx, 'test', subject!.subjectId));
  released.resolve();
  assert.equal(await round, 1);
  assert.equal(committed, 1, 'neither was ended for the other');
});

test(
  'a running loop fires what is armed while it sleeps, and a timer without a handler stops nobody',
  limit,
  async (t) => {
    const house = await testHouse(t);
    const fired: string[] = [];
    const loop = loopOf(
      house,
      async (tx, { subjectId }) => {
        tx.afterCommit(() => fired.push(subjectId));
      },
      systemClock,
    );
    loop.start();
    const context = house.context();
    const [one, other] = [randomUUID(), randomUUID()];
    const now = systemClock.now();
    await house.db.transact(context, (tx) => armTimer(tx, { kind: 'unknown', subjectId: one, dueAt: now, data: {} }));
    await house.db.transact(context, (tx) => armTimer(tx, { kind: 'test', subjectId: other, dueAt: now, data: {} }));
    for (let waited = 0; fired.length === 0 && waited < 10_000; waited += 5) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await loop.stop();
    assert.deepEqual(fired, [other]);
  },
);
