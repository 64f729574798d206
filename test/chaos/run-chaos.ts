import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { testDataDir } from '../data-folder.ts';
import type { Orders, Said } from './acting-process.ts';
import type { Fault, Scene } from './approvals.ts';
import { Inspector } from './check-approvals.ts';
import { type CrashPoint, drawBeforeCommit, drawPoint, seeded } from './crash-points.ts';

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
  /** How many sessions, processes and databases ended, and at which named points. */
  reached: Record<CrashPoint['ends'], number>;
  atNamed: Record<string, number>;
  /** How many approvals were played to their end. */
  approvals: number;
  broken: string[];
}

const hourMs = 3_600_000;
const script = fileURLToPath(new URL('./acting-process.ts', import.meta.url));

/** A process that plays, loaded and waiting for its orders. */
class Player {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    const env = { ...process.env, NODE_COMPILE_CACHE: join(testDataDir, 'compile-cache') };
    this.#child = spawn(process.execPath, [script], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    // Orders to one that was killed before it read them: its end is heard of by its lines.
    this.#child.stdin?.on('error', () => undefined);
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** Has a stretch played; answers its last word, or undefined where the process ended without one. */
  async play(orders: Orders, hear: (said: Said) => void): Promise<Said | undefined> {
    this.#child.stdin?.write(`${JSON.stringify(orders)}\n`);
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) return undefined;
      const said = JSON.parse(value) as Said;
      hear(said);
      if ('ended' in said || 'lost' in said || 'broken' in said) return said;
    }
  }

  /** How the process ended; waits for that. */
  async signal(): Promise<NodeJS.Signals | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await new Promise((resolve) => this.#child.once('exit', resolve));
    }
    return this.#child.signalCode;
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Draws the points of a run: each stretch is some sessions and then something larger; the last only sessions. */
function drawStretches({ seed, points, fault }: Chaos): CrashPoint[][] {
  const chance = seeded(seed);
  const ends: CrashPoint['ends'][] = [
    ...Array<'process'>(points.process).fill('process'),
    ...Array<'database'>(points.database).fill('database'),
  ];
  const lasts = ends.map((last) => ({ last, order: chance() })).sort((a, b) => a.order - b.order);
  let left = points.session;
  const drawSessions = (count: number) => {
    left -= count;
    // A planted fault shows between two commits: there it is looked for.
    return Array.from({ length: count }, () => (fault ? drawBeforeCommit(chance) : drawPoint(chance, 'session')));
  };
  const stretches = lasts.map(({ last }, at) => [
    ...drawSessions(Math.floor(left / (lasts.length - at + 1))),
    drawPoint(chance, last),
  ]);
  return [...stretches, drawSessions(left)];
}

/** A run on its way. */
class Run {
  readonly result: ChaosResult = {
    reached: { session: 0, process: 0, database: 0 },
    atNamed: {},
    approvals: 0,
    broken: [],
  };
  readonly #done: string[] = [];
  readonly #scene: Scene;
  readonly #fault: Fault | undefined;
  #up: ChaosDatabase;

  constructor(scene: Scene, database: ChaosDatabase, fault: Fault | undefined) {
    this.#scene = scene;
    this.#up = database;
    this.#fault = fault;
  }

  #hear(said: Said): void {
    const { reached, broken } = this.result;
    if ('done' in said) this.#done.push(said.done);
    if ('reached' in said) reached[said.reached.ends] += 1;
    if ('broken' in said) broken.push(...said.broken);
  }

  /** Plays a stretch; answers whether the process still lives. */
  async stretch(player: Player, at: number, points: CrashPoint[]): Promise<boolean> {
    const startAt = new Date(Date.UTC(2026, 5, 15) + at * hourMs).toISOString();
    const { url, postmaster } = this.#up;
    const last = points.at(-1);
    const orders = { databaseUrl: url, scene: this.#scene, startAt, points, postmaster, fault: this.#fault };
    const said = await player.play(orders, (line) => this.#hear(line));
    if (said && 'lost' in said) this.#up = await this.#up.restart();
    if (said) return true;
    if ((await player.signal()) !== 'SIGKILL' || last?.ends !== 'process') {
      this.result.broken.push(`the process of stretch ${at} ended by itself`);
    } else if (last.at !== 'commit' && last.at !== 'statement') {
      // Nothing is said at a named point.
      this.result.reached.process += 1;
      this.result.atNamed[last.at] = (this.result.atNamed[last.at] ?? 0) + 1;
    }
    return false;
  }

  /** Looks at what stands between two stretches, or after all of them. */
  async look({ isOver }: { isOver: boolean }): Promise<void> {
    const inspector = new Inspector(this.#up.url);
    await inspector.connect();
    this.result.broken.push(...(isOver ? await inspector.unfinished(this.#done) : await inspector.breaches()));
    this.result.approvals = await inspector.approvals();
    await inspector.end();
  }
}

/** Plays approvals through all points of a run, looks at them after each, lets them come to their end, and says what is broken. */
export async function runChaos(chaos: Chaos, scene: Scene, database: ChaosDatabase): Promise<ChaosResult> {
  const stretches = drawStretches(chaos);
  const run = new Run(scene, database, chaos.fault);
  let player = new Player();
  let spare: Player | undefined;
  try {
    for (const [at, points] of stretches.entries()) {
      // The next process is loaded while this one plays.
      if (points.at(-1)?.ends === 'process') spare = new Player();
      const lives = await run.stretch(player, at, points);
      if (!lives && spare) {
        player = spare;
        spare = undefined;
      }
      if (run.result.broken.length === 0) await run.look({ isOver: at === stretches.length - 1 });
      if (run.result.broken.length > 0) break;
    }
  } finally {
    player.end();
    spare?.end();
  }
  return run.result;
}
