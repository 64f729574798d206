import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { type TestHouse, testHouse, testSecretKey, testTenants } from '../../../../test/house.ts';
import { rotateAuditKey } from '../audit/signing-keys.ts';
import { asSuperuser } from '../audit/test-trail.ts';
import { DetectionLoop } from '../detection/detection-loop.ts';
import { listIncidents } from '../detection/incident-store.ts';
import { KeyErasedError, SealError } from './envelope.ts';
import { KeyStoreMissingError } from './key-provider.ts';
import { freshMs, type Keyring } from './keyring.ts';
import { type KeySettings, openKeys } from './open-keys.ts';
import { replaceSealed } from './reseal-store.ts';
import { dataKeyFacts, rotateDataKey, rotateWrapping } from './rotate-keys.ts';
import { rotateSubjectKeys } from './rotate-subject-keys.ts';
import { type SealedColumn, sealedColumns } from './sealed-columns.ts';
import { placeOf } from './tell-rotation.ts';
import { keyFolder, testVault } from './test-keys.ts';
import type { RotationOrder } from './test-rotating-process.ts';

const scope = { tenantId: testTenants.a.id, class: 'privacy' } as const;
const place = { table: 'a.b', column: 'c', rowId: 'r' };
const secretKey = 'a secret key that is long enough for it';

const settingsOf = (folder: string, provider: 'file' | 'environment' = 'file'): KeySettings => ({
  ...{ provider, folder, secretKey, encryptionKeys: [] },
});

async function ringOf(
  t: TestContext,
): Promise<{ house: TestHouse; folder: string; ring: Keyring; again: () => Keyring }> {
  const house = await testHouse(t);
  const folder = keyFolder(t);
  const again = () => openKeys(house.db, house.clock, settingsOf(folder));
  return { house, folder, ring: again(), again };
}

test('a value opens in another process with the same keys, and for no other tenant, class, subject, table, column or row', async (t) => {
  const { ring, again } = await ringOf(t);
  const subject = { ...scope, subjectId: randomUUID() };
  for (const own of [scope, subject, { ...subject, tenantId: null }]) {
    const sealed = await ring.seal(own, place, 'Ada’s note');
    assert.equal(await again().open(own, place, sealed), 'Ada’s note');
    const other = randomUUID();
    await ring.seal({ ...own, subjectId: other }, place, 'x');
    const strangers = [
      () => ring.open({ ...own, tenantId: testTenants.b.id }, place, sealed),
      () => ring.open({ ...own, class: 'session' }, place, sealed),
      () => ring.open({ ...own, subjectId: other }, place, sealed),
      () => ring.open(own, { ...place, table: 'a.x' }, sealed),
      () => ring.open(own, { ...place, column: 'x' }, sealed),
      () => ring.open(own, { ...place, rowId: 'x' }, sealed),
    ];
    for (const stranger of strangers) await assert.rejects(stranger(), SealError);
  }
});

test('equal values have one blind index whatever their case, others another, and classes share none', async (t) => {
  const { ring, again } = await ringOf(t);
  const index = await ring.blindIndex('person', 'kam@maker.example');
  assert.equal(index.length, 32);
  assert.deepEqual(await again().blindIndex('person', ' KAM@maker.example '), index);
  assert.notDeepEqual(await ring.blindIndex('person', 'kim@maker.example'), index);
  assert.notDeepEqual(await ring.blindIndex('link', 'kam@maker.example'), index);
});

