import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from '#db';
import { makeLogger } from '#telemetry';
import { type TestHouse, testHouse, testSecretKey } from '../../../../test/house.ts';
import { auditModule } from './audit-module.ts';
import { changeKeeping } from './change-keeping.ts';
import { keepOutside, readNotes } from './checkpoint-places.ts';
import { holdTrail, releaseTrail } from './hold-trail.ts';
import { recordAudit } from './record-audit.ts';
import { ensurePartitions } from './retention-store.ts';
import { DamagedTreeError, sealTenant } from './seal-audit.ts';
import { Sealer } from './sealer.ts';
import { rotateAuditKey, signingKey } from './signing-keys.ts';
import { asSuperuser, dropDue, live, pass, record, seal, tenantA } from './test-trail.ts';
import { verifyAudit } from './verify-audit.ts';
import { Witness } from './witness.ts';

const parts = (house: TestHouse) => ({ db: house.db, clock: house.clock, secretKey: testSecretKey });
const verify = (house: TestHouse, against: readonly string[] = []) => verifyAudit(house.db, tenantA.id, { against });
const nothingBad = { badCount: 0, bad: [] };

test('what was committed is sealed in one sequence without a gap, whoever seals and however often, and verifies', async (t) => {
  const house = await testHouse(t);
  await record(house, 3, { tenant: 'b' });
  for (const count of [1, 7, 300]) {
    await record(house, count);
    // Three processes at once; each batch is one process's.
    await Promise.all([seal(house, 50), seal(house, 50), seal(house, 50)]);
    await seal(house, 50);
  }
  await record(house, 2);
  const { checkpoints, ...found } = await verify(house);
  const counts = { entries: 310, sealed: 308, waiting: 2, dropped: 0, outside: 0 };
  assert.deepEqual(found, { ...counts, ...nothingBad });
  assert.ok(checkpoints >= 8);
});

test('what is not committed is not sealed, and a sealing that was cut off leaves nothing behind', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  await record(house, 3);
  await context.db.transact(context, async (tx) => {
    await recordAudit(tx, { action: 'fund.changed', entityType: 'fund', entityId: 'open' });
    await seal(house);
    assert.equal((await verify(house)).sealed, 3);
  });
  const failing = { ...parts(house), clock: { now: () => new Date(Number.NaN) } };
  await assert.rejects(sealTenant(failing as never, tenantA.id));
  assert.equal((await verify(house)).waiting, 1);
  assert.equal((await seal(house)).length, 1);
  assert.deepEqual(await verify(house), {
    entries: 4,
    sealed: 4,
    waiting: 0,
    dropped: 0,
    checkpoints: 2,
    outside: 0,
    ...nothingBad,
  });
});

test('signing keys rotate: the old generation vouches for the new one, and a key put there by somebody else is told', async (t) => {
  const house = await testHouse(t);
  await record(house, 2);
  await seal(house);
  assert.equal((await rotateAuditKey(house.db, testSecretKey, house.clock)).generation, 2);
  await record(house, 2);
  const [note = ''] = await seal(house);
  assert.match(note, /\n— tradeai-audit-2 /);
  assert.deepEqual((await verify(house)).bad, []);
  const stranger = signingKey('the secret key of somebody else, 32 characters', 3).publicKey;
  await asSuperuser(house, 'insert into audit.signing_key values (3, $1, now(), null)', [stranger]);
  assert.deepEqual((await verify(house)).bad, [{ id: 'key/3', reason: 'not a signing key of this product' }]);
  // The trail goes on with a generation of its own, and the report says that nobody vouched for it.
  await record(house);
  await seal(house);
  assert.deepEqual(
    (await verify(house)).bad.map(({ id }) => id),
    ['key/3', 'key/4'],
  );
});

test('an entry that a superuser slipped in is not sealed, and the invariant tells of it after a minute', async (t) => {
  const house = await testHouse(t);
  await record(house, 2);
  await asSuperuser(house, `update audit.entry set reason = 'forged' where entity_id = 'p0'`);
  await assert.rejects(seal(house), /not as they were written/);
  const invariant = auditModule.invariants?.[0];
  const breaches = () => house.db.read(house.context(), (tx) => invariant?.findBreaches(tx) ?? Promise.resolve([]));
  assert.deepEqual(await breaches(), []);
  house.clock.set(new Date(house.clock.now().getTime() + 61_000).toISOString());
  assert.match((await breaches())[0]?.detail ?? '', /not as it was written/);
  const { sealed, bad } = await verify(house);
  assert.deepEqual([sealed, bad.map(({ reason }) => reason)], [1, ['changed']]);
});

