import type { Clock } from '#clock';
import { makeContext, systemActor, type TenantFacts } from '#context';
import type { Database } from '#db';
import type { Invariant } from '#module';
import type { Logger } from '#telemetry';
import { checkEveryMs, checkInvariants } from './check-invariants.ts';

interface InvariantLoopParts {
  db: Database;
  clock: Clock;
  log: Logger;
  /** Every tenant of the house. */
  tenants(): Promise<readonly TenantFacts[]>;
  invariants: readonly Invariant[];
}

/** While there is no tenant yet, so often is looked for the first one. */
const nobodyMs = 1_000;

/** Looks at every tenant's invariants over and over until stopped; tenants one after another, spread over the pace. */
export class InvariantLoop {
  readonly #parts: InvariantLoopParts;
  #running = false;
  #timeout: NodeJS.Timeout | undefined;
  #round: Promise<unknown> = Promise.resolve();
  #waiting: TenantFacts[] = [];
  #stepMs = checkEveryMs;

  constructor(parts: InvariantLoopParts) {
    this.#parts = parts;
  }

  /** Starts with a first look at once. */
  start(): void {
    this.#running = true;
    this.#schedule(0);
  }

  /** Stops after the tenant at hand. */
  async stop(): Promise<void> {
    this.#running = false;
    clearTimeout(this.#timeout);
    await this.#round;
  }

  #schedule(ms: number): void {
    if (!this.#running) return;
    this.#timeout = setTimeout(() => {
      this.#round = this.#step()
        .catch((error) => this.#parts.log.error({ err: error }, 'invariants: a round failed and will be tried again'))
        .then(() => this.#schedule(this.#stepMs));
    }, ms);
  }

  async #step(): Promise<void> {
    const { db, clock, log, invariants } = this.#parts;
    if (this.#waiting.length === 0) {
      this.#waiting = [...(await this.#parts.tenants())];
      this.#stepMs = this.#waiting.length > 0 ? checkEveryMs / this.#waiting.length : nobodyMs;
    }
    const tenant = this.#waiting.shift();
    if (tenant) await checkInvariants(makeContext({ tenant, actor: systemActor, clock, db, log }), invariants);
  }
}