test('an erased subject is unreadable at once and for good, everyone else stays readable', async (t) => {
  const { ring, again, folder } = await ringOf(t);
  const [gone, stays] = [randomUUID(), randomUUID()].map((subjectId) => ({ ...scope, subjectId }));
  assert.ok(gone && stays);
  const sealed = await ring.seal(gone, place, 'gone');
  const kept = await ring.seal(stays, place, 'stays');
  const filesOf = ({ subjectId }: { subjectId: string }) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.includes(subjectId));
  // As a turning over leaves it that is killed before the draft is in its place.
  const [keyFile = ''] = filesOf(gone).map((file) => join(folder, file));
  cpSync(keyFile, `${keyFile}.${randomUUID()}.new`);
  const copy = `${folder}-copy`;
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(folder, copy, { recursive: true });
  await ring.eraseSubject(gone.subjectId);
  for (const keys of [ring, again()]) {
    await assert.rejects(keys.open(gone, place, sealed), KeyErasedError);
    await assert.rejects(keys.seal(gone, place, 'again'), KeyErasedError);
    assert.equal(await keys.open(stays, place, kept), 'stays');
  }
  const left = () => filesOf(gone).map((file) => file.split('/').at(-2));
  assert.deepEqual(left(), ['erased'], 'no draft of the key is left either');
  // An older copy of the key store that is brought back loses the key again when it is opened.
  rmSync(folder, { recursive: true });
  cpSync(copy, folder, { recursive: true });
  await assert.rejects(again().open(gone, place, sealed), KeyErasedError);
  assert.equal(await again().open(stays, place, kept), 'stays');
  assert.deepEqual(left(), ['erased']);
});

test('keys lie in files that only their owner reads, never in the database, and the first of many at once is kept', async (t) => {
  const { house, ring, again, folder } = await ringOf(t);
  const subject = { ...scope, subjectId: randomUUID() };
  const sealed = await Promise.all(
    Array.from({ length: 16 }, (_, i) => again().seal(i % 2 ? subject : scope, place, `note ${i}`)),
  );
  for (const [i, bytes] of sealed.entries()) {
    assert.equal(await ring.open(i % 2 ? subject : scope, place, bytes), `note ${i}`);
  }
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => statSync(file).isFile());
  for (const file of files) assert.equal(statSync(file).mode & 0o777, 0o600, file);
  assert.ok(!files.some((file) => file.endsWith('.new')), 'no draft is left');
  const encryption = JSON.parse(readFileSync(join(folder, 'key-encryption.json'), 'utf8')).keys[1] as string;
  const owner = new pg.Client({ connectionString: house.url });
  await owner.connect();
  const { rows } = await owner.query<{ wrapped: Buffer }>(
    'select wrapped from keys.tenant_key union all select wrapped from keys.data_key',
  );
  await owner.end();
  assert.ok(rows.length >= 2);
  for (const { wrapped } of rows) assert.ok(!wrapped.includes(Buffer.from(encryption, 'base64')));
});

test('a database whose key store is elsewhere is refused before anything is sealed under new keys', async (t) => {
  const { house, ring } = await ringOf(t);
  const sealed = await ring.seal(scope, place, 'x');
  const empty = keyFolder(t);
  const stranger = openKeys(house.db, house.clock, settingsOf(empty));
  await assert.rejects(stranger.ready(), KeyStoreMissingError);
  await assert.rejects(stranger.seal(scope, place, 'y'), KeyStoreMissingError);
  assert.ok(!existsSync(join(empty, 'key-encryption.json')));
  assert.equal(await ring.open(scope, place, sealed), 'x');
});

test('turning the key-encryption key over changes wrapped keys only: what was sealed stays as it is and opens', async (t) => {
  const { ring, again, folder } = await ringOf(t);
  const subject = { ...scope, subjectId: randomUUID() };
  const before = [await ring.seal(scope, place, 'class'), await ring.seal(subject, place, 'subject')] as const;
  const subjectFile = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((file) =>
    file.endsWith(subject.subjectId),
  );
  const wrapped = readFileSync(join(folder, subjectFile ?? ''), 'utf8');
  assert.deepEqual(await rotateWrapping(ring), { tenantKeys: 2, subjectKeys: 1, damaged: [] });
  assert.notEqual(readFileSync(join(folder, subjectFile ?? ''), 'utf8'), wrapped);
  assert.deepEqual(await rotateWrapping(ring, true), { tenantKeys: 0, subjectKeys: 0, damaged: [] });
  for (const keys of [ring, again()]) {
    assert.equal(await keys.open(scope, place, before[0]), 'class');
    assert.equal(await keys.open(subject, place, before[1]), 'subject');
  }
});

