import { randomUUID } from 'node:crypto';
import type { Clock } from '#clock';
import { makeContext, systemActor, type TenantFacts } from '#context';
import type { Database } from '#db';
import type { Logger } from '#telemetry';
import type { Rule } from './domain/rule.ts';
import { rules } from './domain/rules/index.ts';
import { onSecurityEvent } from './event-store.ts';
import { keepWatches, tenantsWithNews, tendMonths } from './watch-store.ts';
import { heldMs, TenantWatch } from './watch-tenant.ts';

interface DetectionParts {
  db: Database;
  clock: Clock;
  log: Logger;
  tenant(tenantId: string): Promise<TenantFacts>;
  /** How often is looked for what other processes have recorded. */
  pollMs?: number;
  /** Every rule of the product unless told otherwise. */
  rules?: readonly Rule[];
}

/** An alert about what another process has recorded follows within 5 s; what this one commits wakes it at once. */
export const defaultPollMs = 1_000;
/** The watch is kept so often: twice may fail before it is lost. */
const stayMs = 1_000;
/** Months are tended so often. */
const tendMs = 6 * 3_600_000;
/** And again so soon where that failed. */
const tendAgainMs = 60_000;

/** Looks at the security events of all tenants until stopped; several processes share the tenants out. */
export class DetectionLoop {
  readonly #parts: DetectionParts;
  readonly #holder = randomUUID();
  readonly #watches = new Map<string, TenantWatch>();
  #running = false;
  #timeout: NodeJS.Timeout | undefined;
  #round: Promise<unknown> = Promise.resolve();
  #busy = false;
  #woken = false;
  #unsubscribe: (() => void) | undefined;
  #stayedMs = Number.NEGATIVE_INFINITY;
  #tendedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: DetectionParts) {
    this.#parts = parts;
  }

  /** Starts looking. */
  start(): void {
    this.#running = true;
    this.#unsubscribe = onSecurityEvent(() => this.#wake());
    this.#schedule(0);
  }

  /** Stops after the round at hand and leaves the watch to others. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#unsubscribe?.();
    clearTimeout(this.#timeout);
    await this.#round;
    for (const watch of this.#watches.values()) await watch.leave();
  }

  #wake(): void {
    // Woken once is enough: a stream of events must not put the round off again and again.
    if (!this.#busy && !this.#woken) this.#schedule(0);
    this.#woken = true;
  }

  #schedule(ms: number): void {
    if (!this.#running) return;
    clearTimeout(this.#timeout);
    this.#timeout = setTimeout(() => {
      this.#busy = true;
      this.#woken = false;
      this.#round = this.round()
        .catch((error) => {
          this.#parts.log.error({ err: error }, 'detection: a round failed and will be tried again');
          return 0;
        })
        .then((seen) => {
          this.#busy = false;
          this.#schedule(seen > 0 || this.#woken ? 0 : (this.#parts.pollMs ?? defaultPollMs));
        });
    }, ms);
  }

  /** One look at every tenant with news; answers how many events were looked at. */
  async round(): Promise<number> {
    const { db, clock, log } = this.#parts;
    const nowMs = clock.now().getTime();
    await this.#tend(nowMs);
    await this.#stay();
    let seen = 0;
    for (const tenantId of await tenantsWithNews(db)) {
      try {
        // Another tenant may have taken its time.
        await this.#stay();
        seen += await (await this.#watchOf(tenantId)).look();
      } catch (error) {
        // One tenant's trouble must not keep the others unwatched.
        log.error({ err: error, tenantId }, 'detection: a tenant could not be looked at and will be tried again');
      }
    }
    return seen;
  }

  /** Keeps the watch over the tenants that this process has, and forgets those that another one has taken. */
  async #stay(): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.#stayedMs < stayMs) return;
    this.#stayedMs = nowMs;
    const held = [...this.#watches].filter(([, watch]) => watch.isHeld);
    if (held.length === 0) return;
    const ids = held.map(([tenantId]) => tenantId);
    const kept = await keepWatches(this.#parts.db, this.#holder, ids, heldMs);
    for (const [tenantId, watch] of held) if (!kept.has(tenantId)) watch.forget();
  }

  async #tend(nowMs: number): Promise<void> {
    const { db, clock, log } = this.#parts;
    if (nowMs - this.#tendedMs <= tendMs) return;
    try {
      await tendMonths(db, clock.now());
      this.#tendedMs = nowMs;
    } catch (error) {
      // A long transaction was in the way; until then new events are kept where no month is made.
      this.#tendedMs = nowMs - tendMs + tendAgainMs;
      log.error({ err: error }, 'detection: the months could not be tended and will be tried again');
    }
  }

  async #watchOf(tenantId: string): Promise<TenantWatch> {
    const known = this.#watches.get(tenantId);
    if (known) return known;
    const { db, clock, log } = this.#parts;
    const context = makeContext({ tenant: await this.#parts.tenant(tenantId), actor: systemActor, clock, db, log });
    const watch = new TenantWatch(context, this.#holder, this.#parts.rules ?? rules);
    this.#watches.set(tenantId, watch);
    return watch;
  }
}
