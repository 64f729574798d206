import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Orders, Said } from './acting-process.ts';
import type { Fault, Scene } from './approvals.ts';
import { Inspector } from './check-approvals.ts';
import { type CrashPoint, drawPoint, seeded } from './crash-points.ts';

/** How much to break, and where. */
export interface Chaos {
  seed: number;
  /** How many sessions, processes and whole databases end. */
  points: Record<CrashPoint['ends'], number>;
  fault?: Fault;
}

/** A database that is up; `restart` brings it up again after its end, perhaps elsewhere. */
export interface ChaosDatabase {
  url: string;
  postmaster: number;
  restart(): Promise<ChaosDatabase>;
}

/** What a run came to. */
export interface ChaosResult {
  reached: Record<string, number>;
  /** How many approvals were played to their end. */
  approvals: number;
  broken: string[];
}

/** Named points that a decision passes; a share of the processes ends at one of them. */
const named = ['decision.recorded', 'decision.settled', 'decision.committed'];
const namedShare = 0.3;
const hourMs = 3_600_000;
const script = fileURLToPath(new URL('./acting-process.ts', import.meta.url));

/** A process that has loaded everything and waits for its orders. */
function makeReady(crashAt: string | undefined): ChildProcess {
  const env = { ...process.env, ...(crashAt === undefined ? {} : { TRADEAI_CRASH_AT: crashAt }) };
  return spawn(process.execPath, [script], { env, stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Draws the points of a whole run, process by process: sessions first, then what ends the process. */
function drawPlan({ seed, points }: Chaos): { points: CrashPoint[]; crashAt?: string }[] {
  const chance = seeded(seed);
  const ends: CrashPoint['ends'][] = [
    ...Array<'process'>(points.process).fill('process'),
    ...Array<'database'>(points.database).fill('database'),
  ];
  const lives = ends.map((last) => ({ last, order: chance() })).sort((a, b) => a.order - b.order);
  let left = points.session;
  const plan = lives.map(({ last }, at) => {
    const sessions = Math.floor(left / (lives.length - at + 1));
    left -= sessions;
    const drawn = Array.from({ length: sessions }, () => drawPoint(chance, 'session'));
    const crashAt =
      last === 'process' && chance() < namedShare ? named[Math.floor(chance() * named.length)] : undefined;
    return { points: [...drawn, drawPoint(chance, last)], ...(crashAt ? { crashAt } : {}) };
  });
  return [...plan, { points: Array.from({ length: left }, () => drawPoint(chance, 'session')) }];
}

async function live(child: ChildProcess, orders: Orders, hear: (said: Said) => void): Promise<NodeJS.Signals | null> {
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('close', (_code, signal) => resolve(signal)),
  );
  child.stdin?.write(`${JSON.stringify(orders)}\n`);
  for await (const line of createInterface({ input: child.stdout! })) hear(JSON.parse(line) as Said);
  return ended;
}

/** Plays approvals through all points of a run, looks at them after each, lets them come to their end, and says what is broken. */
export async function runChaos(chaos: Chaos, scene: Scene, database: ChaosDatabase): Promise<ChaosResult> {
  const plan = drawPlan(chaos);
  const result: ChaosResult = { reached: {}, approvals: 0, broken: [] };
  const done: string[] = [];
  const count = (what: string) => {
    result.reached[what] = (result.reached[what] ?? 0) + 1;
  };
  let up = database;
  let spare = makeReady(plan[0]?.crashAt);
  for (const [at, { points, crashAt }] of plan.entries()) {
    const child = spare;
    const next = plan[at + 1];
    if (next) spare = makeReady(next.crashAt);
    const startAt = new Date(Date.UTC(2026, 5, 15) + at * hourMs).toISOString();
    const orders = { databaseUrl: up.url, scene, startAt, points, postmaster: up.postmaster, fault: chaos.fault };
    const heard: Said[] = [];
    const signal = await live(child, orders, (said) => {
      if ('done' in said) done.push(said.done);
      if ('reached' in said) count(said.reached.ends);
      if ('broken' in said) result.broken.push(...said.broken);
      heard.push(said);
    });
    const told = heard.at(-1) ?? { broken: [] };
    if (signal === 'SIGKILL' && !('reached' in told && told.reached.ends === 'process')) count(`process at ${crashAt}`);
    const isLost = 'lost' in told;
    if (signal === null && !isLost && !('ended' in told) && !('broken' in told))
      result.broken.push(`the process of life ${at} ended by itself`);
    if (isLost) up = await up.restart();
    const inspector = new Inspector(up.url);
    await inspector.connect();
    result.broken.push(...(next ? await inspector.breaches() : await inspector.unfinished(done)));
    result.approvals = await inspector.approvals();
    await inspector.end();
    if (result.broken.length > 0) {
      if (next) spare.kill('SIGKILL');
      break;
    }
  }
  return result;
}
