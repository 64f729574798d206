import type { Context } from '#context';
import type { LogPosition, StoredEvent } from '#events';
import type { Logger } from '#telemetry';
import { type AnyChannel, isOfType } from './channel.ts';
import { lastEvents } from './event-history.ts';
import type { Limits } from './limits.ts';

/** Measures and last events of a channel; everything up to `position` is in them. */
export interface Snapshot {
  values: Readonly<Record<string, unknown>>;
  recentEvents: readonly StoredEvent[];
  position: LogPosition;
}

/** What a view needs. */
export interface ViewParts {
  channel: AnyChannel;
  filters: unknown;
  context: Context;
  log: Logger;
  limits: Limits;
  position(): LogPosition;
  /** Called with the measures that have another value than before. */
  publish(changed: Readonly<Record<string, unknown>>, position: LogPosition): void;
}

interface Waiter {
  resolve(snapshot: Snapshot): void;
  reject(error: unknown): void;
}

/**
 * The measures of a channel for one tenant and one set of filters, shared by all who look at them: however many
 * sockets there are, one read runs at a time, and values only move forward.
 */
export class View {
  readonly #parts: ViewParts;
  readonly #names: readonly string[];
  readonly #timers: NodeJS.Timeout[];
  readonly #dirty = new Set<string>();
  readonly #known = new Map<string, string>();
  #waiters: Waiter[] = [];
  #running = false;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(parts: ViewParts) {
    this.#parts = parts;
    const { measures } = parts.channel;
    this.#names = Object.keys(measures).filter((name) => measures[name]?.appliesTo?.(parts.filters) ?? true);
    this.#timers = this.#names.flatMap((name) => {
      const everyMs = measures[name]?.everyMs;
      return everyMs ? [setInterval(() => this.#touch([name]), everyMs).unref()] : [];
    });
  }

  /** Everything, read after this call. */
  read(): Promise<Snapshot> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#wake();
      this.#kick();
    });
  }

  /** Takes note of an event: the measures it may change are read again. */
  take(eventType: string): void {
    const { measures } = this.#parts.channel;
    this.#touch(this.#names.filter((name) => measures[name]?.changedBy.some((type) => isOfType(eventType, type))));
  }

  /** Stops reading. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#wake();
  }

  #touch(names: readonly string[]): void {
    if (names.length === 0) return;
    for (const name of names) this.#dirty.add(name);
    this.#kick();
  }

  #kick(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    while (this.#waiters.length > 0 || (this.#dirty.size > 0 && !this.#closed)) {
      const failed = await this.#round();
      if (this.#dirty.size > 0 && this.#waiters.length === 0 && !this.#closed) {
        await this.#pause(failed ? this.#parts.limits.measureRetryMs : this.#parts.limits.measurePauseMs);
      }
    }
    this.#running = false;
  }

  async #round(): Promise<boolean> {
    const waiters = this.#waiters;
    this.#waiters = [];
    const names = waiters.length > 0 ? this.#names : [...this.#dirty];
    this.#dirty.clear();
    // Before the read: what happens while it runs makes the measures dirty again.
    const position = this.#parts.position();
    try {
      const { values, recentEvents } = await this.#readNow(names, waiters.length > 0 ? position : undefined);
      this.#publish(values, position);
      for (const waiter of waiters) waiter.resolve({ values, recentEvents, position });
      return false;
    } catch (error) {
      for (const name of names) this.#dirty.add(name);
      for (const waiter of waiters) waiter.reject(error);
      this.#parts.log.error({ err: error, channel: this.#parts.channel.name }, 'realtime: measures could not be read');
      return true;
    }
  }

  async #readNow(names: readonly string[], upTo: LogPosition | undefined): Promise<Omit<Snapshot, 'position'>> {
    const { channel, filters, context } = this.#parts;
    return context.db.transact(context, async (tx) => {
      const values: Record<string, unknown> = {};
      for (const name of names) values[name] = await channel.measures[name]?.read(tx, filters);
      if (!upTo || !channel.recentEvents) return { values, recentEvents: [] };
      const wanted = { types: channel.events.map(({ type }) => type), data: channel.eventData?.(filters) ?? {} };
      return { values, recentEvents: await lastEvents(tx, wanted, upTo.offset, channel.recentEvents) };
    });
  }

  #publish(values: Readonly<Record<string, unknown>>, position: LogPosition): void {
    const changed: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(values)) {
      const text = JSON.stringify(value);
      if (this.#known.get(name) === text) continue;
      this.#known.set(name, text);
      changed[name] = value;
    }
    if (Object.keys(changed).length > 0) this.#parts.publish(changed, position);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