test('key-encryption keys from the environment: a new first one wraps, the old one behind it still opens', async (t) => {
  const house = await testHouse(t);
  const folder = keyFolder(t);
  const [first, second] = [randomBytes(32), randomBytes(32)];
  const open = (encryptionKeys: Buffer[]) =>
    openKeys(house.db, house.clock, { ...settingsOf(folder, 'environment'), encryptionKeys });
  const sealed = await open([first]).seal(scope, place, 'x');
  await assert.rejects(open([second]).open(scope, place, sealed), SealError);
  const both = open([second, first]);
  assert.equal(await both.open(scope, place, sealed), 'x');
  assert.deepEqual(await rotateWrapping(both), { tenantKeys: 1, subjectKeys: 0, damaged: [] });
  assert.equal(await open([second]).open(scope, place, sealed), 'x');
});

const column: SealedColumn = {
  ...{ table: 'bench.note', column: 'text', rowId: 'id', class: 'privacy', tenant: 'tenant_id', subject: null },
};

/** Rows with a sealed text each, and the owner's connection. */
async function plantNotes(house: TestHouse, ring: Keyring, count: number): Promise<pg.Client> {
  const owner = new pg.Client({ connectionString: house.url });
  await owner.connect();
  await owner.query(`create schema bench; create table bench.note (tenant_id uuid, id uuid primary key, text bytea);
    grant usage on schema bench to tradeai_system; grant select, update on bench.note to tradeai_system`);
  const ids = Array.from({ length: count }, () => randomUUID());
  const seal = (rowId: string) => ring.seal(scope, { table: 'bench.note', column: 'text', rowId }, `note ${rowId}`);
  const texts = await Promise.all(ids.map(seal));
  await owner.query('insert into bench.note select $1, * from unnest($2::uuid[], $3::bytea[])', [
    ...[scope.tenantId, ids, texts],
  ]);
  return owner;
}

async function versionsIn(owner: pg.Client, ring: Keyring): Promise<Record<string, number>> {
  const { rows } = await owner.query<{ id: string; text: Buffer }>('select id, text from bench.note');
  const versions: Record<string, number> = {};
  for (const { id, text } of rows) {
    assert.equal(await ring.open(scope, { table: 'bench.note', column: 'text', rowId: id }, text), `note ${id}`);
    const version = text.readUInt32BE(1);
    versions[version] = (versions[version] ?? 0) + 1;
  }
  return versions;
}

test('a data key is turned over while others write: every row is sealed anew, no reader fails, and a cut off run goes on', async (t) => {
  const { house, ring, again } = await ringOf(t);
  const owner = await plantNotes(house, ring, 40);
  try {
    const cutOff = rotateDataKey(ring, scope, {
      columns: [column],
      told: () => {
        throw new Error('killed');
      },
    });
    await assert.rejects(cutOff, /killed/);
    // What another process that has not heard of the new version yet would write.
    const late = randomUUID();
    const sealed = await ring.seal(scope, { table: 'bench.note', column: 'text', rowId: late }, `note ${late}`);
    await owner.query('insert into bench.note values ($1, $2, $3)', [scope.tenantId, late, sealed]);
    await owner.query("update bench.note set text = text || ''");
    house.clock.set(new Date(house.clock.now().getTime() + freshMs).toISOString());
    const { version, rows } = await rotateDataKey(again(), scope, { columns: [column], otherProcessesMs: 0 });
    assert.equal(version, 3);
    assert.equal(rows, 41);
    assert.deepEqual(await versionsIn(owner, ring), { 3: 41 });
    assert.equal(
      (await rotateDataKey(again(), scope, { again: true, columns: [column], otherProcessesMs: 0 })).rows,
      0,
    );
    const [facts] = (await dataKeyFacts(ring)).filter((key) => key.class === 'privacy');
    assert.deepEqual([facts?.version, facts?.settledAt !== null], [3, true]);
  } finally {
    await owner.end();
  }
});

