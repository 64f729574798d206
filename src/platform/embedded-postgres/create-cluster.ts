import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Account, commandUnder } from './account.ts';
import type { Installation } from './binaries.ts';
import type { ClusterPlace } from './cluster-place.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { settingsFile } from './settings.ts';

/** The cluster's first role (a superuser) and the database of the product. */
export const superuser = 'postgres';
export const productDatabase = 'tradeai';

const passwordFile = 'postgres-password';
const passwordBytes = 24;
/** The first release whose server sorts and folds UTF-8 itself, the same on every machine. */
const builtinLocaleMajor = 17;

/** The superuser's password, made at first use and kept 0600 in the data folder. */
export function clusterPassword(dataDir: string, clusterExists: boolean): string {
  const file = join(dataDir, passwordFile);
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  if (clusterExists) throw new EmbeddedPostgresError(`The database's password file ${file} is missing.`);
  const password = randomBytes(passwordBytes).toString('base64url');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

/** Refuses a cluster that another major release of PostgreSQL made. */
export function checkVersion(cluster: string, installation: Installation): void {
  const made = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (Number(made) !== installation.major) {
    throw new EmbeddedPostgresError(
      `The database at ${cluster} was made by PostgreSQL ${made}; this is ${installation.major}.`,
    );
  }
}

/**
 * Makes the cluster (UTF-8, code point order, passwords by SCRAM) with the product's database in it, all or nothing:
 * in a draft folder that is renamed at the end. `durable: false` skips the flushing, for throw-away clusters.
 */
export async function createCluster(
  place: ClusterPlace,
  from: Installation,
  password: string,
  durable: boolean,
): Promise<void> {
  const name = basename(place.cluster);
  for (const left of readdirSync(place.home).filter((entry) => entry.startsWith(`${name}.new-`))) {
    rmSync(join(place.home, left), { recursive: true, force: true });
  }
  const draft = mkdtempSync(join(place.home, `${name}.new-`));
  const pwfile = `${draft}.password`;
  try {
    writeFileSync(pwfile, password, { mode: 0o600 });
    if (place.account.kind === 'other') {
      for (const path of [draft, pwfile]) chownSync(path, place.account.uid, place.account.gid);
    }
    await initialise(place.account, from, draft, pwfile, durable);
    renameSync(draft, place.cluster);
  } finally {
    for (const path of [draft, pwfile]) rmSync(path, { recursive: true, force: true });
  }
}

async function initialise(
  account: Account,
  from: Installation,
  draft: string,
  pwfile: string,
  durable: boolean,
): Promise<void> {
  const locale =
    from.major >= builtinLocaleMajor
      ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
      : ['--locale=C', '--lc-ctype=C.UTF-8'];
  const bin = (program: string): string => join(from.folder, 'bin', program);
  const access = ['--auth=scram-sha-256', `--pwfile=${pwfile}`, `--username=${superuser}`];
  const flushing = durable ? [] : ['--no-sync'];
  await runToEnd(account, bin('initdb'), ['-D', draft, '--encoding=UTF8', ...locale, ...access, ...flushing], '');
  const conf = join(draft, 'postgresql.conf');
  writeFileSync(conf, `${readFileSync(conf, 'utf8')}\ninclude_if_exists = '${settingsFile}'\n`);
  const settings = durable ? [] : ['-c', 'fsync=off'];
  await runToEnd(
    account,
    bin('postgres'),
    ['--single', ...settings, '-D', draft, superuser],
    `CREATE DATABASE ${productDatabase}\n`,
  );
}

async function runToEnd(account: Account, file: string, args: string[], input: string): Promise<void> {
  const command = commandUnder(account, file, args, 'KILL');
  const child = spawn(command.file, command.args, { ...command.spawnOptions, stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.on('error', () => undefined); // It ended early: its exit code and stderr say why.
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [code, errors] = await Promise.all([ended, text(child.stderr)]);
  if (code !== 0 || /ERROR|FATAL|PANIC/.test(errors)) {
    throw new EmbeddedPostgresError(
      `${basename(file)} could not make the database in ${dirname(args.at(-1) ?? '')}: ${errors.trim()}`,
    );
  }
}
