import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EmbeddedPostgresOptions } from '../../src/platform/embedded-postgres/index.ts';
import { temporaryParent } from './test-cluster.ts';

/** What hold-postgres.ts prints. */
export interface HeldLine {
  pid?: number;
  watchdogPid?: number;
  url?: string;
  lost?: string;
  drained?: number;
}

/** A child process that owns a database. */
export interface HeldPostgres {
  child: ChildProcess;
  serverPid: number;
  pid: number;
  watchdogPid: number;
  url: string;
  /** The next line that the child prints. */
  nextLine(): Promise<HeldLine>;
}

/** How the child differs from this process. */
export interface HolderAccount {
  uid?: number;
  gid?: number;
  env?: NodeJS.ProcessEnv;
}

const giveUpMs = 60_000;
const lookMs = 20;

/** Starts hold-postgres.ts in a process group of its own, as a terminal does, and waits until the database is ready. */
export async function holdPostgres(
  options: Omit<EmbeddedPostgresOptions, 'log'>,
  as: HolderAccount = {},
): Promise<HeldPostgres> {
  const child = startHolder(options, as);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<HeldLine> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the held server ended without a word');
    return JSON.parse(value);
  };
  const { pid, watchdogPid, url } = await nextLine();
  if (!(child.pid && pid && watchdogPid && url)) throw new Error('the held server printed something else');
  return { child, serverPid: child.pid, pid, watchdogPid, url, nextLine };
}

/** The same, not waiting for anything. */
export function startHolder(options: Omit<EmbeddedPostgresOptions, 'log'>, as: HolderAccount = {}): ChildProcess {
  const script = fileURLToPath(new URL('./hold-postgres.ts', import.meta.url));
  return spawn(process.execPath, [script, JSON.stringify(options)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...as,
  });
}

/** Waits until `holds` says true; throws with `what` after a minute. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(giveUpMs);
  while (!holds()) {
    if (limit.aborted) throw new Error(`still not: ${what}`);
    await sleep(lookMs);
  }
}

/** Whether the process runs; one that has ended and waits for its parent to notice does not. */
export function runs(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

/** Pids of everything that stands in or was told of `folder`: PostgreSQL's processes and its watchdog. */
export function processesAbout(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && runs(pid) && isAbout(pid, folder));
}

/** Kills everything about `folder` and takes it away. */
export function sweepAway(folder: string): void {
  for (const pid of processesAbout(folder)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself meanwhile.
    }
  }
  rmSync(folder, { recursive: true, force: true });
}

function isAbout(pid: number, folder: string): boolean {
  try {
    return (
      readlinkSync(`/proc/${pid}/cwd`).startsWith(folder) ||
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)
    );
  } catch {
    return false;
  }
}

/** A new temporary folder that is this account's alone (mode 0700), like a closed home. */
export function closedFolder(): string {
  return mkdtempSync(join(temporaryParent(), 'tradeai-closed-'));
}