test('a turning over that is killed in its midst leaves every row readable, and the next run does what was left', async (t) => {
  const { house, ring, again, folder } = await ringOf(t);
  const owner = await plantNotes(house, ring, 8_000);
  try {
    const order: RotationOrder = {
      ...{ url: house.url, secretKey: testSecretKey, settings: settingsOf(folder), tenantId: scope.tenantId, column },
    };
    const child = fork(new URL('./test-rotating-process.ts', import.meta.url), [JSON.stringify(order)]);
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
    const { 1: before = 0, 2: after = 0, ...others } = await versionsIn(owner, again());
    assert.ok(before > 0 && after > 0, `${before} and ${after}: it was killed in its midst`);
    assert.deepEqual([before + after, others], [8_000, {}]);
    const unsettled = (await dataKeyFacts(again())).find((key) => key.class === 'privacy');
    assert.deepEqual([unsettled?.version, unsettled?.settledAt], [2, null]);
    const rest = await rotateDataKey(again(), scope, { again: true, columns: [column], otherProcessesMs: 0 });
    assert.deepEqual(rest, { version: 2, rows: before, damaged: [] });
    assert.deepEqual(await versionsIn(owner, again()), { 2: 8_000 });
  } finally {
    await owner.end();
  }
});

test('of several that turn the key-encryption key over at once none loses the key under which another wraps', async (t) => {
  const { ring, again, folder } = await ringOf(t);
  const sealed = await ring.seal(scope, place, 'x');
  await Promise.all(Array.from({ length: 4 }, () => rotateWrapping(again())));
  assert.equal(await again().open(scope, place, sealed), 'x');
  assert.equal(JSON.parse(readFileSync(join(folder, 'key-encryption.json'), 'utf8')).current, 5);
});

test('with a vault neither the key-encryption key nor a subject’s key is ever on this machine’s disk, and all else holds', async (t) => {
  const house = await testHouse(t);
  const vault = await testVault(t);
  const names = { keyName: 'tradeai', transitMount: 'transit', secretsMount: 'secret' };
  const folder = keyFolder(t);
  const open = (token = vault.token) =>
    openKeys(house.db, house.clock, {
      ...{ ...settingsOf(folder), provider: 'vault' },
      vault: { url: vault.url, token, ...names },
    });
  const [gone, stays] = [randomUUID(), randomUUID()].map((subjectId) => ({ ...scope, subjectId }));
  assert.ok(gone && stays);
  const keys = open();
  const [sealed, kept, ofClass] = await Promise.all([
    keys.seal(gone, place, 'gone'),
    keys.seal(stays, place, 'stays'),
    keys.seal(scope, place, 'class'),
  ]);
  assert.equal(await open().open(gone, place, sealed), 'gone');
  assert.deepEqual(await rotateWrapping(keys), { tenantKeys: 2, subjectKeys: 0, damaged: [] });
  await keys.eraseSubject(gone.subjectId);
  for (const ring of [keys, open()]) {
    await assert.rejects(ring.open(gone, place, sealed), KeyErasedError);
    assert.equal(await ring.open(stays, place, kept), 'stays');
    assert.equal(await ring.open(scope, place, ofClass), 'class');
  }
  await assert.rejects(open().seal(gone, place, 'again'), KeyErasedError);
  assert.deepEqual(await (await open().inner.subjects()).erased(), [gone.subjectId]);
  await assert.rejects(open('wrong').ready(), /the vault answered 403/);
  assert.deepEqual(readdirSync(folder), []);
  const asked = vault.asked.length;
  await keys.open(stays, place, kept);
  assert.equal(vault.asked.length, asked, 'a key that is known is not asked for again');
});

