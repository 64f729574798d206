import type { Context } from '#context';
import { isUnavailable, sql, type TenantTx } from '#db';
import { emit } from '#events';
import { type Breach, type Invariant, maxBreaches, type Turn } from '#module';
import {
  type InvariantState,
  keepBreaches,
  keepResult,
  readOpenBreaches,
  readResults,
  takeRound,
} from './invariant-store.ts';

/** How often each invariant of a tenant is looked at: a breach is known after twice that at the latest. */
export const checkEveryMs = 20_000;
/** What is too much for one look is looked at in so many: all of it within a minute. */
const turns = 3;
/** A check that takes longer is given up and shown as such: it must not keep the database from people's work. */
const checkLimitMs = 5_000;

/** What one look at an invariant gave. */
interface Look {
  invariant: Invariant;
  tookMs: number;
  breaches: Breach[];
  /** Why the look itself did not work. */
  failure: string | null;
}

async function lookAt(context: Context, invariant: Invariant, turn: Turn | undefined): Promise<Look> {
  const beganMs = context.clock.now().getTime();
  const looked = (breaches: Breach[], failure: string | null): Look => ({
    ...{ invariant, breaches, failure },
    tookMs: context.clock.now().getTime() - beganMs,
  });
  try {
    const breaches = await context.db.read(context, async (tx) => {
      await tx.run(sql`select set_config('statement_timeout', ${String(checkLimitMs)}, true)`);
      return invariant.findBreaches(tx, turn);
    });
    return looked(breaches.slice(0, maxBreaches), null);
  } catch (error) {
    // Without a database there is nothing to say about anything: the next round looks again.
    if (isUnavailable(error)) throw error;
    context.log.error({ err: error, invariant: invariant.name }, 'invariants: a check failed');
    return looked([], error instanceof Error ? error.message : String(error));
  }
}

async function keepLook(
  tx: TenantTx<Context>,
  { invariant, tookMs, breaches, failure }: Look,
  was: InvariantState,
  open: readonly Breach[],
): Promise<void> {
  const { name, statement } = invariant;
  // A look that did not work says nothing about the breaches that were known.
  const found = failure === null ? breaches : open;
  const opened = found.filter(({ subject }) => !open.some((known) => known.subject === subject));
  const closed = open.filter(({ subject }) => !found.some((now) => now.subject === subject));
  const state = failure !== null ? 'unchecked' : found.length > 0 ? 'broken' : 'holds';
  const subjectId = await keepResult(tx, { name, state, tookMs, failure });
  await keepBreaches(tx, name, 'opened', opened);
  await keepBreaches(tx, name, 'closed', closed);
  const tell = (what: string, data: Record<string, unknown>) =>
    emit(tx, {
      ...{ type: `invariants.invariant.${what}`, subjectType: 'invariant', subjectId },
      data: { name, statement, ...data },
    });
  const [first] = opened;
  if (first) {
    tx.context.log.error({ invariant: name, opened }, 'invariants: an invariant is broken');
    await tell('broken', { breaches: found.length, ...first });
  } else if (state === 'unchecked' && was !== state) await tell('unchecked', { failure });
  else if (state === 'holds' && was !== state) await tell('restored', {});
}

/**
 * One round over a tenant's invariants. Each is looked at in a read-only transaction of its own; what was found is kept
 * and told in one further transaction. Answers false where another process has the round.
 */
export async function checkInvariants(context: Context, invariants: readonly Invariant[]): Promise<boolean> {
  // A little less than the pace, so that a round that comes a moment early is not skipped.
  const round = await context.db.transact(context, (tx) => takeRound(tx, checkEveryMs * 0.9));
  if (round === null) return false;
  const broken = new Set((await context.db.read(context, readOpenBreaches)).map(({ name }) => name));
  const looks: Look[] = [];
  for (const invariant of invariants) {
    // What is broken is looked at whole until it holds: a turn that leaves the breach out would say that it is gone.
    const turn = broken.has(invariant.name) ? undefined : { number: round % turns, of: turns };
    looks.push(await lookAt(context, invariant, turn));
  }
  await context.db.transact(context, async (tx) => {
    const before = new Map((await readResults(tx)).map(({ name, state }) => [name, state]));
    const open = await readOpenBreaches(tx);
    for (const look of looks) {
      const { name } = look.invariant;
      const known = open.filter((breach) => breach.name === name);
      await keepLook(tx, look, before.get(name) ?? 'holds', known);
    }
  });
  return true;
}
