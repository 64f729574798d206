import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '#telemetry';
import { commandUnder, type WhenRoot } from './account.ts';
import { findInstallation, type Installation } from './binaries.ts';
import { type ClusterPlace, clusterOf, homeOf, placeCluster } from './cluster-place.ts';
import { checkVersion, clusterPassword, createCluster, productDatabase, superuser } from './create-cluster.ts';
import { lockDataFolder } from './data-folder-lock.ts';
import { removeOwner, writeOwner } from './owner-record.ts';
import { isStranger, processesIn, stopLeftovers } from './processes.ts';
import { type Settings, smallMachine, writeSettings } from './settings.ts';
import { postmasterOf, StartFailure, type Supervised, supervise } from './supervise.ts';

const host = '127.0.0.1';
const keptLogBytes = 8 * 1024 * 1024;
/** A port may be taken between our look and PostgreSQL's; killed backends may hold shared memory for a moment. */
const startAttempts = 10;
const attemptPauseMs = 300;
const passingTrouble = /Address already in use|shared memory block .* is still in use/;

/** What to start. */
export interface EmbeddedPostgresOptions {
  /** The data folder; made (mode 0700) if it is not there. */
  dataDir: string;
  log: Pick<Logger, 'info' | 'warn'>;
  /** PostgreSQL settings over those for a small machine. */
  settings?: Settings;
  /** False for a throw-away cluster: creation does not wait for the disk. Default true. */
  durable?: boolean;
  /** A PostgreSQL to use in place of the npm package's: the folder that holds its `bin/`. */
  installation?: string;
  /** How to run when the caller is root; `auto` (default) tries a user namespace, then another account. */
  whenRoot?: WhenRoot;
  /** Where another account's files go if it cannot enter the data folder; default /var/lib/tradeai, /var/tmp/tradeai. */
  outsideFolders?: readonly string[];
}

/** A running embedded database, owned by this process. */
export interface EmbeddedPostgres {
  /** The product's database, as superuser; holds the password. */
  url: string;
  /** The maintenance database (`postgres`), as superuser; holds the password. */
  superuserUrl: string;
  port: number;
  /** The postmaster's process id, and that of the watchdog that stops it when this process is gone. */
  pid: number;
  watchdogPid: number;
  /** Resolves when PostgreSQL is gone, asked or not; `expected` is false if nobody called `stop`. */
  ended: Promise<{ expected: boolean; how: string }>;
  /** Fast shutdown (within 5 s), then the data folder is free. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded PostgreSQL of a data folder, making the cluster at first use, on 127.0.0.1 and a free port.
 * Throws DataFolderInUseError if another live process owns the folder, EmbeddedPostgresError if it cannot run.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const dataDir = realpathSync(options.dataDir);
  const lock = await lockDataFolder(dataDir);
  try {
    writeOwner(dataDir, null);
    await endLeftovers(dataDir, options.log);
    const place = placeCluster(dataDir, options.whenRoot ?? 'auto', options.outsideFolders);
    const installation = findInstallation(place.account, place.home, options.installation);
    const password = await prepareCluster(dataDir, place, installation, options);
    const { supervised, port } = await startOnFreePort(dataDir, place, installation);
    const address = (database: string): string => `postgres://${superuser}:${password}@${host}:${port}/${database}`;
    writeOwner(dataDir, address(productDatabase));
    const addresses = { url: address(productDatabase), superuserUrl: address('postgres'), port };
    return { ...addresses, ...handOver(dataDir, place.cluster, supervised, lock.release) };
  } catch (error) {
    removeOwner(dataDir);
    lock.release();
    throw error;
  }
}

/** A server that was killed may have left its PostgreSQL stopping, or (its watchdog killed too) running. */
async function endLeftovers(dataDir: string, log: EmbeddedPostgresOptions['log']): Promise<void> {
  const cluster = clusterOf(homeOf(dataDir));
  const ended = await stopLeftovers(cluster, postmasterOf(cluster));
  if (ended.length > 0) log.warn({ pids: ended }, 'ended a database left behind by a killed server');
  // PostgreSQL takes any listed process of its account for a postmaster, and in a container pids come again at each start.
  const named = postmasterOf(cluster);
  if (named !== null && isStranger(named) && processesIn(cluster).length === 0) rmSync(join(cluster, 'postmaster.pid'));
}

async function prepareCluster(
  dataDir: string,
  place: ClusterPlace,
  installation: Installation,
  options: EmbeddedPostgresOptions,
): Promise<string> {
  const exists = existsSync(place.cluster);
  const password = clusterPassword(dataDir, exists);
  if (exists) checkVersion(place.cluster, installation);
  else {
    options.log.info({ cluster: place.cluster, account: place.account.kind }, 'making the database');
    await createCluster(place, installation, password, options.durable ?? true);
  }
  writeSettings(place.cluster, { ...smallMachine, ...options.settings });
  return password;
}

async function startOnFreePort(
  dataDir: string,
  place: ClusterPlace,
  installation: Installation,
): Promise<{ supervised: Supervised; port: number }> {
  const logFile = join(dataDir, 'postgres.log');
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > keptLogBytes) renameSync(logFile, `${logFile}.1`);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const address = ['-h', host, '-p', String(port), '-c', 'unix_socket_directories='];
    const args = ['-D', place.cluster, ...address];
    const command = commandUnder(place.account, join(installation.folder, 'bin', 'postgres'), args, 'INT');
    try {
      return { supervised: await supervise(command, place.cluster, logFile), port };
    } catch (error) {
      const passes = error instanceof StartFailure && passingTrouble.test(error.log);
      if (!passes || attempt === startAttempts) throw error;
      await sleep(attemptPauseMs);
    }
  }
}

function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.on('error', reject);
  server.listen(0, host, () => {
    const address = server.address();
    server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))));
  });
  return promise;
}

function handOver(
  dataDir: string,
  cluster: string,
  supervised: Supervised,
  release: () => void,
): Pick<EmbeddedPostgres, 'pid' | 'watchdogPid' | 'ended' | 'stop'> {
  let expected = false;
  const ended = supervised.ended.then(async (how) => {
    // After a killed watchdog the database is only told to stop: the folder is free once it has.
    await stopLeftovers(cluster, supervised.pid);
    removeOwner(dataDir);
    release();
    return { expected, how };
  });
  const stop = async (): Promise<void> => {
    expected = true;
    await supervised.stop();
    await ended;
  };
  return { pid: supervised.pid, watchdogPid: supervised.watchdogPid, ended, stop };
}
