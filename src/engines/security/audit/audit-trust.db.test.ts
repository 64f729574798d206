import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeLogger } from '#telemetry';
import { type TestHouse, testHouse, testSecretKey, testTenants } from '../../../../test/house.ts';
import { DetectionLoop } from '../detection/detection-loop.ts';
import { listIncidents } from '../detection/incident-store.ts';
import { acceptRestore } from './accept-restore.ts';
import { auditModule } from './audit-module.ts';
import { changeKeeping } from './change-keeping.ts';
import { jumpsIn, livedMs } from './clock-history.ts';
import { confirmTime } from './confirm-time.ts';
import { holdTrail, releaseTrail } from './hold-trail.ts';
import { legalHolds } from './keeping-in-force.ts';
import { missingTenants } from './missing-tenants.ts';
import { OutsideFloor, RolledBackError } from './outside-floor.ts';
import { verifyWithOutside } from './request-verification.ts';
import { ensurePartitions } from './retention-store.ts';
import { readHead } from './seal-store.ts';
import { Sealer } from './sealer.ts';
import type { Doubt } from './tell-doubt.ts';
import { asSuperuser, dropDue, live, pass, record, seal, tenantA } from './test-trail.ts';
import { verifyAudit } from './verify-audit.ts';

const log = makeLogger('silent');
const incidentsOf = async (house: TestHouse) => {
  const tenant = async () => testTenants.a;
  const loop = new DetectionLoop({ db: house.db, clock: house.clock, log, tenant });
  while ((await loop.round()) > 0);
  await loop.stop();
  const context = house.context();
  const { items } = await context.db.read(context, (tx) => listIncidents(tx, {}, { limit: 50 }));
  return items.map(({ rule, about, severity }) => ({ rule, about: about[0], severity }));
};

/** A trail of five operational entries of June 2026, 106 days after the end of that month. */
async function oldTrail(t: TestContext): Promise<TestHouse> {
  const house = await testHouse(t);
  await ensurePartitions(house.db, house.clock.now());
  await record(house, 5, { action: 'session.started' });
  await seal(house);
  return house;
}

const doubtsOf = async (house: TestHouse) => {
  const doubts: Doubt[] = [];
  assert.deepEqual(await dropDue(house, doubts), [], 'nothing goes');
  return doubts;
};
const breaches = async (house: TestHouse) => {
  const invariant = auditModule.invariants?.find(({ name }) => name === 'audit.keeping');
  const found = await house.db.read(house.context(), (tx) => invariant?.findBreaches(tx) ?? Promise.resolve([]));
  return found.map(({ detail }) => detail);
};

test('a retention that a superuser shortened or took away drops nothing, and the invariant says where it differs', async (t) => {
  const house = await oldTrail(t);
  const context = house.context();
  await changeKeeping(context, 'operational', 300);
  await changeKeeping(context, 'operational', 400);
  await live(house, 120);
  assert.deepEqual(await doubtsOf(house), []);
  assert.deepEqual(await breaches(house), []);
  for (const statement of [
    'update audit.retention set keep_days = 90',
    'update audit.retention set keep_days = 300',
    'delete from audit.retention',
  ]) {
    await asSuperuser(house, 'delete from audit.retention');
    await asSuperuser(house, `insert into audit.retention values ($1, 'operational', 400)`, [tenantA.id]);
    await asSuperuser(house, statement);
    const [said] = await breaches(house);
    assert.match(said ?? '', /operational entries, the audit trail 400 days/, statement);
  }
  assert.deepEqual(
    (await doubtsOf(house)).map(({ kind }) => kind),
    ['keeping'],
  );
  // Without the entry that set it the trail does not verify any more.
  await asSuperuser(house, `delete from audit.entry where action = 'audit.retention_changed'`);
  assert.deepEqual(await breaches(house), []);
  assert.deepEqual(
    (await doubtsOf(house)).map(({ kind }) => kind),
    ['trail'],
  );
});

