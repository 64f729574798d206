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
import { createDatabaseFromTemplate } from '../postgres/index.ts';

const limit = { timeout: 120_000 };
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
