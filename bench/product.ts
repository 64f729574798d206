import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const readyLimitMs = 300_000;

/** A running product that a benchmark asks over HTTP. */
export interface Product {
  /** Where it answers, without a path. */
  url: string;
  /** Process id of the server; undefined where BENCH_URL names somebody else's. */
  pid: number | undefined;
  /** From spawning the process to its ready line; undefined where it ran already. */
  firstStart: StartFigures | undefined;
  secondStart: StartFigures | undefined;
  /** Which process runs on which core. */
  cores: string;
  close(): Promise<void>;
}

/** What a start took until the ready line. */
export interface StartFigures {
  wallMs: number;
  /** User and system time of the server, its workers and tools. */
  serverCpuMs: number;
  /** User and system time of the database's processes that still run. */
  databaseCpuMs: number;
}

/** CPU time of a process tree in milliseconds. */
export interface TreeCpu {
  server: number;
  database: number;
}

interface ProcessLine {
  pid: number;
  parent: number;
  name: string;
  cpuMs: number;
}

/** Linux counts CPU time in hundredths of a second (USER_HZ). */
const tickMs = 10;

function readProcess(pid: number): ProcessLine | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // state ppid … utime(11) stime(12) cutime(13) cstime(14), counted from the state (proc(5)).
    const ticks = [11, 12, 13, 14].reduce((all, at) => all + Number(fields[at]), 0);
    return { pid, parent: Number(fields[1]), name, cpuMs: ticks * tickMs };
  } catch {
    // It ended between the listing and the reading.
    return undefined;
  }
}

/** CPU time that a process and its descendants have used; zeros where /proc is not there. */
export function cpuOfTree(pid: number | undefined): TreeCpu {
  const used: TreeCpu = { server: 0, database: 0 };
  if (pid === undefined || process.platform !== 'linux') return used;
  const all = readdirSync('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? (readProcess(Number(entry)) ?? []) : []));
  const members = new Set([pid]);
  for (let grew = true; grew; ) {
    const before = members.size;
    for (const one of all) if (members.has(one.parent)) members.add(one.pid);
    grew = members.size > before;
  }
  for (const one of all.filter((candidate) => members.has(candidate.pid))) {
    used[one.name.startsWith('postgres') ? 'database' : 'server'] += one.cpuMs;
  }
  return used;
}

/** Pins a process with all its threads; false where this machine cannot. */
function pin(pid: number, core: number): boolean {
  try {
    execFileSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function pinApart(pid: number | undefined): string {
  if (pid === undefined || availableParallelism() < 2) return 'not pinned';
  return pin(pid, 0) && pin(process.pid, 1)
    ? 'server on core 0, generator on core 1, database where the kernel puts it'
    : 'not pinned (no taskset)';
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

async function start(dataDir: string): Promise<{ child: ChildProcess; url: string; figures: StartFigures }> {
  const begun = performance.now();
  const child = spawn(process.execPath, ['src/apps/serve.ts'], {
    cwd: root,
    env: { ...process.env, PORT: '0', TRADEAI_DATA: dataDir, TRADEAI_DEMO: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`not ready after ${readyLimitMs} ms: ${said}`)), readyLimitMs);
    child.once('exit', (code) => reject(new Error(`the product ended with ${code}: ${said}`)));
    child.stdout.on('data', (chunk) => {
      said += chunk;
      const ready = /TRADEAI ready at (\S+)/.exec(said);
      if (!ready?.[1]) return;
      clearTimeout(limit);
      resolve(ready[1]);
    });
  }).catch(async (error: unknown) => {
    await stop(child);
    throw error;
  });
  const cpu = cpuOfTree(child.pid);
  const figures = { wallMs: performance.now() - begun, serverCpuMs: cpu.server, databaseCpuMs: cpu.database };
  return { child, url, figures };
}

/** Starts the product twice on a temporary folder (or takes the one at BENCH_URL) and leaves the second one running. */
export async function openProduct(): Promise<Product> {
  const given = process.env.BENCH_URL;
  if (given) {
    const nothing = { pid: undefined, firstStart: undefined, secondStart: undefined, cores: pinApart(undefined) };
    return { url: given.replace(/\/$/, ''), ...nothing, close: async () => undefined };
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'tradeai-bench-'));
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  try {
    const first = await start(dataDir);
    await stop(first.child);
    const { child, url, figures } = await start(dataDir);
    return {
      url,
      pid: child.pid,
      firstStart: first.figures,
      secondStart: figures,
      cores: pinApart(child.pid),
      close: async () => {
        await stop(child);
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