test('nothing is signed on top of a tree that is not the one signed last', async (t) => {
  const house = await testHouse(t);
  await record(house, 5);
  await seal(house);
  await record(house, 1);
  await asSuperuser(house, `update audit.tree set frontier = frontier || '' , size = 4`);
  await assert.rejects(seal(house));
  await asSuperuser(house, 'update audit.tree set size = 5, frontier = sha256(frontier) || sha256(frontier)');
  await assert.rejects(seal(house), DamagedTreeError);
  assert.ok((await verify(house)).bad.some(({ id }) => id === 'tree'));
});

test('checkpoints lie in a file outside the database, and tell when everything inside was put back', async (t) => {
  const house = await testHouse(t);
  const folder = mkdtempSync(join(tmpdir(), 'tradeai-audit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const checkpointFile = join(folder, 'checkpoints.txt');
  const sent: string[] = [];
  const sendCheckpoint = async (note: string) => {
    sent.push(note);
    throw new Error('nobody listens');
  };
  const places = { log: makeLogger('silent'), checkpointFile, sendCheckpoint };
  const sealAndStop = async () => {
    const sealer = new Sealer({ ...parts(house), ...places });
    sealer.start();
    await sealer.stop();
  };
  await record(house, 4);
  await record(house, 1, { tenant: 'b' });
  // Signed by a process that was killed before it could write outside.
  await seal(house);
  await sealAndStop();
  await record(house, 3);
  await sealAndStop();
  const notes: string[] = [];
  for await (const note of readNotes(checkpointFile, tenantA.id)) notes.push(note);
  assert.deepEqual(
    notes.map((note) => note.split('\n')[1]).sort(),
    ['4', '4', '7'],
    'a restart repeats the newest, no more',
  );
  assert.equal(sent.length, readFileSync(checkpointFile, 'utf8').split('— ').length - 1);
  assert.deepEqual((await verify(house, notes)).bad, []);

  await asSuperuser(
    house,
    `delete from audit.entry where id in (select entry_id from audit.seal where seq >= 4);
    delete from audit.seal where seq >= 4; delete from audit.checkpoint where size > 4;
    update audit.tree set size = 4, frontier = (select decode(substr(encode(frontier, 'hex'), 1, 64), 'hex') from audit.tree t
      where t.tenant_id = tree.tenant_id) where size = 7`,
  );
  assert.deepEqual((await verify(house)).bad, [], 'inside, all fits');
  assert.deepEqual((await verify(house, notes)).bad, [{ id: 'outside/7', reason: 'the sequence ends before it' }]);
  await record(house, 3);
  await keepOutside({ checkpointFile, log: makeLogger('silent') }, await seal(house));
  assert.deepEqual((await verify(house, notes)).bad, [{ id: 'outside/7', reason: 'the sequence has another root' }]);
  writeFileSync(checkpointFile, notes.join('').replace('\n4\n', '\n5\n'));
  const altered: string[] = [];
  for await (const note of readNotes(checkpointFile, tenantA.id)) altered.push(note);
  assert.ok((await verify(house, altered)).bad.some(({ reason }) => reason === 'not signed by this product'));
});

test('what is past its retention goes with its partition under a signed record, but for a hold or a longer wish', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  await ensurePartitions(house.db, house.clock.now());
  await record(house, 5, { action: 'session.started' });
  await record(house, 2, { action: 'session.started', tenant: 'b' });
  await record(house, 4);
  await seal(house);
  const partitions = async () =>
    (
      await asSuperuser(
        house,
        `select relname as name from pg_class where relname like 'entry_operational_2026%' and relkind = 'r' order by 1`,
      )
    ).map(({ name }) => name);
  assert.deepEqual(await partitions(), ['entry_operational_2026_06', 'entry_operational_2026_07']);
  await live(house, 105);
  assert.deepEqual(await dropDue(house), [], '90 days after the end of June are not over');
  pass(house, 1);
  const hold = await holdTrail(context, 'a dispute');
  await changeKeeping(house.context({ tenant: 'b' }), 'operational', 400);
  assert.deepEqual(await dropDue(house), [], 'one tenant has a hold, the other wants to keep it');
  await releaseTrail(context, hold.id, 'it is settled');
  await seal(house);
  assert.equal((await dropDue(house)).length, 1);
  assert.deepEqual(
    await partitions(),
    ['entry_operational_2026_06', 'entry_operational_2026_07'],
    'b still has entries there',
  );
  await seal(house);
  const found = await verify(house);
  assert.deepEqual([found.entries, found.sealed, found.dropped, found.bad], [7, 12, 5, []]);
  await live(house, 310);
  assert.equal((await dropDue(house)).length, 1);
  assert.deepEqual(await partitions(), ['entry_operational_2026_07']);
  assert.deepEqual((await verifyAudit(house.db, house.context({ tenant: 'b' }).tenant.id)).bad, []);

  await asSuperuser(house, `delete from audit.entry where retention_class = 'financial' and entity_id = 'p1'`);
  assert.deepEqual(
    (await verify(house)).bad.map(({ reason }) => reason),
    ['missing'],
  );
  await asSuperuser(house, `update audit.dropped set entries = entries, note = replace(note, E'\\n5\\n', E'\\n6\\n')`);
  assert.ok((await verify(house)).bad.some(({ id }) => id.startsWith('dropped/operational/')));
});

test('entries beyond any partition are kept, sealed, and moved when their partition is made', async (t) => {
  const house = await testHouse(t, '2031-02-03T00:00:00Z');
  await record(house, 3, { action: 'session.started' });
  await seal(house);
  const where = () =>
    asSuperuser(house, `select tableoid::regclass::text as name, count(*)::int as n from audit.entry group by 1`);
  assert.deepEqual(await where(), [{ name: 'audit.entry_operational_other', n: 3 }]);
  await ensurePartitions(house.db, house.clock.now());
  assert.deepEqual(await where(), [{ name: 'audit.entry_operational_2031_02', n: 3 }]);
  assert.deepEqual((await verify(house)).bad, []);
});

test('a partition is made beside transactions that are writing where there was none: their entries are moved or find it', async (t) => {
  const house = await testHouse(t, '2031-02-03T00:00:00Z');
  const context = house.context();
  const waiting = async (count: number) => {
    const waits = `select from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())`;
    while ((await asSuperuser(house, waits)).length < count) await sleep(5);
  };
  let others: Promise<unknown> = Promise.resolve();
  await context.db.transact(context, async (tx) => {
    await recordAudit(tx, { action: 'session.started', entityType: 'session', entityId: 's' });
    // Written now, not at the commit: what reads entries finds them.
    assert.equal((await tx.many(sql`select from audit.unsealed`)).length, 1);
    const made = ensurePartitions(house.db, house.clock.now());
    await Promise.race([made, waiting(1)]);
    others = Promise.all([made, record(house, 1, { action: 'session.ended' })]);
    await Promise.race([others, waiting(2)]);
  });
  await others;
  const where = await asSuperuser(house, `select tableoid::regclass::text as name from audit.entry`);
  assert.deepEqual(
    where.map(({ name }) => name),
    Array(2).fill('audit.entry_operational_2031_02'),
  );
});

test('an entry that a superuser deletes before it is sealed is missed: by the process that wrote it, or by what waits for it', {
  timeout: 180_000,
}, async (t) => {
  const house = await testHouse(t);
  const witness = new Witness(() => house.clock.now().getTime());
  t.after(() => witness.close());
  const later = (ms: number) => house.clock.set(new Date(house.clock.now().getTime() + ms).toISOString());
  const lost = async () => (await witness.lost(house.db, house.clock.now().getTime())).map(({ action }) => action);
  await record(house, 3);
  await record(house, 1, { action: 'fund.changed' });
  await asSuperuser(house, `delete from audit.entry where action = 'fund.changed'`);
  assert.deepEqual(
    (await verify(house)).bad.map(({ reason }) => reason),
    ['deleted before it was sealed'],
  );
  await asSuperuser(house, 'delete from audit.unsealed where entry_id not in (select id from audit.entry)');
  assert.deepEqual((await verify(house)).bad, [], 'nothing in the database is left to tell');
  assert.deepEqual(await lost(), [], 'it is not time yet');
  await seal(house);
  await record(house, 1, { action: 'fund.opened' });
  later(5_000);
  assert.deepEqual(await lost(), ['fund.changed'], 'what is sealed or still waits is there');
  assert.deepEqual(await lost(), [], 'told once');
});

test('a time below the least that somebody wrote into the database lets nothing go', async (t) => {
  const house = await testHouse(t);
  await ensurePartitions(house.db, house.clock.now());
  await record(house, 2);
  await seal(house);
  await asSuperuser(house, `insert into audit.retention values ($1, 'financial', 1)`, [tenantA.id]);
  pass(house, 365);
  assert.deepEqual(await dropDue(house), []);
});
