import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Problem } from '#problem';
import { type TestHouse, testHouse, testTenants } from '../../../test/house.ts';
import { type Database, type Gathered, sql, type TenantScope, type Tx } from './index.ts';

const limit = { timeout: 180_000 };
const scope: TenantScope = { tenant: testTenants.a };

// A tenant table of the ground floor in which the application may do everything.
const put = (tx: Tx, id: string, attempts = 0) =>
  tx.run(sql`insert into timer.timer (tenant_id, id, kind, subject_id, due_at, data, attempts)
    values (platform.current_tenant(), ${id}, 'test', ${id}, now(), '{}', ${attempts})`);
const add = (tx: Tx, id: string) => tx.run(sql`update timer.timer set attempts = attempts + 1 where id = ${id}`);
const numbers = async (db: Database) =>
  (await db.read(scope, (tx) => tx.many<{ attempts: number }>(sql`select attempts from timer.timer order by 1`))).map(
    ({ attempts }) => attempts,
  );

test('a transaction that throws leaves nothing behind, and what waits for its commit never runs', limit, async (t) => {
  const { db } = await testHouse(t);
  const heard: string[] = [];
  const failing = db.transact(scope, async (tx) => {
    await put(tx, randomUUID());
    tx.afterCommit(() => heard.push('rolled back'));
    throw new Problem('rule.violated');
  });
  await assert.rejects(failing, (error) => error instanceof Problem && error.code === 'rule.violated');
  await db.transact(scope, async (tx) => {
    await put(tx, randomUUID(), 7);
    tx.afterCommit(() => heard.push('committed'));
    assert.deepEqual(heard, [], 'not before the commit');
  });
  assert.deepEqual(await numbers(db), [7]);
  assert.deepEqual(heard, ['committed']);
});

test('two transactions that block each other both get through, each effect once', limit, async (t) => {
  const { db } = await testHouse(t);
  const [left, right] = [randomUUID(), randomUUID()];
  for (const id of [left, right]) await db.transact(scope, (tx) => put(tx, id));
  let attempts = 0;
  let arrived = 0;
  const bothHoldOne = Promise.withResolvers<void>();
  const crossing = (first: string, second: string) =>
    db.transact(scope, async (tx) => {
      attempts += 1;
      await add(tx, first);
      arrived += 1;
      if (arrived === 2) bothHoldOne.resolve();
      await bothHoldOne.promise;
      await add(tx, second);
    });
  await Promise.all([crossing(left, right), crossing(right, left)]);
  assert.deepEqual(await numbers(db), [2, 2]);
  // On a busy machine both look for the deadlock before either is gone, and both begin again.
  assert.ok(attempts > 2, 'the database ended one of the two, which began again');
});