test('a legal hold that a superuser released or deleted still stands, until somebody releases it', async (t) => {
  const house = await oldTrail(t);
  const context = house.context();
  const hold = await holdTrail(context, 'a dispute');
  await live(house, 120);
  await asSuperuser(house, 'update audit.legal_hold set released_at = now(), released_by = placed_by');
  assert.match((await breaches(house))[0] ?? '', /was never released/);
  const [doubt] = await doubtsOf(house);
  assert.deepEqual(doubt?.kind, 'keeping');
  await asSuperuser(house, 'delete from audit.legal_hold');
  assert.match((await breaches(house))[0] ?? '', /was never released/);
  assert.deepEqual((await doubtsOf(house))[0]?.kind, 'keeping');
  const standing = await house.db.read(context, (tx) => legalHolds(tx, testSecretKey));
  assert.deepEqual(
    standing.map(({ id, reason, releasedAt }) => ({ id, reason, releasedAt })),
    [{ id: hold.id, reason: 'a dispute', releasedAt: null }],
    'people see it',
  );
  await releaseTrail(context, hold.id, 'it is settled');
  assert.deepEqual(await breaches(house), []);
  assert.equal((await dropDue(house)).length, 1);
});

test('what was chosen goes on being backed after the entry that chose it has been dropped', async (t) => {
  const house = await testHouse(t, '2020-03-01T00:00:00Z');
  await ensurePartitions(house.db, house.clock.now());
  await changeKeeping(house.context(), 'operational', 400);
  await changeKeeping(house.context(), 'financial', 366);
  await seal(house);
  await live(house, 365 + 366);
  assert.equal((await dropDue(house)).filter(({ retentionClass }) => retentionClass === 'financial').length, 1);
  await seal(house);
  const left = await asSuperuser(house, `select from audit.entry where action = 'audit.retention_changed'`);
  assert.deepEqual(left, []);
  assert.deepEqual(await breaches(house), []);
  await asSuperuser(house, `update audit.retention set keep_days = 90 where retention_class = 'operational'`);
  assert.match((await breaches(house))[0] ?? '', /the audit trail 400 days/);
});

test('nothing is dropped from a trail that does not verify', async (t) => {
  const house = await oldTrail(t);
  await record(house, 2);
  await live(house, 120);
  await asSuperuser(
    house,
    `update audit.entry set reason = 'forged' where entity_id = 'p1' and action like 'promotion%'`,
  );
  const [doubt] = await doubtsOf(house);
  assert.equal(doubt?.kind, 'trail');
  assert.match(doubt?.because ?? '', /changed/);
});

test('a clock that jumps drops nothing, whatever is signed after the jump, until somebody confirms it', async (t) => {
  const house = await oldTrail(t);
  const before = house.clock.now().toISOString();
  pass(house, 3_000);
  await record(house, 1);
  await seal(house);
  assert.deepEqual(
    (await doubtsOf(house)).map(({ kind }) => kind),
    ['clock'],
  );
  house.clock.set(before);
  await live(house, 60);
  assert.deepEqual(await doubtsOf(house), [], 'the clock was set right');
  pass(house, 3_000);
  assert.ok((await doubtsOf(house)).every(({ kind }) => kind === 'clock'));
  const parts = { db: house.db, clock: house.clock, secretKey: testSecretKey };
  const confirmed = await confirmTime(parts, 'the server stood still for eight years');
  assert.ok(confirmed.some(({ tenantId }) => tenantId === tenantA.id));
  assert.deepEqual(await confirmTime(parts, 'again'), [], 'once is enough');
  await seal(house);
  assert.ok((await dropDue(house)).some(({ retentionClass }) => retentionClass === 'operational'));
});

test('time is lived through where something is signed at least every 45 days', () => {
  const day = (n: number) => new Date(n * 86_400_000);
  const lived = (...signed: number[]) => livedMs(day(0), day(100), signed.map(day), []) / 86_400_000;
  assert.equal(lived(), 0);
  assert.equal(lived(40, 80), 100);
  assert.equal(lived(80, 40, 200), 100);
  assert.equal(lived(20, 66), 54);
  assert.equal(livedMs(day(0), day(100), [day(20)], [{ from: day(20), to: day(60) }]) / 86_400_000, 100);
  assert.deepEqual(jumpsIn(day(0), day(100), [day(20)]), [{ from: day(20), to: day(100) }]);
});

