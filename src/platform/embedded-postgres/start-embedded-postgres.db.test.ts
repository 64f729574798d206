import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  closedFolder,
  type HeldPostgres,
  holdPostgres,
  processesAbout,
  runs,
  startHolder,
  sweepAway,
  until,
} from '../../../test/postgres/held-postgres.ts';
import { connectionOfRunning, DataFolderInUseError, EmbeddedPostgresError, startEmbeddedPostgres } from './index.ts';

const limit = { timeout: 180_000 };
const log = { info: () => undefined, warn: () => undefined };
const folder = closedFolder();
let folders = 0;

function freshDataDir(): string {
  folders += 1;
  return join(folder, String(folders));
}

const seed = freshDataDir();
before(async () => (await startEmbeddedPostgres({ dataDir: seed, log, durable: false })).stop());

/** A data folder whose database was made before, stopped. */
function usedDataDir(): string {
  const dataDir = freshDataDir();
  execFileSync('cp', ['-a', seed, dataDir]);
  return dataDir;
}

after(() => sweepAway(folder));

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

const commitRow = (url: string): Promise<unknown> =>
  query(url, 'CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (42)');

const killAll = (held: HeldPostgres): void => {
  const pids = [held.serverPid, held.watchdogPid, held.pid];
  // Stopped first: none may see another's end before its own.
  for (const signal of ['SIGSTOP', 'SIGKILL']) for (const pid of pids) process.kill(pid, signal);
};

async function rowsAfterRestart(dataDir: string): Promise<unknown[]> {
  const postgres = await startEmbeddedPostgres({ dataDir, log });
  try {
    return (await query(postgres.url, 'SELECT n FROM kept')).map((row) => row.n);
  } finally {
    await postgres.stop();
  }
}

test(
  'a first start makes the database, closed to whoever lacks the password, and a stop leaves no process',
  limit,
  async () => {
    const dataDir = freshDataDir();
    const postgres = await startEmbeddedPostgres({ dataDir, log });
    await commitRow(postgres.url);
    const stranger = new URL(postgres.url);
    stranger.password = 'guess';
    await assert.rejects(query(stranger.href, 'SELECT 1'), /password authentication failed/);
    for (const secret of ['postgres-password', 'owner.json'])
      assert.equal(statSync(join(dataDir, secret)).mode & 0o777, 0o600);
    assert.equal(new URL(postgres.url).hostname, '127.0.0.1');
    const [about] = await query(postgres.url, 'SHOW listen_addresses');
    assert.equal(about?.listen_addresses, '127.0.0.1');
    const [text] = await query(
      postgres.url,
      "SELECT lower('ÄÖ') AS folded, 'a' < 'B' AS by_language, pg_encoding_to_char(encoding) AS encoding FROM pg_database WHERE datname = current_database()",
    );
    assert.deepEqual(text, { folded: 'äö', by_language: false, encoding: 'UTF8' });
    await postgres.stop();
    assert.deepEqual(processesAbout(dataDir), []);
    assert.equal(connectionOfRunning(dataDir), null);
    assert.deepEqual(await rowsAfterRestart(dataDir), [42]);
  },
);

test('a second start on the same data folder is refused and names the process that owns it', limit, async () => {
  const dataDir = usedDataDir();
  const held = await holdPostgres({ dataDir });
  await assert.rejects(startEmbeddedPostgres({ dataDir, log }), (error) => {
    assert.ok(error instanceof DataFolderInUseError);
    assert.equal(error.pid, held.serverPid);
    return true;
  });
  assert.deepEqual(await query(held.url, 'SELECT 1 AS answer'), [{ answer: 1 }]);
  held.child.kill('SIGINT');
  assert.deepEqual(await held.nextLine(), { drained: 1 });
});

test('of two starts at once on a new data folder exactly one gets it', limit, async () => {
  const dataDir = freshDataDir();
  const starts = await Promise.allSettled([1, 2].map(() => startEmbeddedPostgres({ dataDir, log })));
  const won = starts.filter((start) => start.status === 'fulfilled');
  const lost = starts.filter((start) => start.status === 'rejected');
  await Promise.all(won.map((start) => start.value.stop()));
  assert.equal(won.length, 1);
  assert.ok(lost[0]?.reason instanceof DataFolderInUseError);
});

test('a command beside a running server gets the address of its database', limit, async () => {
  const dataDir = usedDataDir();
  const held = await holdPostgres({ dataDir });
  const url = connectionOfRunning(dataDir);
  assert.equal(url, held.url);
  assert.deepEqual(await query(url, 'SELECT 1 AS answer'), [{ answer: 1 }]);
  process.kill(held.serverPid, 'SIGKILL');
  await until('the server is gone', () => !runs(held.serverPid));
  assert.equal(connectionOfRunning(dataDir), null);
});

test('a server killed with -9 leaves no process behind and loses no committed row', limit, async () => {
  const dataDir = usedDataDir();
  const held = await holdPostgres({ dataDir });
  await commitRow(held.url);
  process.kill(held.serverPid, 'SIGKILL');
  await until('nothing of it runs', () => processesAbout(dataDir).length === 0);
  assert.deepEqual(await rowsAfterRestart(dataDir), [42]);
});

test('a server can start again at once after it was killed with -9', limit, async () => {
  const dataDir = usedDataDir();
  const held = await holdPostgres({ dataDir });
  await commitRow(held.url);
  process.kill(held.serverPid, 'SIGKILL');
  await until('the server is gone', () => !runs(held.serverPid));
  assert.deepEqual(await rowsAfterRestart(dataDir), [42]);
});

