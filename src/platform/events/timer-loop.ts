import type { Clock } from '#clock';
import { type Context, makeContext, systemActor, type TenantFacts } from '#context';
import type { Database, TenantTx } from '#db';
import type { Logger } from '#telemetry';
import { emit } from './event.ts';
import { Nap } from './nap.ts';
import { type NextTimer, nextTimers, putOffTimer, takeTimers } from './timer-store.ts';
import { inTurn, onArmed, type TimerHandler } from './timers.ts';

interface TimerLoopParts {
  db: Database;
  clock: Clock;
  log: Logger;
  tenant(tenantId: string): Promise<TenantFacts>;
  handlers: Readonly<Record<string, TimerHandler>>;
}

/** What another process arms is seen after so long at the latest. */
const pollMs = 500;
/** While all that is due is in another process's hands. */
const busyPollMs = 50;
/** Timers taken in one look. */
const lookLimit = 2_000;
/** Timers that share a transaction, and for how long: a commit costs more than a small effect, and locks are held until it. */
const batchSize = 50;
const batchMs = 200;
/** Timers taken out by one statement: between two of them the transaction may end. */
const handful = 10;
/** Transactions at once; the rest of the pool stays with those who wait for an answer. */
const concurrency = 4;
/** Of an error's text so much is kept. */
const maxErrorLength = 500;

/** Timers of one tenant in the order in which they fire. */
interface Batch {
  tenantId: string;
  ids: string[];
}

/** What a transaction did: how many timers it took in hand, and those that it did not come to. */
interface Fired {
  taken: number;
  left: string[];
}

/** Timers in batches; those of one subject stay together, so that they fire one after the other. */
function toBatches(due: readonly NextTimer[]): Batch[] {
  const batches: Batch[] = [];
  const ofSubject = new Map<string, Batch>();
  const ofTenant = new Map<string, Batch>();
  for (const { tenantId, subjectId, id } of due) {
    let batch = ofSubject.get(subjectId) ?? ofTenant.get(tenantId);
    if (!batch || (batch.ids.length >= batchSize && !ofSubject.has(subjectId))) {
      batch = { tenantId, ids: [] };
      batches.push(batch);
      ofTenant.set(tenantId, batch);
    }
    ofSubject.set(subjectId, batch);
    batch.ids.push(id);
  }
  return batches;
}

/** Fires due timers of all tenants until stopped. */
export class TimerLoop {
  readonly #parts: TimerLoopParts;
  readonly #nap = new Nap();
  #running = false;
  #loop: Promise<void> = Promise.resolve();
  #stopListening: () => void = () => undefined;

  constructor(parts: TimerLoopParts) {
    this.#parts = parts;
  }

  /** Starts looking for due timers. */
  start(): void {
    this.#running = true;
    this.#stopListening = onArmed((dueAt) => {
      if (dueAt.getTime() - this.#now() < pollMs) this.#nap.wake();
    });
    this.#loop = this.#run();
  }

  /** Stops after the transactions at hand. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#stopListening();
    this.#nap.wake();
    await this.#loop;
  }

  #now(): number {
    return this.#parts.clock.now().getTime();
  }

  async #run(): Promise<void> {
    while (this.#running) {
      this.#nap.woken = false;
      const waitMs = await this.#round().catch((error) => {
        this.#parts.log.error({ err: error }, 'timers: a round failed and will be tried again');
        return pollMs;
      });
      await this.#nap.pause(waitMs);
    }
  }

  /** Fires what is due and answers how long to wait until there is more. */
  async #round(): Promise<number> {
    const next = await nextTimers(this.#parts.db, new Date(this.#now() + pollMs), lookLimit);
    const now = this.#now();
    const due = next.filter(({ at }) => at.getTime() <= now);
    if (due.length > 0) return (await this.#fireAll(due, () => this.#running)) > 0 ? 0 : busyPollMs;
    const first = next[0];
    return first ? Math.max(0, first.at.getTime() - now) : pollMs;
  }

  /** Fires what is due at the clock's present, once, and answers how many it took in hand. */
  async fireDue(): Promise<number> {
    return this.#fireAll(await nextTimers(this.#parts.db, this.#parts.clock.now(), lookLimit), () => true);
  }

  async #fireAll(due: readonly NextTimer[], goesOn: () => boolean): Promise<number> {
    const batches = toBatches(due);
    const work = async () => {
      let taken = 0;
      for (let batch = batches.shift(); batch && goesOn(); batch = batches.shift()) taken += await this.#fire(batch);
      return taken;
    };
    // All have ended before anything is said: stopping waits for every transaction.
    const ended = await Promise.allSettled(Array.from({ length: concurrency }, work));
    let taken = 0;
    for (const one of ended) {
      if (one.status === 'rejected') throw one.reason;
      taken += one.value;
    }
    return taken;
  }

  /** Fires a batch, in several transactions where it takes long; one that fails is done again timer by timer. */
  async #fire({ tenantId, ids }: Batch): Promise<number> {
    const { db, clock, log, tenant } = this.#parts;
    const context = makeContext({ tenant: await tenant(tenantId), actor: systemActor, clock, db, log });
    let taken = 0;
    for (let left = ids; left.length > 0; ) {
      const asked = left;
      const fired = await db
        .transact(context, (tx) => this.#fireSome(tx, asked))
        .catch((error) => this.#apart(context, asked, error));
      taken += fired.taken;
      left = fired.left;
    }
    return taken;
  }

  /** Fires timers in the order given until the transaction has lasted long enough; answers those that it did not come to. */
  async #fireSome(tx: TenantTx<Context>, ids: readonly string[]): Promise<Fired> {
    const began = this.#now();
    let taken = 0;
    for (let seen = 0; seen < ids.length; seen += handful) {
      if (this.#now() - began >= batchMs) return { taken, left: ids.slice(seen) };
      const timers = await takeTimers(tx, ids.slice(seen, seen + handful));
      taken += timers.length;
      for (const timer of inTurn(tx, timers)) {
        const handler = this.#parts.handlers[timer.kind];
        if (!handler) throw new Error(`no handler for timers of kind ${timer.kind}`);
        await handler(tx, timer);
      }
    }
    return { taken, left: [] };
  }

  /** One failed and took the others with it: each by itself, and the one that fails alone is put off. */
  async #apart(context: Context, ids: readonly string[], error: unknown): Promise<Fired> {
    const [only, ...others] = ids;
    if (only && others.length === 0) {
      await this.#putOff(context, only, error);
      return { taken: 1, left: [] };
    }
    let taken = 0;
    for (const id of ids) taken += await this.#fire({ tenantId: context.tenant.id, ids: [id] });
    return { taken, left: [] };
  }

  async #putOff(context: Context, id: string, error: unknown): Promise<void> {
    const { db, log } = this.#parts;
    log.error({ err: error, timer: id }, 'timers: a timer failed');
    const text = (error instanceof Error ? error.message : String(error)).replaceAll('\0', '').slice(0, maxErrorLength);
    await db.transact(context, async (tx) => {
      const givenUp = await putOffTimer(tx, id, text);
      if (!givenUp) return;
      await emit(tx, {
        type: 'events.timer.failed',
        subjectType: 'timer',
        subjectId: id,
        data: { kind: givenUp.kind, timerSubjectId: givenUp.subjectId, error: text },
      });
    });
  }
}
