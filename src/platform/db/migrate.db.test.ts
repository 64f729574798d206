import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { testSecretKey } from '../../../test/house.ts';
import { createDatabaseFromTemplate } from '../../../test/postgres/index.ts';
import { MigrationError, type MigrationSource, migrate } from './index.ts';

const limit = { timeout: 180_000 };

/** An empty database and a folder of migrations to play with. */
async function workshop(t: TestContext) {
  const { url, drop } = await createDatabaseFromTemplate();
  const folder = mkdtempSync(join(tmpdir(), 'tradeai-migrations-'));
  t.after(async () => {
    rmSync(folder, { recursive: true });
    await drop();
  });
  const write = (file: string, sql: string) => {
    const [module] = file.split('/');
    mkdirSync(join(folder, module ?? ''), { recursive: true });
    writeFileSync(join(folder, file), sql);
  };
  const sources = (...modules: string[]): MigrationSource[] =>
    modules.map((module) => ({ module, folder: pathToFileURL(`${join(folder, module)}/`) }));
  const query = async (sql: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  return { write, query, run: (...modules: string[]) => migrate(url, testSecretKey, sources(...modules)) };
}

test('migrations run once each, in the order of modules and then of names', limit, async (t) => {
  const { write, run, query } = await workshop(t);
  write('first/0001-a.sql', 'create table step (n serial, name text)');
  write('second/0001-c.sql', "insert into step (name) values ('second 1')");
  write('first/0002-b.sql', "insert into step (name) values ('first 2')");
  write('first/notes.txt', 'not a migration');
  assert.deepEqual(await run('first', 'second'), ['first/0001-a.sql', 'first/0002-b.sql', 'second/0001-c.sql']);
  write('first/0003-d.sql', "insert into step (name) values ('first 3')");
  assert.deepEqual(await run('first', 'second'), ['first/0003-d.sql']);
  assert.deepEqual(await run('first', 'second'), []);
  const names = await query('select name from step order by n');
  assert.deepEqual(
    names.map(({ name }) => name),
    ['first 2', 'second 1', 'first 3'],
  );
});

test('a migration that was edited after it had been applied is refused, and nothing further runs', limit, async (t) => {
  const { write, run, query } = await workshop(t);
  write('first/0001-a.sql', 'create table kept (n int)');
  await run('first');
  write('first/0001-a.sql', 'create table kept (n int, edited int)');
  write('first/0002-b.sql', 'create table never (n int)');
  await assert.rejects(run('first'), (error: Error) => {
    assert.ok(error instanceof MigrationError);
    assert.match(error.message, /first\/0001-a\.sql was edited/);
    return true;
  });
  assert.deepEqual(await query("select to_regclass('never') as never"), [{ never: null }]);
});

test('a migration that fails leaves nothing of itself and says which one it was', limit, async (t) => {
  const { write, run, query } = await workshop(t);
  write('first/0001-a.sql', 'create table whole (n int)');
  write('first/0002-b.sql', 'create table half (n int); select 1 / 0');
  await assert.rejects(run('first'), /first\/0002-b\.sql failed: division by zero/);
  const left = "select to_regclass('whole')::text as whole, to_regclass('half') as half";
  assert.deepEqual(await query(left), [{ whole: 'whole', half: null }]);
  write('first/0002-b.sql', 'create table half (n int)');
  assert.deepEqual(await run('first'), ['first/0002-b.sql']);
});

test('two servers that start at once apply every migration once between them', limit, async (t) => {
  const { write, run, query } = await workshop(t);
  write('first/0001-a.sql', 'create table once (n int); select pg_sleep(0.2); insert into once values (1)');
  write('first/0002-b.sql', 'insert into once values (2)');
  const applied = await Promise.all([run('first'), run('first'), run('first')]);
  assert.deepEqual(applied.flat().sort(), ['first/0001-a.sql', 'first/0002-b.sql']);
  assert.deepEqual(await query('select n from once order by n'), [{ n: 1 }, { n: 2 }]);
});

test('row-level security is forced after every migration, and again where somebody took that off', limit, async (t) => {
  const { write, run, query } = await workshop(t);
  write(
    'first/0001-a.sql',
    `create table kept (n int); alter table kept enable row level security; create policy all_rows on kept using (true);
    create table bare (n int); alter table bare enable row level security`,
  );
  const forced = async () => {
    const found = await query(
      "select relforcerowsecurity as forced from pg_class where relname in ('kept', 'bare') order by relname desc",
    );
    return found.map((table) => table.forced);
  };
  await run('first');
  assert.deepEqual(await forced(), [true, false], 'a table without a policy is its owner’s');
  await query('alter table kept no force row level security');
  await run('first');
  assert.deepEqual(await forced(), [true, false], 'a table without a policy is its owner’s');
});
