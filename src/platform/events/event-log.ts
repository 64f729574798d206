import type { Clock } from '#clock';
import { type Context, makeContext, systemActor, type TenantFacts } from '#context';
import { type Database, sql, type TenantTx } from '#db';
import type { Logger } from '#telemetry';
import { onEmitted, type StoredEvent, storedEventColumns } from './event.ts';
import { Nap } from './nap.ts';
import { sequence } from './sequencer.ts';

/** A durable reader of the log: sees every event of its types once, in order, and keeps its place. */
export interface Subscription {
  /** Stable name: the cursor's key. */
  name: string;
  types: readonly string[];
  /** Runs in the transaction that also advances the cursor: its effects happen exactly once. */
  handle(tx: TenantTx<Context>, event: StoredEvent): Promise<void>;
}

/** Where the log stands: positions compare within one epoch only. */
export interface LogPosition {
  epoch: string;
  offset: number;
}

/** What the event log needs from the house. */
export interface EventLogParts {
  db: Database;
  clock: Clock;
  log: Logger;
  tenant(tenantId: string): Promise<TenantFacts>;
}

/** Events read at once, by tailers and subscriptions alike. */
const readBatch = 200;
/** Without a nudge from this process, another process's events are seen after so long. */
const idlePollMs = 200;
/** While committed rows wait for an older transaction to end. */
const waitingPollMs = 10;
/** Tries before an event becomes a dead letter of a subscription. */
const maxAttempts = 8;

/** The running event log of one process: sequencer, subscriptions and live tailers. */
export class EventLog {
  readonly #parts: EventLogParts;
  readonly #subscriptions: readonly Subscription[];
  readonly #tailers = new Set<(events: StoredEvent[]) => void>();
  #epoch = '';
  #position = 0;
  #running = false;
  #loops: Promise<unknown> = Promise.resolve();
  readonly #log = new Nap();
  readonly #readers = new Nap();
  readonly #backoff = new Nap();
  #stopListening: () => void = () => undefined;

  constructor(parts: EventLogParts, subscriptions: readonly Subscription[]) {
    this.#parts = parts;
    this.#subscriptions = subscriptions;
  }

