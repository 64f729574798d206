import type { Context } from '#context';
import { type Gathered, sql, type TenantTx, tableOf } from '#db';

/** A moment at which something has to happen to a subject. */
export interface Timer {
  id: string;
  kind: string;
  subjectId: string;
  dueAt: Date;
  data: Record<string, unknown>;
}

/**
 * Fires in the transaction that also removes the timer: exactly once. It looks at what it finds under its lock, since a
 * timer may fire while somebody disarms it.
 */
export type TimerHandler = (tx: TenantTx<Context>, timer: Timer) => Promise<void>;

type Armed = (dueAt: Date) => void;
const listeners = new Set<Armed>();

/** Registers what hears when this process has committed a timer; answers the way to stop it. */
export function onArmed(listener: Armed): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

interface ArmedRow {
  tenant_id: string;
  id: string;
  kind: string;
  subject_id: string;
  due_at: Date;
  data: string;
}

const armed: Gathered<ArmedRow> = {
  seenBy: 'timer.',
  parts: (rows) => ({
    armed: sql`insert into timer.timer (tenant_id, id, kind, subject_id, due_at, data)
      ${tableOf(rows, { tenant_id: 'uuid', id: 'uuid', kind: 'text', subject_id: 'uuid', due_at: 'timestamptz', data: 'jsonb' })}`,
  }),
};

/** Arms a timer inside the running transaction. */
export async function armTimer(tx: TenantTx<Context>, timer: Omit<Timer, 'id'>): Promise<void> {
  const { context } = tx;
  const { kind, subjectId, dueAt } = timer;
  await tx.gather(armed, {
    ...{ tenant_id: context.tenant.id, id: context.newId(), kind, subject_id: subjectId, due_at: dueAt },
    data: JSON.stringify(timer.data),
  });
  tx.afterCommit(() => {
    for (const listener of listeners) listener(timer.dueAt);
  });
}

/** What a transaction has taken out to fire and not come to yet. */
const inHand = new WeakMap<object, Timer[]>();

/** The timers that a transaction fires one after the other: what one of them disarms is left out. */
export function* inTurn(tx: TenantTx<Context>, timers: readonly Timer[]): Generator<Timer> {
  const waiting = [...timers];
  inHand.set(tx.self, waiting);
  for (let timer = waiting.shift(); timer; timer = waiting.shift()) yield timer;
}

const disarmed: Gathered<Pick<Timer, 'kind' | 'subjectId'>> = {
  seenBy: 'timer.',
  // Both say what they look for: by places or ids alone, a plan made while the table was small reads all timers of the tenant.
  parts: (rows) =>
    Object.fromEntries(
      rows.map(({ kind, subjectId }, at) => [
        `disarmed${at}`,
        sql`delete from timer.timer where kind = ${kind} and subject_id = ${subjectId} and id = any(array(select id
          from timer.timer where kind = ${kind} and subject_id = ${subjectId} for update skip locked))`,
      ]),
    ),
  follows: [armed],
};

/**
 * Disarms every timer of a kind on a subject. One that another transaction fires at this moment is left to its handler:
 * whoever disarms holds locks that the handler waits for, and waiting for it in turn would never end.
 */
export async function disarmTimers(tx: TenantTx<Context>, kind: string, subjectId: string): Promise<void> {
  const waiting = inHand.get(tx.self);
  const others = waiting?.filter((timer) => timer.kind !== kind || timer.subjectId !== subjectId);
  if (waiting && others) waiting.splice(0, waiting.length, ...others);
  await tx.gather(disarmed, { kind, subjectId });
}
