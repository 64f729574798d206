import { spawnSync } from 'node:child_process';
import { readFileSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedPostgresError } from './errors.ts';
import type { Command } from './watchdog-order.ts';

/**
 * Whom PostgreSQL runs as, since it refuses root: the caller; root seen as another user inside a user namespace
 * (files stay root's, so it works under a 0700 home); or, where namespaces are forbidden, another account.
 */
export type Account = { kind: 'caller' } | NamespaceAccount | OtherAccount;

/** Root, seen as `uid` inside a user namespace. */
export interface NamespaceAccount {
  kind: 'namespace';
  uid: number;
  gid: number;
}

/** Another account, that root steps down to. */
export interface OtherAccount {
  kind: 'other';
  uid: number;
  gid: number;
}

/** What root does: `auto` tries a user namespace first. */
export type WhenRoot = 'auto' | 'namespace' | 'other-account';

/** initdb looks its user up by name, so the account must be one that the machine knows; likeliest first. */
const preferredNames = ['postgres', 'nobody'];

function unprivilegedAccount(): { uid: number; gid: number } {
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => Number(fields[2]) > 0)
    .map((fields) => ({ name: fields[0] ?? '', uid: Number(fields[2]), gid: Number(fields[3]) }));
  const preferred = preferredNames.map((name) => accounts.find((account) => account.name === name));
  const chosen = preferred.find((account) => account !== undefined) ?? accounts[0];
  if (!chosen)
    throw new EmbeddedPostgresError('PostgreSQL does not run as root, and /etc/passwd names no other account.');
  return chosen;
}

function succeeds(file: string, args: string[]): boolean {
  return spawnSync(file, args, { stdio: 'ignore' }).status === 0;
}

const namespaceArgs = (account: { uid: number; gid: number }): string[] => [
  '--user',
  `--map-user=${account.uid}`,
  `--map-group=${account.gid}`,
];

/** Picks the account for a cluster; `cluster` is its directory's state, undefined where there is none yet. */
export function chooseAccount(cluster: Stats | undefined, whenRoot: WhenRoot): Account {
  const caller = process.geteuid?.() ?? 0;
  if (caller !== 0) {
    if (cluster && cluster.uid !== caller) {
      throw new EmbeddedPostgresError(
        `The data folder belongs to user ${cluster.uid}, this process runs as ${caller}.`,
      );
    }
    return { kind: 'caller' };
  }
  // Files of another account are out of reach inside a namespace that maps root alone.
  if (cluster && cluster.uid !== 0) return { kind: 'other', uid: cluster.uid, gid: cluster.gid };
  const other = unprivilegedAccount();
  if (whenRoot === 'other-account') return { kind: 'other', ...other };
  if (succeeds('unshare', [...namespaceArgs(other), 'true'])) return { kind: 'namespace', ...other };
  if (whenRoot === 'namespace') throw new EmbeddedPostgresError('User namespaces are forbidden on this machine.');
  return { kind: 'other', ...other };
}

/**
 * The command that runs `file` under `account`. Where util-linux is there, the kernel sends `onParentDeath` when the
 * parent dies, so that a killed watchdog leaves no database behind.
 */
export function commandUnder(account: Account, file: string, args: string[], onParentDeath: 'INT' | 'KILL'): Command {
  const words = [file, ...args];
  if (succeeds('setpriv', ['--pdeathsig', onParentDeath, 'true'])) {
    words.unshift('setpriv', '--pdeathsig', onParentDeath);
  }
  if (account.kind === 'namespace') words.unshift('unshare', ...namespaceArgs(account));
  const ids = account.kind === 'other' ? { uid: account.uid, gid: account.gid } : {};
  const env = { PATH: process.env.PATH, LC_ALL: 'C' };
  // The caller's own directory may be closed to the account.
  return { file: words[0] ?? file, args: words.slice(1), spawnOptions: { ...ids, cwd: '/', env } };
}

/** Whether `account` gets through every folder above and including `folder` (group rights are not counted on). */
export function canReach(account: Account, folder: string): boolean {
  if (account.kind !== 'other') return true;
  for (let at = folder; ; at = dirname(at)) {
    const { mode, uid } = statSync(at);
    const needed = uid === account.uid ? 0o100 : 0o001;
    if ((mode & needed) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