  /** Where the log stands now, as far as this process has read it. */
  get position(): LogPosition {
    return { epoch: this.#epoch, offset: this.#position };
  }

  /** Starts reading from the present; subscriptions go on where their cursors stand. */
  async start(): Promise<void> {
    await this.#parts.db.system(async (tx) => {
      this.#epoch = (await tx.one<{ id: string }>(sql`select id from event.epoch`)).id;
      const { position } = await tx.one<{ position: number }>(
        sql`select coalesce(max(position), 0)::float8 as position from event.log`,
      );
      this.#position = position;
      for (const { name } of this.#subscriptions) {
        await tx.run(sql`insert into event.cursor values (${name}, 0) on conflict do nothing`);
      }
    });
    this.#running = true;
    this.#stopListening = onEmitted(() => this.#log.wake());
    this.#loops = Promise.all([this.#runLog(), this.#runSubscriptions()]);
  }

  /** Stops after the event at hand. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#stopListening();
    this.#log.wake();
    this.#readers.wake();
    this.#backoff.wake();
    await this.#loops;
  }

  /** Calls `listener` with every batch of events from now on, of all tenants, in order; answers the way to stop. */
  tail(listener: (events: StoredEvent[]) => void): () => void {
    this.#tailers.add(listener);
    return () => this.#tailers.delete(listener);
  }

  /** Events of one tenant after a position, oldest first, at most `limit`. */
  async readAfter(tenantId: string, offset: number, limit: number): Promise<StoredEvent[]> {
    return this.#parts.db.system((tx) =>
      tx.many<StoredEvent>(sql`select ${storedEventColumns} from event.log
        where tenant_id = ${tenantId} and position > ${offset} order by position limit ${limit}`),
    );
  }

  /** Gives positions and feeds the live tailers; never waits for a subscription. */
  async #runLog(): Promise<void> {
    await this.#rounds(this.#log, async () => {
      const { moved, waiting } = await sequence(this.#parts.db);
      const read = await this.#deliver();
      if (moved > 0 || read > 0) {
        this.#readers.wake();
        return 0;
      }
      return waiting ? waitingPollMs : idlePollMs;
    });
  }

  /** Hands events to the subscriptions, one after another. */
  async #runSubscriptions(): Promise<void> {
    await this.#rounds(this.#readers, async () => {
      let more = false;
      for (const subscription of this.#subscriptions) {
        if (this.#running && (await this.#advance(subscription))) more = true;
      }
      return more ? 0 : idlePollMs;
    });
  }

  async #rounds(nap: Nap, round: () => Promise<number>): Promise<void> {
    while (this.#running) {
      nap.woken = false;
      let pauseMs: number;
      try {
        pauseMs = await round();
      } catch (error) {
        this.#parts.log.error({ err: error }, 'event log: a round failed and will be tried again');
        pauseMs = 1_000;
      }
      if (pauseMs > 0 && this.#running) await nap.pause(pauseMs);
    }
  }

  async #deliver(): Promise<number> {
    const events = await this.#parts.db.system((tx) =>
      tx.many<StoredEvent>(sql`select ${storedEventColumns} from event.log
        where position > ${this.#position} order by position limit ${readBatch}`),
    );
    const last = events.at(-1);
    if (!last) return 0;
    this.#position = last.position;
    for (const listener of this.#tailers) {
      try {
        listener(events);
      } catch (error) {
        this.#parts.log.error({ err: error }, 'event log: a live reader failed');
      }
    }
    return events.length;
  }

  /** Hands a subscription its next events; answers whether there may be more. */
  async #advance(subscription: Subscription): Promise<boolean> {
    const { db } = this.#parts;
    const { events, cursor, end } = await db.system(async (tx) => {
      const { position } = await tx.one<{ position: number }>(
        sql`select position::float8 as position from event.cursor where subscription = ${subscription.name}`,
      );
      const log = await tx.one<{ end: number }>(sql`select coalesce(max(position), 0)::float8 as "end" from event.log`);
      const rows = await tx.many<StoredEvent>(sql`select ${storedEventColumns} from event.log
        where position > ${position} and position <= ${log.end} and type = any(${subscription.types as string[]})
        order by position limit ${readBatch}`);
      return { events: rows, cursor: position, end: log.end };
    });
    for (const event of events) {
      if (!this.#running) return false;
      await this.#handle(subscription, event);
    }
    const reached = events.length === readBatch ? (events.at(-1)?.position ?? cursor) : end;
    if (reached > cursor) {
      await db.system((tx) =>
        tx.run(
          sql`update event.cursor set position = greatest(position, ${reached}) where subscription = ${subscription.name}`,
        ),
      );
    }
    return events.length > 0;
  }

  async #handle(subscription: Subscription, event: StoredEvent): Promise<void> {
    const context = makeContext({
      tenant: await this.#parts.tenant(event.tenantId),
      actor: systemActor,
      clock: this.#parts.clock,
      db: this.#parts.db,
      log: this.#parts.log,
      requestId: event.requestId,
      traceparent: event.traceparent ?? undefined,
    });
    for (let attempt = 1; this.#running; attempt++) {
      try {
        await context.db.transact(context, async (tx) => {
          const cursor = await tx.one<{ position: number }>(
            sql`select position::float8 as position from event.cursor where subscription = ${subscription.name} for update`,
          );
          if (cursor.position >= event.position) return;
          await subscription.handle(tx, event);
          await tx.run(
            sql`update event.cursor set position = ${event.position} where subscription = ${subscription.name}`,
          );
        });
        return;
      } catch (error) {
        this.#parts.log.error(
          { err: error, subscription: subscription.name, position: event.position, attempt },
          'event log: a subscription failed',
        );
        if (attempt >= maxAttempts) return this.#bury(subscription, event, error);
        await this.#backoff.pause(Math.min(25 * 2 ** attempt, 5_000));
      }
    }
  }

  async #bury(subscription: Subscription, event: StoredEvent, error: unknown): Promise<void> {
    await this.#parts.db.system(async (tx) => {
      await tx.run(sql`insert into event.dead_letter values (${subscription.name}, ${event.position}, ${event.tenantId},
        ${String((error as Error).message ?? error)}, ${this.#parts.clock.now()}) on conflict do nothing`);
      await tx.run(sql`update event.cursor set position = ${event.position} where subscription = ${subscription.name}`);
    });
  }
}
