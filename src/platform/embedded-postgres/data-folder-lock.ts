import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataFolderInUseError, EmbeddedPostgresError } from './errors.ts';
import { readOwner } from './owner-record.ts';

const sqliteBusy = 5;
/** A new owner's record follows its lock by a millisecond, a killed owner's lock outlives it by a few: how often we look. */
const looks = 50;
const lookMs = 20;

/** The exclusive hold on a data folder; the kernel drops it when the process ends in any way. */
export interface DataFolderLock {
  release(): void;
}

/**
 * Takes the data folder for this process, or throws {@link DataFolderInUseError} with the pid of who has it.
 * SQLite is used for its file lock alone: Node has no other that the kernel releases after `kill -9`, so none goes stale.
 */
export async function lockDataFolder(dataDir: string): Promise<DataFolderLock> {
  for (let look = 0; look < looks; look++) {
    const lock = tryLock(dataDir);
    if (lock) return lock;
    const owner = readOwner(dataDir);
    if (owner) throw new DataFolderInUseError(dataDir, owner.pid);
    await sleep(lookMs);
  }
  throw new DataFolderInUseError(dataDir, undefined);
}

function tryLock(dataDir: string): DataFolderLock | null {
  const file = join(dataDir, 'lock');
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if ((cause as { errcode?: number }).errcode === sqliteBusy) return null;
    const why = (cause as Error).message;
    throw new EmbeddedPostgresError(`The data folder ${dataDir} cannot be locked: ${why}.`, { cause });
  }
  // Who may not read it cannot hold it either. (Never open the file elsewhere: closing it would drop the lock.)
  chmodSync(file, 0o600);
  return { release: () => database.close() };
}