test('server, watchdog and PostgreSQL killed with -9 together lose no committed row', limit, async () => {
  const dataDir = usedDataDir();
  const held = await holdPostgres({ dataDir });
  await commitRow(held.url);
  killAll(held);
  await until('the server is gone', () => !runs(held.serverPid));
  assert.deepEqual(await rowsAfterRestart(dataDir), [42]);
});

test('a watchdog killed with -9 takes the database down in order, and the server is told', limit, async () => {
  const dataDir = usedDataDir();
  const held = await holdPostgres({ dataDir });
  await commitRow(held.url);
  process.kill(held.watchdogPid, 'SIGKILL');
  assert.deepEqual(await held.nextLine(), { lost: 'lost its watchdog (SIGKILL)' });
  assert.deepEqual(processesAbout(join(dataDir, 'postgres')), []);
  assert.deepEqual(await rowsAfterRestart(dataDir), [42]);
  assert.doesNotMatch(readFileSync(join(dataDir, 'postgres.log'), 'utf8'), /not properly shut down/);
});

test('server and watchdog killed with -9 together leave no database running', limit, async () => {
  const dataDir = usedDataDir();
  const held = await holdPostgres({ dataDir });
  for (const pid of [held.serverPid, held.watchdogPid]) process.kill(pid, 'SIGKILL');
  await until('nothing of it runs', () => processesAbout(dataDir).length === 0);
});

test(
  'a database left running where the kernel cannot be asked to stop it is ended by the next start',
  limit,
  async () => {
    const dataDir = usedDataDir();
    const bin = join(folder, 'bin-without-setpriv');
    mkdirSync(bin);
    for (const tool of ['unshare', 'true']) symlinkSync(join('/usr/bin', tool), join(bin, tool));
    const held = await holdPostgres({ dataDir }, { env: { PATH: bin } });
    await commitRow(held.url);
    // Stopped first: between the two kills it would see its server end and do its work.
    process.kill(held.watchdogPid, 'SIGSTOP');
    for (const pid of [held.serverPid, held.watchdogPid]) process.kill(pid, 'SIGKILL');
    await until('the server is gone', () => !runs(held.serverPid) && !runs(held.watchdogPid));
    assert.equal(runs(held.pid), true);
    assert.deepEqual(await rowsAfterRestart(dataDir), [42]);
    assert.equal(runs(held.pid), false);
  },
);

test('signals to the watchdog do not stop the database before its server', limit, async () => {
  const held = await holdPostgres({ dataDir: usedDataDir() });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.kill(held.watchdogPid, name);
  held.child.kill('SIGINT');
  assert.deepEqual(await held.nextLine(), { drained: 1 });
});

test('Ctrl-C in the terminal leaves the database up until the server has drained', limit, async () => {
  const held = await holdPostgres({ dataDir: usedDataDir() });
  process.kill(-held.serverPid, 'SIGINT');
  assert.deepEqual(await held.nextLine(), { drained: 1 });
  await until('the watchdog is gone', () => !runs(held.watchdogPid) && !runs(held.pid));
});

test('a stop does not wait for clients that hold transactions open', limit, async () => {
  const postgres = await startEmbeddedPostgres({ dataDir: usedDataDir(), log });
  const client = new pg.Client({ connectionString: postgres.url });
  const cutOff = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  await client.query('BEGIN; CREATE TABLE half (n int)');
  await postgres.stop();
  await cutOff;
  assert.deepEqual(await postgres.ended, { expected: true, how: 'ended with exit code 0' });
});

test('a first start killed at any moment leaves nothing that stops the next one', limit, async () => {
  const dataDir = freshDataDir();
  for (const moment of [150, 400, 650]) {
    const child = startHolder({ dataDir });
    await sleep(moment);
    child.kill('SIGKILL');
    await until('the server is gone', () => !runs(child.pid ?? 0));
  }
  const postgres = await startEmbeddedPostgres({ dataDir, log });
  await commitRow(postgres.url);
  await postgres.stop();
  assert.deepEqual(await rowsAfterRestart(dataDir), [42]);
});

test(
  'a pid in a killed database’s lock file that belongs to a stranger by now does not stop the next start',
  limit,
  async () => {
    const dataDir = usedDataDir();
    const held = await holdPostgres({ dataDir });
    await commitRow(held.url);
    killAll(held);
    await until('PostgreSQL is gone', () => processesAbout(join(dataDir, 'postgres')).length === 0);
    const lockFile = join(dataDir, 'postgres', 'postmaster.pid');
    writeFileSync(lockFile, readFileSync(lockFile, 'utf8').replace(/^\d+/, String(process.pid)));
    assert.deepEqual(await rowsAfterRestart(dataDir), [42]);
  },
);

test(
  'a database of another major release, or without its password, is refused in one line and left alone',
  limit,
  async () => {
    const dataDir = usedDataDir();
    await (await startEmbeddedPostgres({ dataDir, log })).stop();
    const version = join(dataDir, 'postgres', 'PG_VERSION');
    const made = readFileSync(version, 'utf8');
    writeFileSync(version, '12\n');
    await assert.rejects(startEmbeddedPostgres({ dataDir, log }), /was made by PostgreSQL 12/);
    writeFileSync(version, made);
    rmSync(join(dataDir, 'postgres-password'));
    await assert.rejects(startEmbeddedPostgres({ dataDir, log }), EmbeddedPostgresError);
    assert.equal(existsSync(join(dataDir, 'postgres-password')), false);
  },
);

test('settings that PostgreSQL refuses are told with what it said', limit, async () => {
  const start = startEmbeddedPostgres({ dataDir: usedDataDir(), log, settings: { max_connections: 'many' } });
  await assert.rejects(start, /invalid value for parameter "max_connections"/);
});
