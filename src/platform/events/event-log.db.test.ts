import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { sql } from '#db';
import { makeLogger } from '#telemetry';
import { testHouse, testTenants } from '../../../test/house.ts';
import { EventLog, emit, type StoredEvent, type Subscription } from './index.ts';

const event = (n: number) => ({
  type: 'test.thing.happened',
  subjectType: 'thing',
  subjectId: randomUUID(),
  data: { n },
});
const tenant = async (id: string) => (id === testTenants.a.id ? testTenants.a : testTenants.b);

async function until(done: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !done(); waited += 5) {
    assert.ok(waited < 60_000, `gave up waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('positions are gapless, and no event shows before an older transaction has ended', async (t) => {
  const house = await testHouse(t);
  const log = new EventLog({ db: house.db, clock: house.clock, log: makeLogger('silent'), tenant }, []);
  const seen: StoredEvent[] = [];
  log.tail((events) => seen.push(...events));
  await log.start();
  t.after(() => log.stop());
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const { promise: emitted, resolve: hasEmitted } = Promise.withResolvers<void>();
  const context = house.context();
  const slow = context.db.transact(context, async (tx) => {
    await emit(tx, event(1));
    // From here on it is the older one.
    await tx.run(sql`select pg_current_xact_id()`);
    hasEmitted();
    await held;
  });
  await emitted;
  await context.db.transact(context, (tx) => emit(tx, event(2)));
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(seen.length, 0, 'the later event waits for the older transaction');
  release();
  await slow;
  await until(() => seen.length === 2, 'both events');
  assert.deepEqual(
    seen.map(({ position, data }) => [position, data.n]),
    [
      [1, 1],
      [2, 2],
    ],
  );
});

test('an event of a rolled-back transaction never exists', async (t) => {
  const house = await testHouse(t);
  const log = new EventLog({ db: house.db, clock: house.clock, log: makeLogger('silent'), tenant }, []);
  const seen: StoredEvent[] = [];
  log.tail((events) => seen.push(...events));
  await log.start();
  t.after(() => log.stop());
  const context = house.context();
  await assert.rejects(
    context.db.transact(context, async (tx) => {
      await emit(tx, event(1));
      throw new Error('no');
    }),
  );
  await context.db.transact(context, (tx) => emit(tx, event(2)));
  await until(() => seen.length > 0, 'the second event');
  assert.deepEqual(
    seen.map(({ data }) => data.n),
    [2],
  );
});

test('a subscription sees each event once, in order, across a failure and a restart', async (t) => {
  const house = await testHouse(t);
  const handled: number[] = [];
  let fail = true;
  const subscription: Subscription = {
    name: 'test',
    types: ['test.thing.happened'],
    handle: async (tx, { data }) => {
      await tx.run(sql`select 1`);
      if (fail && data.n === 2) {
        fail = false;
        throw new Error('once');
      }
      handled.push(data.n as number);
    },
  };
  const context = house.context();
  const run = async (last: number) => {
    const log = new EventLog({ db: house.db, clock: house.clock, log: makeLogger('silent'), tenant }, [subscription]);
    await log.start();
    await until(() => handled.includes(last), `event ${last}`);
    await log.stop();
  };
  for (const n of [1, 2, 3]) await context.db.transact(context, (tx) => emit(tx, event(n)));
  await run(3);
  await context.db.transact(context, (tx) => emit(tx, event(4)));
  await run(4);
  assert.deepEqual(handled, [1, 2, 3, 4]);
});