test('a transaction that can never be serialised is given up after four tries', limit, async (t) => {
  const { db } = await testHouse(t);
  let tries = 0;
  const hopeless = db.transact(scope, async (tx) => {
    tries += 1;
    await tx.run(sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$`);
  });
  await assert.rejects(hopeless, { code: '40001' });
  assert.equal(tries, 4);
});

test('a read writes nothing and claims no idempotency key', limit, async (t) => {
  const { db } = await testHouse(t);
  await assert.rejects(
    db.read(scope, (tx) => put(tx, randomUUID())),
    { code: '25006' },
  );
  const claim = { key: 'k', requestHash: 'h', actorId: randomUUID(), claimed: false };
  await db.read({ ...scope, idempotency: claim }, async () => undefined);
  assert.equal(claim.claimed, false);
});

test(
  'an idempotency key is claimed by one transaction only, and given back when that one rolls back',
  limit,
  async (t) => {
    const { db } = await testHouse(t);
    const actorId = randomUUID();
    const claim = () => ({ key: 'k', requestHash: 'h', actorId, claimed: false });
    const failed = { ...scope, idempotency: claim() };
    await assert.rejects(
      db.transact(failed, () => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(failed.idempotency.claimed, false);
    const outcomes = await Promise.allSettled(
      [1, 2, 3, 4, 5].map((n) => db.transact({ ...scope, idempotency: claim() }, (tx) => put(tx, randomUUID(), n))),
    );
    const refused = outcomes
      .filter((outcome) => outcome.status === 'rejected')
      .map(({ reason }) => (reason as Problem).code);
    assert.deepEqual(refused, Array(4).fill('idempotency.conflict'));
    assert.equal((await numbers(db)).length, 1);
    const elsewhere = { tenant: testTenants.b, idempotency: claim() };
    await db.transact(elsewhere, async () => undefined);
    assert.equal(elsewhere.idempotency.claimed, true, 'another tenant has keys of its own');
  },
);

test('a claim holds for the whole request: its second transaction does not meet its own key', limit, async (t) => {
  const { db } = await testHouse(t);
  const request = { ...scope, idempotency: { key: 'k', requestHash: 'h', actorId: randomUUID(), claimed: false } };
  for (const n of [1, 2]) await db.transact(request, (tx) => put(tx, randomUUID(), n));
  assert.deepEqual(await numbers(db), [1, 2]);
});

test('the system’s role reaches no business table', limit, async (t) => {
  const { db } = await testHouse(t);
  await assert.rejects(
    db.system((tx) => tx.many(sql`select * from funds.fund`)),
    { code: '42501' },
  );
});

type Key = { key: string };
const keyRow = ({ key }: Key) =>
  sql`insert into platform.idempotency_key (tenant_id, actor_id, key, request_hash)
    values (${testTenants.a.id}::uuid, ${testTenants.a.id}::uuid, ${key}, '')`;
const kept: Gathered<Key> = {
  seenBy: 'platform.',
  parts: (rows) => Object.fromEntries(rows.map((row, number) => [`kept${number}`, keyRow(row)])),
};
const dropped: Gathered<Key> = {
  seenBy: 'platform.',
  parts: ([row]) => ({ dropped: sql`delete from platform.idempotency_key where key = ${row?.key} returning 1` }),
  touchesOne: true,
  follows: [kept],
};
const keys = sql<{ key: string }>`select key from platform.idempotency_key order by key`;
const keysIn = async (house: TestHouse) =>
  (await house.db.read(house.context(), (tx) => tx.many(keys))).map(({ key }) => key);

test('what a transaction gathers is there for every statement that looks, quoted or not, and after the commit', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  await context.db.transact(context, async (tx) => {
    await tx.gather(kept, { key: 'a' });
    await tx.gather(kept, { key: 'b' });
    assert.equal((await tx.many(keys)).length, 2);
    await tx.gather(kept, { key: 'c' });
    const counted = sql<{ n: number }>`select count(*)::int as n from ${sql.table('platform.idempotency_key')}`;
    assert.equal((await tx.one(counted)).n, 3);
    await tx.gather(kept, { key: 'd' });
  });
  assert.deepEqual(await keysIn(house), ['a', 'b', 'c', 'd']);
});

test('what was gathered goes with its savepoint, and what was gathered before it stays', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  await context.db.transact(context, async (tx) => {
    await tx.gather(kept, { key: 'before' });
    await tx.run(sql`savepoint one`);
    await tx.gather(kept, { key: 'within' });
    await assert.rejects(tx.run(sql`select 1 / 0`));
    await tx.run(sql`rollback to savepoint one`);
    await tx.gather(kept, { key: 'after' });
  });
  assert.deepEqual(await keysIn(house), ['after', 'before']);
});

test('a gathered change that works on another sees it, and one that finds nothing to change undoes all', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  await context.db.transact(context, async (tx) => {
    await tx.gather(kept, { key: 'a' });
    await tx.gather(dropped, { key: 'a' });
  });
  assert.deepEqual(await keysIn(house), []);
  const dropNothing = context.db.transact(context, async (tx) => {
    await tx.gather(kept, { key: 'b' });
    await tx.gather(dropped, { key: 'nobody kept it' });
  });
  await assert.rejects(dropNothing, /touched not exactly one row/);
  assert.deepEqual(await keysIn(house), []);
});

test('parts that are written with what was gathered answer with it', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const answer = await context.db.transact(context, async (tx) => {
    await tx.gather(kept, { key: 'a' });
    return tx.write({ more: sql`${keyRow({ key: 'b' })} returning key` }, sql<{ key: string }>`select key from more`);
  });
  assert.deepEqual(answer, [{ key: 'b' }]);
  assert.deepEqual(await keysIn(house), ['a', 'b']);
});
