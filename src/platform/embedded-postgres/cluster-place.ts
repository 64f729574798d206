import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Account, canReach, chooseAccount, type OtherAccount, type WhenRoot } from './account.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { runTool } from './run-tool.ts';

/** Where a cluster's files are, and whom it runs as. */
export interface ClusterPlace {
  account: Account;
  /** The folder beside the cluster: holds it, drafts of it and copied binaries. */
  home: string;
  /** PostgreSQL's data directory, whether or not it exists yet. */
  cluster: string;
}

/** For an account that cannot enter the data folder: kept over restarts first, else what the machine lets us have. */
const outsideFolders: readonly string[] = ['/var/lib/tradeai', '/var/tmp/tradeai'];
const pointerFile = 'postgres-is-at';
const clusterName = 'postgres';

const stateOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

/** Where the data folder's cluster stands now. */
export function homeOf(dataDir: string): string {
  const pointer = join(dataDir, pointerFile);
  if (!existsSync(pointer)) return dataDir;
  const home = readFileSync(pointer, 'utf8').trim();
  if (!existsSync(home)) {
    throw new EmbeddedPostgresError(
      `The data folder's database stood at ${home} (see ${pointer}), and it is not there.`,
    );
  }
  return home;
}

/** PostgreSQL's data directory for a data folder. */
export function clusterOf(home: string): string {
  return join(home, clusterName);
}

/** Decides account and place, and moves an existing cluster that its account cannot reach or own any more. */
export function placeCluster(dataDir: string, whenRoot: WhenRoot, outside = outsideFolders): ClusterPlace {
  const home = homeOf(dataDir);
  const cluster = clusterOf(home);
  const state = stateOf(cluster);
  const account = chooseAccount(state, whenRoot);
  if (account.kind !== 'other') return { account, home, cluster };
  if (reachableIfOpened(account, home)) {
    if (state?.uid === 0) giveTo(account, cluster);
    return { account, home, cluster };
  }
  const away = makeOutsideHome(dataDir, account, outside);
  if (state) moveCluster(cluster, clusterOf(away), account);
  writeFileSync(join(dataDir, pointerFile), `${away}\n`);
  if (state) rmSync(cluster, { recursive: true, force: true });
  return { account, home: away, cluster: clusterOf(away) };
}

/** Opens the data folder itself for passing through (its files stay 0600) where the folders above it are open already. */
function reachableIfOpened(account: Account, home: string): boolean {
  if (!canReach(account, dirname(home))) return false;
  if (!canReach(account, home)) chmodSync(home, (lstatSync(home).mode & 0o777) | 0o011);
  return true;
}

function makeOutsideHome(dataDir: string, account: Account, outside: readonly string[]): string {
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  for (const folder of outside) {
    try {
      const home = join(folder, name);
      mkdirSync(home, { recursive: true });
      // /var/tmp is everybody's: a folder that somebody else laid there first is not used.
      if (lstatSync(folder).uid !== 0 || !canReach(account, dirname(folder))) continue;
      for (const own of [folder, home]) chmodSync(own, 0o711);
      return home;
    } catch (error) {
      if (!['EACCES', 'EROFS', 'ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  throw new EmbeddedPostgresError(
    `User namespaces are forbidden here, and no folder of ${outside.join(', ')} can hold the database for another account.`,
  );
}

/** The top folder last: its owner says whether the cluster was given over, so an interrupted run is taken up again. */
function giveTo(account: OtherAccount, cluster: string): void {
  const owner = `${account.uid}:${account.gid}`;
  runTool('find', [cluster, '-mindepth', '1', '-exec', 'chown', '-h', owner, '{}', '+']);
  chownSync(cluster, account.uid, account.gid);
}

function moveCluster(from: string, to: string, account: OtherAccount): void {
  const draft = `${to}.new-copy`;
  rmSync(draft, { recursive: true, force: true });
  runTool('cp', ['-a', from, draft]);
  giveTo(account, draft);
  rmSync(to, { recursive: true, force: true });
  renameSync(draft, to);
  // The original goes next: what replaces it must be on the disk.
  runTool('sync', ['--file-system', to]);
}
