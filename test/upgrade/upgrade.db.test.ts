import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { migrate, openDatabase } from '#db';
import { setAuditSecret, verifyAudit } from '#security';
import { migrationSources } from '../../src/apps/migration-sources.ts';
import { callOver, serveChild, signIn } from '../faults/served.ts';
import { testHouse, testSecretKey } from '../house.ts';
import { isolationFindings } from '../isolation/isolation-findings.ts';
import { createDatabaseFromTemplate, databaseUrl } from '../postgres/index.ts';

const limit = { timeout: 360_000 };
const password = 'correct horse battery';
const kept = readdirSync(new URL('./', import.meta.url)).filter((name) => name.endsWith('.sql.gz'));

async function connect(t: TestContext, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  t.after(() => client.end().catch(() => undefined));
  return client;
}

/** A database as a kept release left it. */
async function restored(t: TestContext, name: string) {
  // Makes the roles, which belong to the server and not to the dump.
  await testHouse(t);
  const database = await createDatabaseFromTemplate();
  t.after(() => database.drop());
  const owner = await connect(t, database.url);
  await owner.query(gunzipSync(readFileSync(new URL(name, import.meta.url))).toString());
  await owner.query(`grant connect, temporary on database ${database.name} to tradeai_app, tradeai_system;
    grant create on database ${database.name} to tradeai_system`);
  // A dump sets the search path of its session to nothing.
  await owner.end();
  return { url: database.url, owner: await connect(t, database.url) };
}

/** Gives a database to an account that is no superuser and bypasses nothing; answers its address. */
async function handedOver(t: TestContext, { url, owner }: { url: string; owner: pg.Client }): Promise<string> {
  const role = `plain_${process.pid}`;
  const address = new URL(url);
  await owner.query(`create role ${role} login createrole password 'plain'`);
  // By then its database is gone.
  t.after(async () => {
    const server = new pg.Client({ connectionString: databaseUrl(url, 'postgres') });
    await server.connect();
    await server.query(`drop role ${role}`);
    await server.end();
  });
  await owner.query(`grant tradeai_app, tradeai_system to ${role} with admin option;
    alter database ${address.pathname.slice(1)} owner to ${role};
    do $$ declare one record; begin
      for one in select format('alter schema %I owner to ${role}', nspname) as order from pg_namespace
        where nspname not like 'pg\\_%' and nspname <> 'information_schema' and nspname not like 'graphile%'
      loop execute one.order; end loop;
      for one in select format('alter table %s owner to ${role}', pg_class.oid::regclass) as order from pg_class
        join pg_namespace on pg_namespace.oid = relnamespace and nspowner = '${role}'::regrole where relkind in ('r', 'p', 'v')
      loop execute one.order; end loop;
      for one in select format('alter routine %s owner to ${role}', pg_proc.oid::regprocedure) as order from pg_proc
        join pg_namespace on pg_namespace.oid = pronamespace and nspowner = '${role}'::regrole
      loop execute one.order; end loop;
    end $$`);
  [address.username, address.password] = [role, 'plain'];
  return address.href;
}

test('a release is kept to upgrade from', () => assert.ok(kept.length > 0));

for (const name of kept) {
  test(
    `what ${name} left is migrated to the present: isolated, audited, readable, and work goes on`,
    limit,
    async (t) => {
      const { url, owner } = await restored(t, name);
      const { rows: before } = await owner.query(
        'select code, state, planned_spend from promotions.promotion order by code',
      );
      assert.equal(before.length, 2);

      await migrate(url, testSecretKey, migrationSources);
      assert.deepEqual(await migrate(url, testSecretKey, migrationSources), [], 'nothing is left to do');
      const fresh = await owner.query('select count(*)::int as n from platform.migration');
      const files = migrationSources.flatMap(({ folder }) =>
        readdirSync(folder).filter((file) => file.endsWith('.sql')),
      );
      assert.equal(fresh.rows[0].n, files.length, 'every migration is recorded once');
      assert.deepEqual(await isolationFindings(owner), []);

      setAuditSecret(testSecretKey);
      const db = openDatabase(url, testSecretKey, () => undefined);
      const { rows: tenants } = await owner.query<{ id: string }>('select id from identity.tenant');
      const { entries, bad } = await verifyAudit(db, tenants[0]?.id ?? '');
      await db.close();
      assert.ok(entries > 10, `${entries} audit entries`);
      assert.deepEqual(bad, []);

      const served = await serveChild({ TRADEAI_DATABASE_URL: url, TRADEAI_SECRET_KEY: testSecretKey });
      t.after(() => served.stop());
      const { rows: clear } = await owner.query(
        'select email from identity.person where email is not null or name is not null or email_sealed is null',
      );
      assert.deepEqual(clear, [], 'names and e-mails were sealed at the start');
      await owner.query('alter table identity.person validate constraint person_sealed');
      const finance = callOver(served.url, await signIn(served.url, 'finance@maker.example', password));
      const listed = (await finance('GET', '/promotions?sort=code')).body.items;
      assert.deepEqual(
        listed.map((one: { code: string }) => one.code).sort(),
        before.map(({ code }) => code),
      );
      const [task] = (await finance('GET', '/tasks?mine=true')).body.items;
      const decided = await finance('POST', `/tasks/${task.id}/complete`, {
        outcome: 'approved',
        comment: 'still here',
      });
      assert.equal(decided.status, 200, JSON.stringify(decided.body));
      assert.equal((await finance('GET', `/promotions/${task.subjectId}`)).body.state, 'approved');
    },
  );

  test(`an owner whom row-level security holds back fills from ${name} what a superuser fills`, limit, async (t) => {
    const [bySuperuser, byPlain] = [await restored(t, name), await restored(t, name)];
    await migrate(bySuperuser.url, testSecretKey, migrationSources);
    const plainUrl = await handedOver(t, byPlain);
    await migrate(plainUrl, testSecretKey, migrationSources);
    const counted = (client: pg.Client) =>
      client.query(`select (select count(*) from master_data.tree_place) as places, (select count(*) from funds.balance) as balances,
        (select count(*) from funds.standing) as standings, (select count(*) from promotions.plan_record) as plans`);
    const [expected] = (await counted(bySuperuser.owner)).rows;
    assert.ok(
      Object.values(expected ?? {}).every((count) => Number(count) > 0),
      JSON.stringify(expected),
    );
    assert.deepEqual((await counted(byPlain.owner)).rows[0], expected);
    assert.deepEqual(await isolationFindings(byPlain.owner), []);
  });

  test(`a migration that was edited after ${name} is refused by name, and nothing is changed`, limit, async (t) => {
    const { url, owner } = await restored(t, name);
    const folder = mkdtempSync(join(tmpdir(), 'tradeai-migrations-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const funds = migrationSources.find(({ module }) => module === 'funds');
    assert.ok(funds);
    cpSync(funds.folder, folder, { recursive: true });
    appendFileSync(join(folder, '0001-fund.sql'), '\nalter table funds.fund add column edited text;\n');
    const edited = { module: 'funds', folder: pathToFileURL(`${folder}/`) };
    const sources = migrationSources.map((source) => (source.module === 'funds' ? edited : source));
    await assert.rejects(migrate(url, testSecretKey, sources), {
      name: 'MigrationError',
      message: /^The migration funds\/0001-fund\.sql was edited after it had been applied/,
    });
    const { rows } = await owner.query(`select from information_schema.columns where column_name = 'edited'`);
    assert.equal(rows.length, 0);
  });
}
