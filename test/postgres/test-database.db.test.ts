import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import pg from 'pg';
import {
  createDatabaseFromTemplate,
  dropDatabase,
  ensureTemplate,
  type TestDatabase,
  testServerUrl,
  urlVariable,
} from './index.ts';

const limit = { timeout: 180_000 };

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const template = `template_test_${process.pid}`;
const prepare = async (url: string): Promise<void> => {
  await query(url, 'CREATE TABLE seed (n int); INSERT INTO seed VALUES (7)');
};

test('databases cloned at once from one template each hold its rows and none of the others’', limit, async () => {
  await ensureTemplate(template, prepare);
  const databases = await Promise.all([1, 2, 3, 4].map(() => createDatabaseFromTemplate(template)));
  const rowsOf = async (database: TestDatabase, index: number): Promise<unknown[]> => {
    await query(database.url, `INSERT INTO seed VALUES (${index})`);
    return (await query(database.url, 'SELECT n FROM seed')).map((row) => row.n);
  };
  assert.deepEqual(await Promise.all(databases.map(rowsOf)), [
    [7, 0],
    [7, 1],
    [7, 2],
    [7, 3],
  ]);
  const left = new pg.Client({ connectionString: databases[0]?.url });
  left.on('error', () => undefined);
  await left.connect();
  await Promise.all(databases.map((database) => database.drop()));
  const names = databases.map((database) => `'${database.name}'`).join(', ');
  assert.deepEqual(
    await query(await testServerUrl(), `SELECT datname FROM pg_database WHERE datname IN (${names})`),
    [],
  );
});

test('a template is prepared once, however many processes ask for it, and again after a failure', limit, async () => {
  const name = `${template}_once`;
  await assert.rejects(
    ensureTemplate(name, async (url) => {
      await query(url, 'CREATE TABLE half (n int)');
      throw new Error('broken migration');
    }),
    /broken migration/,
  );
  const script = `import { ensureTemplate } from ${JSON.stringify(import.meta.resolve('./index.ts'))};
    await ensureTemplate('${name}', async () => console.log('prepared'));`;
  const run = (): Promise<{ stdout: string }> =>
    testServerUrl().then((url) =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, [urlVariable]: url },
      }),
    );
  const outputs = await Promise.all([run(), run(), run()]);
  assert.deepEqual(outputs.map((output) => output.stdout).join(''), 'prepared\n');
  const clone = await createDatabaseFromTemplate(name);
  assert.deepEqual(await query(clone.url, "SELECT to_regclass('half') AS half"), [{ half: null }]);
  await clone.drop();
  for (const made of [name, template]) await dropDatabase(made);
});
