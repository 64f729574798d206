import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startOfProcess } from './processes.ts';

/** Who owns a data folder, as written into it (mode 0600: the addresses hold the password). */
export interface OwnerRecord {
  pid: number;
  /** The process's start in kernel ticks since boot, against re-used pids; null where the system does not tell. */
  startTicks: string | null;
  /** Set once the database takes connections. */
  url: string | null;
}

const fileName = 'owner.json';

/** Writes this process as the folder's owner, in one step. */
export function writeOwner(dataDir: string, url: string | null): void {
  const record: OwnerRecord = { pid: process.pid, startTicks: startOfProcess(process.pid), url };
  const draft = join(dataDir, `${fileName}.new`);
  writeFileSync(draft, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  renameSync(draft, join(dataDir, fileName));
}

/** Takes the record away (at the end of an orderly stop). */
export function removeOwner(dataDir: string): void {
  rmSync(join(dataDir, fileName), { force: true });
}

/** The owner, if it is alive; null where there is none or it died without tidying up. */
export function readOwner(dataDir: string): OwnerRecord | null {
  let text: string;
  try {
    text = readFileSync(join(dataDir, fileName), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const record: OwnerRecord = JSON.parse(text);
  return isSameProcess(record) ? record : null;
}

function isSameProcess(record: OwnerRecord): boolean {
  try {
    process.kill(record.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return startOfProcess(record.pid) === record.startTicks;
}

/**
 * The address of the product's database while a live process runs it on this data folder, else null.
 * For commands beside a running server: they connect instead of starting a second database.
 */
export function connectionOfRunning(dataDir: string): string | null {
  return readOwner(dataDir)?.url ?? null;
}