test('an erasure that is cut off anywhere in a vault is finished at the next start and never gives a new key', async (t) => {
  const house = await testHouse(t);
  const vault = await testVault(t);
  const names = { keyName: 'tradeai', transitMount: 'transit', secretsMount: 'secret' };
  const open = () =>
    openKeys(house.db, house.clock, {
      ...{ ...settingsOf(keyFolder(t)), provider: 'vault' },
      vault: { url: vault.url, token: vault.token, ...names },
    });
  await open().ready();
  // Also where the database is an older one that knows nothing of the erasure.
  for (const older of [false, true]) {
    for (let changes = older ? 1 : 0; changes < 5; changes++) {
      const subject = { ...scope, subjectId: randomUUID() };
      const keys = open();
      const sealed = await keys.seal(subject, place, 'gone');
      const kept = [...vault.secrets].find(([name]) => name.endsWith(subject.subjectId))?.[1];
      vault.endAfter(changes);
      await assert.rejects(keys.eraseSubject(subject.subjectId), /503/);
      vault.endAfter(Number.POSITIVE_INFINITY);
      if (older) await asSuperuser(house, 'delete from keys.erased_subject');
      const told = `${changes} changes, ${older ? 'older' : 'same'} database`;
      for (const ring of [open(), open()]) {
        await assert.rejects(ring.seal(subject, place, 'again'), KeyErasedError, told);
        await assert.rejects(ring.open(subject, place, sealed), KeyErasedError, told);
        assert.ok((await (await ring.inner.subjects()).erased()).includes(subject.subjectId), told);
      }
      assert.ok(![...vault.secrets.values()].includes(kept ?? {}), 'the key itself is gone');
      assert.deepEqual(
        [...vault.secrets.keys()].filter((name) => name.includes('erasing')),
        [],
        told,
      );
    }
  }
});

test('an erasure in files that was cut off after its mark is finished at the next start', async (t) => {
  const { house, folder, ring, again } = await ringOf(t);
  const subject = { ...scope, subjectId: randomUUID() };
  const sealed = await ring.seal(subject, place, 'gone');
  const [store = ''] = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'subjects')));
  mkdirSync(join(folder, store, 'erased'), { recursive: true });
  writeFileSync(join(folder, store, 'erased', subject.subjectId), '');
  assert.deepEqual(await asSuperuser(house, 'select subject_id from keys.erased_subject'), []);
  await assert.rejects(again().open(subject, place, sealed), KeyErasedError);
  const keyFile = join(folder, store, 'subjects', subject.subjectId.slice(-2), subject.subjectId);
  assert.equal(existsSync(keyFile), false);
});

const hourMs = 3_600_000;

/** Somebody's row in the database, its name sealed by `ring`; answers what reads the bytes there now. */
async function plantPerson(house: TestHouse, ring: Keyring) {
  const id = randomUUID();
  const of = { tenantId: null, class: 'person', subjectId: id } as const;
  const at = { table: 'identity.person', column: 'name_sealed', rowId: id };
  const add = async (client: pg.Client) => {
    const email = await ring.seal(of, { ...at, column: 'email_sealed' }, `${id}@maker.example`);
    await client.query(
      'insert into identity.person (id, name_sealed, email_sealed, email_index, created_at) values ($1, $2, $3, $4, now())',
      [id, await ring.seal(of, at, 'Ada'), email, await ring.blindIndex('person', id)],
    );
  };
  const owner = new pg.Client({ connectionString: house.url });
  await owner.connect();
  await add(owner).finally(() => owner.end());
  const bytes = async () => {
    const [row] = await asSuperuser(house, `select name_sealed as sealed from identity.person where id = '${id}'`);
    return (row as { sealed: Buffer }).sealed;
  };
  return { id, bytes, open: (keys: Keyring, sealed: Buffer) => keys.open(of, at, sealed) };
}

