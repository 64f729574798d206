import pg from 'pg';
import { endAtCrashPoint } from '#context';

/** When around a statement something ends: before the database gets it, once it was sent (nobody knows what became of it), after its answer. */
export type Moment = 'before' | 'sent' | 'after';

/** Named points that a decision passes. */
const named = ['decision.recorded', 'decision.settled', 'decision.committed'] as const;

/** Something ends at the `nth` statement, or the `nth` commit, from now on; or this process where it comes to a named point. */
export interface CrashPoint {
  at: 'commit' | 'statement' | (typeof named)[number];
  nth: number;
  moment: Moment;
  /** What ends: the session of that statement, this process, or PostgreSQL at once (`immediate`). */
  ends: 'session' | 'process' | 'database';
}

/** A generator of numbers in [0, 1) from a seed (mulberry32): the same seed, the same run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const moments: readonly Moment[] = ['before', 'sent', 'after'];
/** An act is some five to thirty statements: points reach into the next acts, too. */
const farthest = { commit: 6, statement: 40 };
/** The share of the processes that end at a named point. */
const namedShare = 0.3;

/** A point drawn by chance: every other one at a commit, where it is easiest to lose or double something. */
export function drawPoint(chance: () => number, ends: CrashPoint['ends']): CrashPoint {
  const drawn = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;
  if (ends === 'process' && chance() < namedShare) return { at: drawn(named), nth: 1, moment: 'before', ends };
  const at = chance() < 0.5 ? 'commit' : 'statement';
  // Who begins anew takes a while to come to something: what ends a process leaves it time.
  const reach = farthest[at] * (ends === 'session' ? 1 : 4);
  return { at, nth: 1 + Math.floor(chance() * reach), moment: drawn(moments), ends };
}

type Ask = (this: pg.Client, ...asked: unknown[]) => Promise<unknown>;

/** A statement that takes `begin` or `commit` along; what it answers stands on itself. */
interface RoundTrip {
  answer: Promise<unknown>;
  commits: boolean;
}

const tripOf = (asked: unknown): RoundTrip | undefined =>
  typeof asked === 'object' && asked !== null && 'commits' in asked ? (asked as RoundTrip) : undefined;

const isCommit = (asked: unknown): boolean => asked === 'commit' || tripOf(asked)?.commits === true;

/** Ends what the point says, on whose connection the statement stands. */
async function end(client: pg.Client, ask: Ask, { ends, moment }: CrashPoint, postmaster: number): Promise<void> {
  if (ends === 'process') process.kill(process.pid, 'SIGKILL');
  if (ends === 'database') process.kill(postmaster, 'SIGQUIT');
  if (ends !== 'session') return;
  // A statement under way lets no other one by: then the connection breaks from our side.
  if (moment === 'sent')
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  else await ask.call(client, 'select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
}

/** A point right before a commit: what a transaction of its own did stands, what it belongs to does not. */
export const drawBeforeCommit = (chance: () => number): CrashPoint => ({
  ...{ at: 'commit', nth: 1 + Math.floor(chance() * farthest.commit), moment: 'before', ends: 'session' },
});

/** Counts the statements of the product's roles in this process and ends something at the point that is armed. */
export class CrashPoints {
  #armed: CrashPoint | undefined;
  #left = 0;
  #postmaster = 0;
  readonly #onReached: (point: CrashPoint) => void;

  /** Once a process; `onReached` hears of a point just before. */
  constructor(onReached: (point: CrashPoint) => void) {
    this.#onReached = onReached;
    const ask = pg.Client.prototype.query as unknown as Ask;
    const points = this;
    pg.Client.prototype.query = function counted(this: pg.Client, ...asked: unknown[]) {
      const point = points.#reach(this, asked);
      if (!point) return ask.apply(this, asked);
      const trip = tripOf(asked[0]);
      const told = trip?.answer;
      const answered = (async () => {
        if (point.moment === 'before') await end(this, ask, point, points.#postmaster);
        const sent = ask.apply(this, asked);
        const answer = told ?? sent;
        // Whoever asked hears of a loss below; until then nobody listens.
        answer.catch(() => undefined);
        if (point.moment === 'sent') {
          // With parameters a statement leaves in the next turn.
          await new Promise((go) => setImmediate(go));
          await end(this, ask, point, points.#postmaster);
        }
        const heard = await answer;
        if (point.moment === 'after') await end(this, ask, point, points.#postmaster);
        return heard;
      })();
      // Who sent a round trip waits for what it answers.
      if (!trip) return answered;
      trip.answer = answered;
      return trip;
    } as never;
  }

  /** `postmaster`: the process id of PostgreSQL, for points that end it. */
  arm(point: CrashPoint | undefined, postmaster: number): void {
    this.#postmaster = postmaster;
    this.#armed = point;
    this.#left = point?.nth ?? 0;
    if (point && point.at !== 'commit' && point.at !== 'statement') endAtCrashPoint(point.at);
  }

  #reach(client: pg.Client, asked: readonly unknown[]): CrashPoint | undefined {
    const point = this.#armed;
    if (!point || !client.user?.startsWith('tradeai_') || typeof asked.at(-1) === 'function') return undefined;
    if (point.at !== 'statement' && (point.at !== 'commit' || !isCommit(asked[0]))) return undefined;
    this.#left -= 1;
    if (this.#left > 0) return undefined;
    this.#armed = undefined;
    this.#onReached(point);
    return point;
  }
}
