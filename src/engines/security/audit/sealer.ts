import type { Clock } from '#clock';
import { idsFrom, systemActorId } from '#context';
import type { Database } from '#db';
import type { Logger } from '#telemetry';
import { type CheckpointPlaces, keepOutside } from './checkpoint-places.ts';
import { dropExpired } from './drop-expired.ts';
import { appendAudit } from './record-audit.ts';
import { ensurePartitions } from './retention-store.ts';
import { sealAudit } from './seal-audit.ts';
import { newestCheckpoints } from './seal-store.ts';
import { Witness } from './witness.ts';

/** How often what waits is sealed: a committed entry is under a signed checkpoint within two seconds. */
const everyMs = 1_000;
/** How often partitions are made ahead and expired ones dropped. */
const upkeepMs = 60 * 60_000;
/** How soon it is tried again where it failed: a long transaction was in the way. */
const upkeepAgainMs = 60_000;

interface SealerParts extends CheckpointPlaces {
  db: Database;
  clock: Clock;
  log: Logger;
  secretKey: string;
}

/** Seals the trail over and over until stopped; several processes take turns. */
export class Sealer {
  readonly #parts: SealerParts;
  #running = false;
  #timeout: NodeJS.Timeout | undefined;
  #round: Promise<unknown> = Promise.resolve();
  #upkeepAt = 0;
  #started = false;
  #witness: Witness | undefined;

  constructor(parts: SealerParts) {
    this.#parts = parts;
  }

  /** Starts with a first round at once. */
  start(): void {
    this.#running = true;
    this.#witness = new Witness(() => this.#parts.clock.now().getTime());
    this.#schedule(0);
  }

  /** Stops after the round at hand, sealing what was committed before. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    clearTimeout(this.#timeout);
    await this.#round;
    await this.#seal().catch((error) => this.#tell(error));
    this.#witness?.close();
  }

  #tell(error: unknown, tenantId?: string): void {
    this.#parts.log.error({ err: error, tenantId }, 'audit: sealing failed and will be tried again');
  }

  #schedule(ms: number): void {
    if (!this.#running) return;
    this.#timeout = setTimeout(() => {
      this.#round = this.#step()
        .catch((error) => this.#tell(error))
        .then(() => this.#schedule(everyMs));
    }, ms);
  }

  async #seal(): Promise<void> {
    if (!this.#started) {
      // A process that was killed may have signed what it could not write outside any more.
      await keepOutside(this.#parts, await this.#parts.db.system(newestCheckpoints));
      this.#started = true;
    }
    await sealAudit(
      this.#parts,
      (note) => keepOutside(this.#parts, [note]),
      (error, tenantId) => this.#tell(error, tenantId),
    );
  }

  /** What this process committed and somebody took out before it was sealed stands in the trail as lost. */
  async #tellLost(nowMs: number): Promise<void> {
    const { db, clock } = this.#parts;
    for (const { id, tenantId, action } of (await this.#witness?.lost(db, nowMs)) ?? []) {
      this.#tell(new Error(`the audit entry ${id} (${action}) was deleted before it was sealed`), tenantId);
      const newId = idsFrom(clock);
      const scope = { tenantId, actorId: systemActorId, requestId: newId(), at: clock.now(), newId };
      const what = {
        entityType: 'audit_entry',
        entityId: id,
        after: { action },
        reason: 'deleted before it was sealed',
      };
      await db.system((tx) => appendAudit(tx, scope, { action: 'audit.entry_lost', ...what }));
    }
  }

  async #step(): Promise<void> {
    const { db, clock } = this.#parts;
    await this.#seal();
    const nowMs = clock.now().getTime();
    await this.#tellLost(nowMs);
    if (nowMs < this.#upkeepAt) return;
    this.#upkeepAt = nowMs + upkeepAgainMs;
    await ensurePartitions(db, clock.now());
    await dropExpired(this.#parts);
    this.#upkeepAt = nowMs + upkeepMs;
  }
}