test('keys of people are turned over beside their use: rows are sealed anew, older dumps open, and an erasure reaches every version', async (t) => {
  const house = await testHouse(t);
  const vault = await testVault(t);
  const folder = keyFolder(t);
  const names = { keyName: 'tradeai', transitMount: 'transit', secretsMount: 'secret' };
  const inFiles = () => openKeys(house.db, house.clock, settingsOf(folder));
  const inVault = () =>
    openKeys(house.db, house.clock, {
      ...{ ...settingsOf(folder), provider: 'vault' },
      vault: { url: vault.url, token: vault.token, ...names },
    });
  for (const again of [inFiles, inVault]) {
    // Each kind of store is that of the whole database.
    await asSuperuser(house, 'truncate keys.store, keys.tenant_key, keys.data_key, identity.person cascade');
    const ring = again();
    const [gone, stays] = [await plantPerson(house, ring), await plantPerson(house, ring)];
    const dump = { gone: await gone.bytes(), stays: await stays.bytes() };
    const reader = again();
    assert.equal(await stays.open(reader, dump.stays), 'Ada');

    house.clock.set(new Date(house.clock.now().getTime() + hourMs).toISOString());
    const before = house.clock.now();
    const cutOff = rotateSubjectKeys(again(), before, {
      told: () => {
        throw new Error('killed');
      },
    });
    await assert.rejects(cutOff, /killed/);
    const late = await plantPerson(house, again());
    const goneOn = await rotateSubjectKeys(again(), before, { otherProcessesMs: 0 });
    assert.equal(goneOn.subjects, 0, 'who has a key made since needs no other');
    assert.ok(goneOn.rows > 0, 'what was left was done');
    assert.deepEqual(await rotateSubjectKeys(again(), before, { otherProcessesMs: 0 }), {
      subjects: 0,
      rows: 0,
      damaged: [],
    });

    for (const person of [gone, stays]) {
      assert.equal((await person.bytes()).readUInt32BE(1), 2);
      for (const keys of [reader, again()]) assert.equal(await person.open(keys, await person.bytes()), 'Ada');
    }
    assert.equal((await late.bytes()).readUInt32BE(1), 1);
    assert.equal(await stays.open(again(), dump.stays), 'Ada', 'an older dump beside today’s keys');
    // The next turning over keeps both versions through one of the key that wraps them.
    await rotateWrapping(again());
    await again().eraseSubject(gone.id);
    for (const sealed of [dump.gone, await gone.bytes()]) {
      await assert.rejects(gone.open(again(), sealed), KeyErasedError);
    }
    house.clock.set(new Date(house.clock.now().getTime() + hourMs).toISOString());
    const next = await rotateSubjectKeys(again(), house.clock.now(), { otherProcessesMs: 0 });
    assert.deepEqual(next, { subjects: 2, rows: 4, damaged: [] }, 'who was erased is passed over and gets no new key');
    await assert.rejects(gone.open(again(), dump.gone), KeyErasedError);
  }
});

test('an erasure in the midst of a turning over in a vault is not undone by it', async (t) => {
  const house = await testHouse(t);
  const vault = await testVault(t);
  const names = { keyName: 'tradeai', transitMount: 'transit', secretsMount: 'secret' };
  const open = () =>
    openKeys(house.db, house.clock, {
      ...{ ...settingsOf(keyFolder(t)), provider: 'vault' },
      vault: { url: vault.url, token: vault.token, ...names },
    });
  const subject = { ...scope, subjectId: randomUUID() };
  const sealed = await open().seal(subject, place, 'gone');
  vault.beforeNextReplacing(() => open().eraseSubject(subject.subjectId));
  house.clock.set(new Date(house.clock.now().getTime() + hourMs).toISOString());
  await rotateSubjectKeys(open(), house.clock.now(), { otherProcessesMs: 0 });
  const kept = [...vault.secrets]
    .filter(([name]) => name.endsWith(`/${subject.subjectId}`))
    .map(([, secret]) => secret);
  assert.deepEqual(kept, [{ erased: true }, { erased: true }], 'what is left is the two marks');
  await assert.rejects(open().open(subject, place, sealed), KeyErasedError);
});

