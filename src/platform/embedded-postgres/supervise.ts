import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EmbeddedPostgresError } from './errors.ts';
import type { Command, WatchdogOrder, WatchdogReport } from './watchdog-order.ts';

/** Covers the replay of a full log (settings: max_wal_size) on a slow disk. */
const readyTimeoutMs = 120_000;
const lookMs = 15;
const logTailBytes = 4_000;

/** A PostgreSQL under its watchdog. */
export interface Supervised {
  /** PostgreSQL's own process (the postmaster), and the watchdog's. */
  pid: number;
  watchdogPid: number;
  /** Resolves when both are gone, with how PostgreSQL ended. */
  ended: Promise<string>;
  /** Lets the watchdog shut PostgreSQL down (fast; cut short after 4 s, which is crash-safe) and waits for the end. */
  stop(): Promise<void>;
}

/** PostgreSQL could not start; `log` is what it said. */
export class StartFailure extends EmbeddedPostgresError {
  readonly log: string;

  constructor(reason: string, log: string) {
    super(`The embedded database did not start: ${reason}.${log ? ` It said:\n${log}` : ''}`);
    this.log = log;
  }
}

type Watchdog = ChildProcessByStdio<Writable, Readable, null>;

/** Starts PostgreSQL under a watchdog and waits until it takes connections; throws {@link StartFailure}. */
export async function supervise(command: Command, cluster: string, logFile: string): Promise<Supervised> {
  const logFd = openSync(logFile, 'a+', 0o600);
  try {
    const order: WatchdogOrder = { command, logFile };
    const logStart = fstatSync(logFd).size;
    const child = spawnWatchdog(order, logFd);
    const { pid, ended } = listen(child);
    const supervised = { watchdogPid: child.pid ?? 0, ended, stop: () => stop(child, ended) };
    try {
      const postmaster = await untilReady(pid, ended, cluster);
      release(child);
      return { ...supervised, pid: postmaster };
    } catch (error) {
      await supervised.stop();
      throw new StartFailure((error as Error).message, readFrom(logFd, logStart));
    }
  } finally {
    closeSync(logFd);
  }
}

function spawnWatchdog(order: WatchdogOrder, logFd: number): Watchdog {
  const script = fileURLToPath(new URL('./watchdog.ts', import.meta.url));
  // detached: a session of its own, out of reach of the terminal's Ctrl-C.
  return spawn(process.execPath, [script, JSON.stringify(order)], {
    cwd: '/',
    env: { PATH: process.env.PATH },
    detached: true,
    stdio: ['pipe', 'pipe', logFd],
  }) as Watchdog; // Node's types know the pipes only where no descriptor is handed over.
}

function listen(child: Watchdog): { pid: Promise<number>; ended: Promise<string> } {
  const started = Promise.withResolvers<number>();
  const ended = Promise.withResolvers<string>();
  let how: string | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const report: WatchdogReport = JSON.parse(line);
    if ('pid' in report) started.resolve(report.pid);
    else how = report.exit;
  });
  child.stdin.on('error', () => undefined); // The watchdog is gone: `close` says so.
  child.on('error', (error) => ended.resolve(`has no watchdog: ${error.message}`));
  child.on('close', (_code, signal) => ended.resolve(how ?? `lost its watchdog (${signal ?? 'failed'})`));
  return { pid: started.promise, ended: ended.promise };
}

async function untilReady(pid: Promise<number>, ended: Promise<string>, cluster: string): Promise<number> {
  let failure: string | undefined;
  const watched = ended.then((how) => {
    failure = `it ${how}`;
    return 0;
  });
  const postmaster = await Promise.race([pid, watched]);
  const limit = AbortSignal.timeout(readyTimeoutMs);
  while (failure === undefined) {
    if (isReady(cluster, postmaster)) return postmaster;
    if (limit.aborted) throw new Error(`not ready after ${readyTimeoutMs / 1000} s`);
    await sleep(lookMs);
  }
  throw new Error(failure);
}

/** postmaster.pid holds the pid on line 1 and the state on line 8 (PostgreSQL's utils/pidfile.h). */
function isReady(cluster: string, postmaster: number): boolean {
  const lines = readPidFile(cluster);
  return Number(lines[0]) === postmaster && lines[7]?.trim() === 'ready';
}

function readPidFile(cluster: string): string[] {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The postmaster's pid as the cluster's own lock file names it, alive or not; null without such a file. */
export function postmasterOf(cluster: string): number | null {
  return Number(readPidFile(cluster)[0]) || null;
}

/** From here on the watchdog does not keep this process alive; it ends after us. */
function release(child: Watchdog): void {
  for (const handle of handlesOf(child)) handle.unref();
}

interface Handle {
  ref(): void;
  unref(): void;
}

// Pipes of a child are sockets, which can be held or let go; their declared types are plain streams.
const handlesOf = (child: Watchdog): Handle[] => [
  child,
  child.stdin as unknown as Handle,
  child.stdout as unknown as Handle,
];

async function stop(child: Watchdog, ended: Promise<string>): Promise<void> {
  for (const handle of handlesOf(child)) handle.ref();
  child.stdin.end();
  await ended;
}

function readFrom(fd: number, start: number): string {
  const length = Math.min(fstatSync(fd).size - start, logTailBytes);
  const buffer = Buffer.alloc(Math.max(0, length));
  readSync(fd, buffer, 0, buffer.length, fstatSync(fd).size - buffer.length);
  return buffer.toString('utf8').trim();
}
