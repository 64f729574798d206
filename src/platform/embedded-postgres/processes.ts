import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A fast shutdown closes connections and writes a checkpoint; past this it is cut short (crash-safe: the log replays). */
const fastShutdownMs = 4_000;
const immediateShutdownMs = 1_000;
const killMs = 2_000;
const lookMs = 20;

/** The fields of /proc/<pid>/stat behind the name: the state first. Null without such a process, or without /proc. */
function statOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold spaces and brackets, so count from behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** A killed process stays listed until its parent looks, which in a container may be never. */
const hasEnded = (state: string | undefined): boolean => state === 'Z' || state === 'X';

/** A running process's start in kernel ticks since boot (proc(5): field 22); null where none runs or there is no /proc. */
export function startOfProcess(pid: number): string | null {
  const fields = statOf(pid);
  return fields && !hasEnded(fields[0]) ? (fields[19] ?? null) : null;
}

/** Pids of the processes that stand in `folder`, as PostgreSQL's all do in their data directory. Linux; elsewhere none. */
export function processesIn(folder: string): number[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => standsIn(pid, folder));
}

function standsIn(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch {
    return false; // Gone meanwhile, or another account's: not a PostgreSQL that we started.
  }
}

/** Whether `pid` is listed but no running PostgreSQL: one that has ended, or a pid given out anew. */
export function isStranger(pid: number): boolean {
  const fields = statOf(pid);
  if (!fields) return false;
  try {
    return hasEnded(fields[0]) || readFileSync(`/proc/${pid}/comm`, 'utf8').trim() !== 'postgres';
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function emptyWithin(folder: string, timeoutMs: number): Promise<boolean> {
  const limit = AbortSignal.timeout(timeoutMs);
  while (processesIn(folder).length > 0) {
    if (limit.aborted) return false;
    await sleep(lookMs);
  }
  return true;
}

/**
 * Ends whatever PostgreSQL still runs on `folder`: fast shutdown of its postmaster, then immediate, then kill.
 * Returns the pids it found (none: nothing was running). The caller holds the data folder's lock.
 */
export async function stopLeftovers(folder: string, postmasterPid: number | null): Promise<number[]> {
  const found = processesIn(folder);
  if (found.length === 0) return found;
  const stop = (name: NodeJS.Signals): void => {
    if (postmasterPid !== null && found.includes(postmasterPid)) signal(postmasterPid, name);
  };
  stop('SIGINT');
  if (await emptyWithin(folder, fastShutdownMs)) return found;
  stop('SIGQUIT');
  if (await emptyWithin(folder, immediateShutdownMs)) return found;
  for (const pid of processesIn(folder)) signal(pid, 'SIGKILL');
  await emptyWithin(folder, killMs);
  return found;
}