/** What the trail of tenant a tells of keys. */
const toldOf = async (house: TestHouse) =>
  (
    await asSuperuser(
      house,
      `select action, entity_id as keys, after::json as after from audit.entry
       where action like 'keys.%' and tenant_id = $1 order by ctid`,
      [testTenants.a.id],
    )
  ).map(({ action, keys, after }) => ({ action, keys, ...(after as object) }));

/** Incidents of tenant a about what does not open. */
async function damagesTold(house: TestHouse): Promise<string[]> {
  const context = house.context();
  const loop = new DetectionLoop({
    ...{ db: house.db, clock: house.clock, log: context.log },
    tenant: async (id) => (id === testTenants.a.id ? testTenants.a : testTenants.b),
  });
  while ((await loop.round()) > 0);
  await loop.stop();
  const { items } = await context.db.read(context, (tx) => listIncidents(tx, {}, { limit: 50 }));
  return items
    .filter(({ rule }) => rule === 'sealed-value-damaged')
    .flatMap(({ reasons }) => reasons.map(({ because }) => because));
}

test('the trail tells of every turning over of keys, and no key is made where it cannot be told', async (t) => {
  const { house, ring, again } = await ringOf(t);
  const owner = await plantNotes(house, ring, 3);
  await owner.end();
  const options = { columns: [column], otherProcessesMs: 0 };
  await asSuperuser(house, `alter table audit.entry add constraint silent check (action not like 'keys.%')`);
  await assert.rejects(rotateDataKey(again(), scope, options), /silent/);
  await assert.rejects(rotateAuditKey(house.db, testSecretKey, house.clock), /silent/);
  await assert.rejects(rotateWrapping(again()), /silent/);
  await assert.rejects(rotateSubjectKeys(again(), house.clock.now(), { otherProcessesMs: 0 }), /silent/);
  await asSuperuser(house, 'alter table audit.entry drop constraint silent');
  assert.deepEqual(await toldOf(house), []);
  assert.equal((await dataKeyFacts(ring)).find((key) => key.class === 'privacy')?.version, 1);

  await rotateDataKey(again(), scope, options);
  await rotateDataKey(again(), scope, { ...options, again: true });
  await rotateWrapping(again());
  await rotateSubjectKeys(again(), house.clock.now(), { otherProcessesMs: 0 });
  await rotateAuditKey(house.db, testSecretKey, house.clock);
  const told = await toldOf(house);
  const [keys, wrapping] = ['data/privacy', { provider: 'file', onlyWrap: false }];
  const subjects = { keys: 'subjects', madeBefore: house.clock.now().toISOString() };
  assert.deepEqual(told.slice(0, -1), [
    { action: 'keys.rotation_started', keys, version: 2 },
    { action: 'keys.rotation_ended', keys, version: 2, rows: 3, damaged: 0 },
    { action: 'keys.rotation_resumed', keys, version: 2 },
    { action: 'keys.rotation_ended', keys, version: 2, rows: 0, damaged: 0 },
    { action: 'keys.rotation_started', keys: 'key-encryption', ...wrapping },
    { action: 'keys.wrapped_anew', keys: 'key-encryption', key: 'tenant', provider: 'file' },
    { action: 'keys.rotation_ended', keys: 'key-encryption', ...wrapping, tenantKeys: 2, subjectKeys: 0, damaged: 0 },
    { action: 'keys.rotation_started', ...subjects },
    { action: 'keys.rotation_ended', ...subjects, subjects: 0, rows: 0, damaged: 0 },
  ]);
  const last = told.at(-1) as { action: string; keys: string; generation: number };
  assert.deepEqual([last.action, last.keys, last.generation], ['keys.rotated', 'audit-signing', 2]);
});

