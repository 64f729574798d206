import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres, withoutDurability } from '../../src/platform/embedded-postgres/index.ts';

/** The variable that carries the test server's address (superuser) to the test files. */
export const urlVariable = 'TRADEAI_TEST_DATABASE_URL';

const memoryFolder = '/dev/shm';
/** Statfs type of a tmpfs (Linux, statfs(2)). */
const tmpfs = 0x01021994;
const roomBytes = 4 * 1024 ** 3;
const folderName = /^tradeai-test-(\d+)-/;

/** A PostgreSQL for one test run: fast, in a temporary folder, losing everything at the end. */
export interface TestCluster {
  superuserUrl: string;
  stop(): Promise<void>;
}

/** Starts a throw-away cluster; `installation` as in startEmbeddedPostgres. Folders of killed runs are swept first. */
export async function startTestCluster(installation?: string): Promise<TestCluster> {
  const parent = temporaryParent();
  sweep(parent);
  const dataDir = mkdtempSync(join(parent, `tradeai-test-${process.pid}-`));
  const silent = (): void => undefined;
  const postgres = await startEmbeddedPostgres({
    dataDir,
    log: { info: silent, warn: silent },
    durable: false,
    settings: { ...withoutDurability, max_connections: '300', autovacuum_naptime: '5min' },
    ...(installation ? { installation } : {}),
  });
  const stop = async (): Promise<void> => {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { superuserUrl: postgres.superuserUrl, stop };
}

/** Where throw-away files go: memory if there is room (databases flush a lot while they are made), else the disk. */
export function temporaryParent(): string {
  if (!existsSync(memoryFolder)) return tmpdir();
  const { type, bavail, bsize } = statfsSync(memoryFolder);
  return type === tmpfs && bavail * bsize >= roomBytes ? memoryFolder : tmpdir();
}

function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = Number(folderName.exec(name)?.[1]);
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

let own: Promise<TestCluster> | undefined;

/**
 * The address of the run's server. A file that is run alone, without the global setup, gets a cluster of its own
 * (its watchdog stops it when the process ends).
 */
export async function testServerUrl(): Promise<string> {
  const given = process.env[urlVariable];
  if (given) return given;
  own ??= startTestCluster();
  return (await own).superuserUrl;
}
