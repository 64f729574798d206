import type { Clock } from '#clock';
import { type Context, makeContext, systemActor, type TenantFacts } from '#context';
import { type Database, sql, type TenantTx } from '#db';
import type { Logger } from '#telemetry';

/** A moment at which something has to happen to a subject. */
export interface Timer {
  id: string;
  kind: string;
  subjectId: string;
  dueAt: Date;
  data: Record<string, unknown>;
}

/** Fires in the transaction that also removes the timer: exactly once. */
export type TimerHandler = (tx: TenantTx<Context>, timer: Timer) => Promise<void>;

/** Arms a timer inside the running transaction. */
export async function armTimer(tx: TenantTx<Context>, timer: Omit<Timer, 'id'>): Promise<void> {
  const { context } = tx;
  await tx.run(sql`insert into timer.timer (tenant_id, id, kind, subject_id, due_at, data)
    values (${context.tenant.id}, ${context.newId()}, ${timer.kind}, ${timer.subjectId}, ${timer.dueAt}, ${JSON.stringify(timer.data)})`);
}

/** Disarms every timer of a kind on a subject. */
export async function disarmTimers(tx: TenantTx<Context>, kind: string, subjectId: string): Promise<void> {
  await tx.run(sql`delete from timer.timer where kind = ${kind} and subject_id = ${subjectId}`);
}

interface TimerLoopParts {
  db: Database;
  clock: Clock;
  log: Logger;
  tenant(tenantId: string): Promise<TenantFacts>;
  handlers: Readonly<Record<string, TimerHandler>>;
}

/** How often due timers are looked for, and how many are taken in one look. */
const pollMs = 500;
const lookLimit = 200;
/** A timer that failed this often stays in its table for an administrator and is not tried again. */
const maxAttempts = 10;

/** Fires due timers of all tenants until stopped. */
export class TimerLoop {
  readonly #parts: TimerLoopParts;
  #running = false;
  #timeout: NodeJS.Timeout | undefined;
  #round: Promise<unknown> = Promise.resolve();

  constructor(parts: TimerLoopParts) {
    this.#parts = parts;
  }

  /** Starts looking for due timers. */
  start(): void {
    this.#running = true;
    this.#schedule(0);
  }

  /** Stops after the timer at hand. */
  async stop(): Promise<void> {
    this.#running = false;
    clearTimeout(this.#timeout);
    await this.#round;
  }

  #schedule(ms: number): void {
    if (!this.#running) return;
    this.#timeout = setTimeout(() => {
      this.#round = this.fireDue()
        .catch((error) => {
          this.#parts.log.error({ err: error }, 'timers: a round failed and will be tried again');
          return 0;
        })
        .then((fired) => this.#schedule(fired === lookLimit ? 0 : pollMs));
    }, ms);
  }

  /** Fires what is due at the clock's present and answers how many fired. */
  async fireDue(): Promise<number> {
    const { db, clock } = this.#parts;
    const due = await db.system((tx) =>
      tx.many<{ tenantId: string; id: string }>(sql`select tenant_id as "tenantId", id from timer.timer
        where due_at <= ${clock.now()} and attempts < ${maxAttempts} order by due_at limit ${lookLimit}`),
    );
    for (const { tenantId, id } of due) await this.#fire(tenantId, id);
    return due.length;
  }

  async #fire(tenantId: string, id: string): Promise<void> {
    const { db, clock, log, handlers } = this.#parts;
    const context = makeContext({ tenant: await this.#parts.tenant(tenantId), actor: systemActor, clock, db, log });
    try {
      await db.transact(context, async (tx) => {
        const timer = await tx.maybe<Timer>(sql`delete from timer.timer where id = (
            select id from timer.timer where id = ${id} for update skip locked)
          returning id, kind, subject_id as "subjectId", due_at as "dueAt", data`);
        if (!timer) return;
        const handler = handlers[timer.kind];
        if (!handler) throw new Error(`no handler for timers of kind ${timer.kind}`);
        await handler(tx, timer);
      });
    } catch (error) {
      log.error({ err: error, timer: id }, 'timers: a timer failed');
      await db.transact(context, (tx) => tx.run(sql`update timer.timer set attempts = attempts + 1 where id = ${id}`));
    }
  }
}