test('what does not open is named with its place, told to its tenant alone, and keeps nothing else from being turned over', async (t) => {
  const { house, ring, again, folder } = await ringOf(t);
  const owner = await plantNotes(house, ring, 40);
  const { rows } = await owner.query<{ id: string }>(`update bench.note set text = overlay(text placing '\\x00' from 30)
    where id in (select id from bench.note order by id limit 1) returning id`);
  const [{ id: note } = { id: '' }] = rows;
  const turned = await rotateDataKey(again(), scope, { columns: [column], otherProcessesMs: 0 });
  assert.deepEqual([turned.rows, turned.damaged.map(placeOf)], [39, [`bench.note.text of ${note}`]]);
  assert.deepEqual(await damagesTold(house), [`1 values do not open: bench.note.text of ${note}`]);
  const facts = (await dataKeyFacts(ring)).find((key) => key.class === 'privacy');
  assert.deepEqual([facts?.version, facts?.settledAt], [2, null], 'the version before is needed still');
  await owner.query('delete from bench.note where id = $1', [note]);
  const rest = await rotateDataKey(again(), scope, { again: true, columns: [column], otherProcessesMs: 0 });
  assert.deepEqual(rest.damaged, []);
  assert.ok((await dataKeyFacts(ring)).find((key) => key.class === 'privacy')?.settledAt, 'settled by now');

  const [altered, lost, stranger, fine] = [
    await plantPerson(house, ring),
    await plantPerson(house, ring),
    await plantPerson(house, ring),
    await plantPerson(house, ring),
  ];
  for (const [person, tenant] of [
    [altered, testTenants.a],
    [lost, testTenants.a],
    [stranger, testTenants.b],
    [fine, testTenants.a],
  ] as const) {
    await owner.query(
      `insert into identity.membership (tenant_id, person_id, roles, approval_currency, created_at) values ($1, $2, '{}', 'USD', now())`,
      [tenant.id, person.id],
    );
  }
  await owner.query(
    `update identity.person set name_sealed = overlay(name_sealed placing '\\x00000009' from 2) where id = any($1)`,
    [[altered.id, stranger.id]],
  );
  await owner.end();
  const file = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith(lost.id)) ?? '';
  writeFileSync(join(folder, file), '{"not": "a key');
  house.clock.set(new Date(house.clock.now().getTime() + 4 * 86_400_000).toISOString());
  const people = await rotateSubjectKeys(again(), house.clock.now(), { otherProcessesMs: 0 });
  assert.equal(people.subjects, 3);
  assert.equal((await fine.bytes()).readUInt32BE(1), 2);
  const ofA = [`identity.person.name_sealed of ${altered.id}`, `key store.subject key of ${lost.id}`];
  const places = people.damaged.map(placeOf);
  for (const place of [...ofA, `identity.person.name_sealed of ${stranger.id}`])
    assert.ok(places.includes(place), place);
  const told = (await damagesTold(house)).find((because) => because.includes(altered.id)) ?? '';
  for (const place of ofA) assert.ok(told.includes(place), place);
  assert.ok(!told.includes(stranger.id), 'a person of another tenant is told there');
  const wrapped = await rotateWrapping(again());
  assert.deepEqual(wrapped.damaged.map(placeOf), [`key store.subject key of ${lost.id}`]);
  assert.equal(wrapped.subjectKeys, 3);
});

test('every sealed column is one that a turning over may write', async (t) => {
  const { house } = await ringOf(t);
  const nothing = Buffer.from('nothing');
  for (const one of sealedColumns) {
    const none = [{ rowId: randomUUID(), before: nothing, after: nothing }];
    assert.equal(await house.db.system((tx) => replaceSealed(tx, one, undefined, none)), 0, one.table);
  }
});
