import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { systemClock } from '#clock';
import { decide, makePendingApproval, makeTenant } from '../../test/faults/pending-approval.ts';
import { callOver, serveChild, signIn } from '../../test/faults/served.ts';
import { testHouse, testSecretKey } from '../../test/house.ts';
import { isolationFindings } from '../../test/isolation/isolation-findings.ts';
import { createDatabaseFromTemplate } from '../../test/postgres/index.ts';
import { backUp } from './backup.ts';
import { migrationSources } from './migration-sources.ts';
import { restore } from './restore.ts';

const limit = { timeout: 180_000 };
const quiet = () => undefined;
const password = 'correct horse battery';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tradeai-backup-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function emptyDatabase(t: TestContext): Promise<string> {
  const database = await createDatabaseFromTemplate();
  t.after(() => database.drop());
  return database.url;
}

async function asOwner<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** What stands in every table that a backup holds (a partition's in its table), as a number and a hash of its rows in no order. */
const contents = (url: string): Promise<Record<string, string>> =>
  asOwner(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select schemaname || '.' || tablename as name from pg_tables where schemaname !~ '^pg_'
       and schemaname not in ('information_schema', 'graphile_worker')
       and format('%I.%I', schemaname, tablename)::regclass in (select oid from pg_class where not relispartition)
       and (schemaname, tablename) not in (('event', 'epoch'), ('platform', 'migration'), ('event', 'outbox')) order by 1`,
    );
    const found: Record<string, string> = {};
    for (const { name } of rows) {
      const sum = await client.query(
        `select count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) as sum from ${name} t`,
      );
      found[name] = sum.rows[0].sum;
    }
    return found;
  });

const epochOf = (url: string): Promise<string> =>
  asOwner(url, async (client) => (await client.query('select id from event.epoch')).rows[0].id);

/** Names of everything that is not PostgreSQL's own. */
const leftIn = (url: string): Promise<string[]> =>
  asOwner(url, async (client) => {
    const { rows } = await client.query(
      `select nspname from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'public')`,
    );
    return rows.map(({ nspname }) => nspname);
  });

const parts = (ownerUrl: string, secretKey = testSecretKey) => ({
  ownerUrl,
  secretKey,
  migrationSources,
  progress: quiet,
});

/** A database with a tenant at work and another tenant beside it, and a backup of it. */
async function backedUp(t: TestContext) {
  // The roles belong to the server of the tests.
  await testHouse(t);
  const url = await emptyDatabase(t);
  const settings = { TRADEAI_DATABASE_URL: url, TRADEAI_SECRET_KEY: testSecretKey };
  const served = await serveChild(settings);
  await makeTenant(url, testSecretKey);
  const pending = await makePendingApproval(served.url);
  const kam = callOver(served.url, pending.tokens.kam);
  const checkbooks = await Promise.all(pending.fundIds.map((id) => kam('GET', `/funds/${id}/checkbook`)));
  const file = join(folderOf(t), 'tradeai.backup');
  const result = await backUp(url, file, systemClock, quiet);
  await served.stop();
  return { url, file, result, pending, checkbooks: checkbooks.map(({ body }) => body) };
}

/** Tables but those that a running server moves by itself, and the sessions, which a restore ends. */
const withoutWorkInHand = (tables: Awaited<ReturnType<typeof contents>>) =>
  Object.fromEntries(
    Object.entries(tables).filter(
      ([name]) =>
        !/^(event\.(log|cursor)|invariant\..*|identity\.session|security\.(watch|event|event_inbox)|audit\.(unsealed|seal|tree|node|checkpoint|signing_key))$/.test(
          name,
        ),
    ),
  );

test(
  'a backup taken beside a running server restores every row, the checkbooks, the audit and the work in hand',
  limit,
  async (t) => {
    const { url, file, result, pending, checkbooks } = await backedUp(t);
    assert.ok(result.rows > 100, `${result.rows} rows`);
    const target = await emptyDatabase(t);
    const restored = await restore(file, parts(target));
    assert.equal(restored.rows, result.rows);
    assert.ok(restored.audit.entries > 10, `${restored.audit.entries} audit entries`);
    assert.equal(restored.audit.bad, 0);
    // The outbox was sequenced meanwhile in the source, cursors went on, acts that are watched became security events, the house looked at its invariants and sealed its trail.
    const before = withoutWorkInHand(await contents(url));
    const after = withoutWorkInHand(await contents(target));
    assert.ok(Object.keys(before).length > 30);
    assert.deepEqual(after, before);
    assert.notEqual(await epochOf(target), await epochOf(url), 'resumed sockets must see another epoch');
    await asOwner(target, async (client) => assert.deepEqual(await isolationFindings(client), []));

    const served = await serveChild({ TRADEAI_DATABASE_URL: target, TRADEAI_SECRET_KEY: testSecretKey });
    t.after(() => served.stop());
    const asBefore = callOver(served.url, pending.tokens.kam);
    assert.equal((await asBefore('GET', '/auth/me')).status, 401, 'who was signed in then is so no longer');
    const kam = callOver(served.url, await signIn(served.url, 'kam@maker.example', password));
    for (const [i, id] of pending.fundIds.entries()) {
      const { asOf: _, figures: _now, ...now } = (await kam('GET', `/funds/${id}/checkbook`)).body;
      // The figures say the same with the instant of the question in them.
      const { asOf: __, figures: _then, ...then } = checkbooks[i];
      assert.ok(now.reserved);
      assert.deepEqual(now, then);
    }
    const finance = await signIn(served.url, 'finance@maker.example', password);
    const decided = await decide(served.url, finance, pending.taskId);
    assert.equal(decided.status, 200, JSON.stringify(decided.body));
    assert.equal((await kam('GET', `/promotions/${pending.promotionId}`)).body.state, 'approved');
  },
);

test('a restored database can be backed up and restored again, to the same rows', limit, async (t) => {
  const { file } = await backedUp(t);
  const [first, second] = [await emptyDatabase(t), await emptyDatabase(t)];
  await restore(file, parts(first));
  const again = join(folderOf(t), 'again.backup');
  await backUp(first, again, systemClock, quiet);
  await restore(again, parts(second));
  assert.deepEqual(await contents(second), await contents(first));
});

test(
  'events that had no position yet are told in their order after a restore, before all later ones',
  limit,
  async (t) => {
    const house = await testHouse(t);
    const insert = (client: pg.Client, names: string[]) =>
      client.query(
        `insert into event.outbox (tenant_id, id, type, version, subject_type, subject_id, data, actor_id, request_id, occurred_at)
       select '0190a000-0000-7000-8000-00000000000a', gen_random_uuid(), name, 1, 'test', gen_random_uuid(), '{}',
         gen_random_uuid(), 'r', now() from unnest($1::text[]) name`,
        [names],
      );
    await asOwner(house.url, async (client) => {
      await insert(client, ['second', 'third']);
      // From a server whose transactions count far higher than ours.
      await client.query(`update event.outbox set xid = '9000000000000'`);
      await insert(client, ['first']);
    });
    const file = join(folderOf(t), 'tradeai.backup');
    await backUp(house.url, file, systemClock, quiet);
    const target = await emptyDatabase(t);
    await restore(file, parts(target));
    await asOwner(target, async (client) => {
      await insert(client, ['last']);
      const outbox = async () => {
        const { rows } = await client.query<{ type: string; ready: boolean }>(
          `select type, xid < pg_snapshot_xmin(pg_current_snapshot()) as ready from event.outbox order by xid, seq`,
        );
        return rows;
      };
      assert.deepEqual(
        (await outbox()).map(({ type }) => type),
        ['first', 'second', 'third', 'last'],
      );
      // The horizon is the cluster's: a transaction of another test's database may hold it for a moment.
      for (let tried = 0; !(await outbox()).every(({ ready }) => ready); tried++) {
        assert.ok(tried < 500, 'an event waits for a transaction that will never end');
        await sleep(20);
      }
    });
  },
);

test(
  'a backup that was cut short, altered or is none is refused, and nothing is left in the database',
  limit,
  async (t) => {
    const house = await testHouse(t);
    const folder = folderOf(t);
    const file = join(folder, 'tradeai.backup');
    await backUp(house.url, file, systemClock, quiet);
    const whole = readFileSync(file);
    const text = gunzipSync(whole);
    const altered = Buffer.from(text);
    altered.write('X', altered.indexOf('alpha'));
    const shorter = Buffer.concat([text.subarray(0, text.lastIndexOf('T')), Buffer.alloc(0)]);
    const bad = {
      cut: whole.subarray(0, whole.length - 20),
      altered: gzipSync(altered),
      shorter: gzipSync(shorter),
      none: text,
    };
    const target = await emptyDatabase(t);
    for (const [name, bytes] of Object.entries(bad)) {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      await assert.rejects(
        restore(path, parts(target)),
        { name: 'BackupFileError', message: /cut short or altered/ },
        name,
      );
      assert.deepEqual(await leftIn(target), [], name);
    }
  },
);

test('a restore that fails half way leaves an empty database, into which the next one goes', limit, async (t) => {
  const house = await testHouse(t);
  const file = join(folderOf(t), 'tradeai.backup');
  // Two tenants of one slug: the index that forbids it is missing in the source only.
  await asOwner(house.url, async (client) => {
    await client.query(`alter table identity.tenant drop constraint tenant_slug_key`);
    await client.query(`update identity.tenant set slug = 'same'`);
  });
  await backUp(house.url, file, systemClock, quiet);
  const target = await emptyDatabase(t);
  await assert.rejects(restore(file, parts(target)), /duplicate key/);
  assert.deepEqual(await leftIn(target), []);
  await asOwner(house.url, (client) => client.query('update identity.tenant set slug = id::text'));
  await backUp(house.url, file, systemClock, quiet);
  assert.equal((await restore(file, parts(target))).rows, 2);
});

test('a database that holds anything is refused and stays as it is', limit, async (t) => {
  const house = await testHouse(t);
  const file = join(folderOf(t), 'tradeai.backup');
  await backUp(house.url, file, systemClock, quiet);
  const before = await contents(house.url);
  await assert.rejects(restore(file, parts(house.url)), { name: 'BackupFileError', message: /not empty/ });
  assert.deepEqual(await contents(house.url), before);
  const foreign = await emptyDatabase(t);
  await asOwner(foreign, (client) => client.query('create table someone_elses (id int)'));
  await assert.rejects(restore(file, parts(foreign)), { name: 'BackupFileError', message: /not empty/ });
});

test('a backup with a migration that this release does not have as it ran is refused by its name', limit, async (t) => {
  const house = await testHouse(t);
  const file = join(folderOf(t), 'tradeai.backup');
  const target = await emptyDatabase(t);
  await asOwner(house.url, (client) =>
    client.query(`update platform.migration set sha256 = 'other' where module = 'funds'`),
  );
  await backUp(house.url, file, systemClock, quiet);
  await assert.rejects(restore(file, parts(target)), {
    message: /has another text of the migration funds\/0001-fund.sql/,
  });
  await asOwner(house.url, (client) =>
    client.query(`update platform.migration set name = '0099-later.sql' where module = 'funds' and name like '0001-%'`),
  );
  await backUp(house.url, file, systemClock, quiet);
  await assert.rejects(restore(file, parts(target)), { message: /does not know the migration funds\/0099-later.sql/ });
  assert.deepEqual(await leftIn(target), []);
});

test('a restore counts the audit entries that do not verify under its secret key', limit, async (t) => {
  const { url, file } = await backedUp(t);
  // As another key would have made them; a real one would change the passwords of the roles that all tests share.
  await asOwner(url, (client) => client.query('update audit.entry set mac = sha256(mac)'));
  await backUp(url, file, systemClock, quiet);
  const { audit } = await restore(file, parts(await emptyDatabase(t)));
  assert.ok(audit.entries > 10);
  assert.equal(audit.bad, audit.entries);
});

test('a backup is readable by its owner alone, holds no secret key and leaves no draft', limit, async (t) => {
  const house = await testHouse(t);
  const folder = folderOf(t);
  const file = join(folder, 'tradeai.backup');
  await backUp(house.url, file, systemClock, quiet);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(gunzipSync(readFileSync(file)).indexOf(testSecretKey), -1);
  await assert.rejects(backUp(house.url, join(folder, 'missing', 'x'), systemClock, quiet), {
    name: 'BackupFileError',
  });
  await assert.rejects(backUp(await emptyDatabase(t), join(folder, 'empty'), systemClock, quiet), {
    message: /is empty/,
  });
  assert.deepEqual(readdirSync(folder), ['tradeai.backup']);
});
