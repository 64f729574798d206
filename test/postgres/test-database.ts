import pg from 'pg';
import { testServerUrl } from './test-cluster.ts';

/** A database for one test file. */
export interface TestDatabase {
  name: string;
  /** Superuser address of this database. */
  url: string;
  /** Drops it, ending connections that are still open. */
  drop(): Promise<void>;
}

/** Any number: the key of the advisory lock under which templates are made. */
const templateLock = 7_241_903;

let made = 0;

/** A new database, empty or cloned from `template`; safe to call from many processes at once. */
export async function createDatabaseFromTemplate(template = 'template0'): Promise<TestDatabase> {
  made += 1;
  const name = `test_${process.pid}_${made}`;
  await onServer(async (client) => {
    // A killed run on a lasting server may have left one under a pid that came again.
    await client.query(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`);
    // file_copy: 18 ms for 150 tables where the default strategy takes 150 ms (no flushing, in memory).
    await client.query(`CREATE DATABASE ${quoted(name)} TEMPLATE ${quoted(template)} STRATEGY file_copy`);
  });
  return { name, url: databaseUrl(await testServerUrl(), name), drop: () => dropDatabase(name) };
}

/** Drops a database, ending connections that are still open. */
export async function dropDatabase(name: string): Promise<void> {
  await onServer((client) => client.query(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`));
}

/**
 * Makes the database `name` once per server, whichever process comes first: `prepare` fills it, and nobody sees it
 * before it is whole. On a lasting server (TRADEAI_TEST_DATABASE_URL) the name should say what is in it (a hash).
 */
export async function ensureTemplate(name: string, prepare: (url: string) => Promise<void>): Promise<void> {
  const draft = `${name}_draft`;
  await onServer(async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [templateLock]);
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount) return;
    await client.query(`DROP DATABASE IF EXISTS ${quoted(draft)} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${quoted(draft)} TEMPLATE template0`);
    await prepare(databaseUrl(await testServerUrl(), draft));
    await client.query(`ALTER DATABASE ${quoted(draft)} RENAME TO ${quoted(name)}`);
    // A session in a template would make every cloning fail.
    await client.query(`ALTER DATABASE ${quoted(name)} WITH ALLOW_CONNECTIONS false`);
  });
}

/** The same server and account, another database. */
export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

const quoted = (name: string): string => pg.escapeIdentifier(name);

async function onServer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: await testServerUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