/** A house with its sealer and the file outside; the database can be put back to where it was. */
async function putBack(t: TestContext) {
  const house = await testHouse(t);
  const folder = mkdtempSync(join(tmpdir(), 'tradeai-audit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const checkpointFile = join(folder, 'checkpoints.txt');
  const parts = { db: house.db, clock: house.clock, secretKey: testSecretKey, checkpointFile };
  /** One process from its start to its end. */
  const run = async () => {
    const sealer = new Sealer({ ...parts, log });
    sealer.start();
    await sealer.stop();
    return sealer.refuses;
  };
  const tables = ['entry', 'unsealed', 'seal', 'node', 'tree', 'checkpoint'];
  const copy = async () => {
    for (const table of tables) await asSuperuser(house, `create table public.${table} as table audit.${table}`);
  };
  const restore = async () => {
    for (const table of tables) {
      // A sealer that runs may be moving rows to another partition: what is not there yet would not be taken away.
      const statements = [`lock table audit.${table}`, `delete from audit.${table}`];
      const back = [...statements, `insert into audit.${table} table public.${table}`];
      await asSuperuser(house, `begin; ${back.join('; ')}; commit`);
    }
  };
  return { house, checkpointFile, parts, run, copy, restore };
}

test('a database that was put back to an earlier genuine checkpoint is not signed onward, by a new process or the one that signed', {
  timeout: 180_000,
}, async (t) => {
  const { house, checkpointFile, parts, run, copy, restore } = await putBack(t);
  await record(house, 4);
  assert.equal(await run(), false);
  await copy();
  const sealer = new Sealer({ ...parts, log });
  t.after(() => sealer.stop());
  await record(house, 3);
  sealer.start();
  const sealed = () => asSuperuser(house, `select size::int as size from audit.tree where tenant_id = '${tenantA.id}'`);
  const until = async (holds: () => Promise<boolean>) => {
    while (!(await holds())) await sleep(20, undefined, { signal: t.signal });
  };
  await until(async () => (await sealed())[0]?.size === 7);
  await until(async () => readFileSync(checkpointFile, 'utf8').includes('\n7\n'));
  await restore();
  await record(house, 5);
  await until(async () => sealer.refuses);
  assert.deepEqual(await sealed(), [{ size: 4 }], 'the process that signed 7 signs nothing behind it');
  await sealer.stop();
  assert.equal(await run(), true, 'a new process knows the file');
  assert.deepEqual(await sealed(), [{ size: 4 }]);
  assert.equal(readFileSync(checkpointFile, 'utf8').split('\n7\n').length, 2);
  assert.deepEqual(await incidentsOf(house), [
    { rule: 'trail-doubted', about: 'trail:rollback', severity: 'critical' },
  ]);
  const told = await asSuperuser(house, `select reason from audit.entry where action = 'audit.doubted'`);
  assert.match(String(told[0]?.reason), /outside the database at 7 entries, and the database with its 4/);
});

test('a database that is put back under a running house in which nobody writes is told of within seconds', {
  timeout: 180_000,
}, async (t) => {
  const { house, checkpointFile, parts, copy, restore } = await putBack(t);
  const sealer = new Sealer({ ...parts, log });
  t.after(() => sealer.stop());
  const until = async (holds: () => boolean) => {
    while (!holds()) await sleep(20, undefined, { signal: t.signal });
  };
  const isOutside = (size: number) => () => readFileSync(checkpointFile, 'utf8').includes(`\n${size}\n`);
  writeFileSync(checkpointFile, '');
  sealer.start();
  await record(house, 4);
  await until(isOutside(4));
  await copy();
  await record(house, 3);
  await until(isOutside(7));
  assert.equal(sealer.refuses, false);
  await restore();
  await until(() => sealer.refuses);
  await sealer.stop();
  assert.deepEqual(await incidentsOf(house), [
    { rule: 'trail-doubted', about: 'trail:rollback', severity: 'critical' },
  ]);
  const told = await asSuperuser(house, `select reason from audit.entry where action = 'audit.doubted'`);
  assert.equal(told.length, 1, 'once');
  assert.match(String(told[0]?.reason), /outside the database at 7 entries, and the database with its 4/);
});

test('a restore that somebody accepts is sealed onward, verifies against the file, and the trail says what was given up', async (t) => {
  const { house, checkpointFile, parts, run, copy, restore } = await putBack(t);
  await record(house, 4);
  await run();
  await copy();
  await record(house, 3);
  await run();
  const newest = readFileSync(checkpointFile, 'utf8');
  await restore();
  await record(house, 6);
  assert.equal(await run(), true);
  const reason = 'restored after a disk failure';
  const accepted = await acceptRestore(parts, reason);
  assert.deepEqual(
    accepted.map(({ tenantId, tree, outside }) => ({ tenantId, tree: tree.size, outside: outside.size })),
    [{ tenantId: tenantA.id, tree: 4, outside: 7 }],
  );
  assert.deepEqual(await acceptRestore(parts, reason), [], 'accepted already');
  assert.equal(await run(), false);
  assert.deepEqual((await verifyWithOutside(house.db, tenantA.id, checkpointFile)).bad, []);
  assert.equal(await run(), false, 'also a process that starts later');
  const entry = await asSuperuser(house, `select reason from audit.entry where action = 'audit.restore_accepted'`);
  assert.deepEqual(entry, [{ reason }]);
  // The same copy put back once more: what was accepted then is no leave for now.
  await restore();
  await record(house, 2);
  assert.equal(await run(), true);
  assert.notEqual((await verifyWithOutside(house.db, tenantA.id, checkpointFile)).badCount, 0);
  assert.equal((await verifyAudit(house.db, tenantA.id)).badCount, 0, 'inside, all fits');
  // A checkpoint that somebody else wrote into the file is none.
  writeFileSync(checkpointFile, newest.replaceAll('\n7\n', '\n9\n'));
  assert.equal(await run(), false, 'an altered file names nothing that was signed');
});

test('a database that was put back is told of when the process starts, though nothing happens that would be sealed', async (t) => {
  const { house, run, copy, restore } = await putBack(t);
  await record(house, 4);
  await run();
  await copy();
  await record(house, 3);
  await run();
  await restore();
  assert.equal(await run(), true);
  assert.deepEqual(await incidentsOf(house), [
    { rule: 'trail-doubted', about: 'trail:rollback', severity: 'critical' },
  ]);
  const told = await asSuperuser(house, `select reason from audit.entry where action = 'audit.doubted'`);
  assert.equal(told.length, 1, 'once');
});

test('a tenant that was taken out of the database with its whole trail is missed by the checkpoints outside', async (t) => {
  const { house, checkpointFile, run } = await putBack(t);
  await record(house, 2);
  await record(house, 2, { tenant: 'b' });
  await run();
  assert.deepEqual(await missingTenants(house.db, testSecretKey, checkpointFile), []);
  const { id } = testTenants.b;
  await asSuperuser(house, `set session_replication_role = replica; delete from identity.tenant where id = '${id}'`);
  assert.deepEqual(await missingTenants(house.db, testSecretKey, checkpointFile), [id]);
});

test('what another process has put outside since counts for the one that started before', async (t) => {
  const { house, checkpointFile, run, copy, restore } = await putBack(t);
  await record(house, 4);
  await run();
  await copy();
  const floor = new OutsideFloor(testSecretKey);
  const require = () => house.db.system(async (tx) => floor.require(tx, tenantA.id, await readHead(tx, tenantA.id)));
  await floor.read(checkpointFile);
  await require();
  await record(house, 3);
  await run();
  await floor.read(checkpointFile);
  await require();
  await restore();
  await assert.rejects(require(), RolledBackError);
});

test('a tree that grew beyond the newest checkpoint outside but does not begin with it is not signed onward', async (t) => {
  const { house, checkpointFile, run, copy, restore } = await putBack(t);
  await record(house, 4);
  await run();
  await copy();
  await record(house, 3);
  await run();
  const outside = readFileSync(checkpointFile, 'utf8');
  await restore();
  // As by a process whose file was elsewhere.
  writeFileSync(checkpointFile, '');
  await record(house, 9);
  await run();
  writeFileSync(checkpointFile, outside);
  await record(house, 1);
  assert.equal(await run(), true);
});
