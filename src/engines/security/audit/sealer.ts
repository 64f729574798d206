import type { Clock } from '#clock';
import { idsFrom, systemActorId } from '#context';
import type { Database } from '#db';
import type { Logger } from '#telemetry';
import { type CheckpointPlaces, keepOutside } from './checkpoint-places.ts';
import { dropExpired } from './drop-expired.ts';
import { Frontier } from './merkle-tree.ts';
import { OutsideFloor, RolledBackError } from './outside-floor.ts';
import { appendAudit } from './record-audit.ts';
import { ensurePartitions } from './retention-store.ts';
import { DamagedTreeError, sealAudit } from './seal-audit.ts';
import { newestCheckpoints, readTrees } from './seal-store.ts';
import { parseCheckpoint, parseNote } from './signed-note.ts';
import { type Doubt, tellDoubt } from './tell-doubt.ts';
import { Witness } from './witness.ts';

/** How often what waits is sealed: a committed entry is under a signed checkpoint within two seconds. */
const everyMs = 1_000;
/** How often what lies outside is compared with the database, also where nothing happens that would be sealed. */
const compareMs = 2_000;
/** How often partitions are made ahead and expired ones dropped. */
const upkeepMs = 60 * 60_000;
/** How soon it is tried again where it failed: a long transaction was in the way. */
const upkeepAgainMs = 60_000;
/** The same doubt about the same trail is told again after so long. */
const tellAgainMs = 24 * 60 * 60_000;

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
  #upkeep: Promise<unknown> = Promise.resolve();
  #upkeepRuns = false;
  #started = false;
  #witness: Witness | undefined;
  readonly #floor: OutsideFloor;
  readonly #told = new Map<string, number>();
  #refused = new Set<string>();
  #comparedMs = Number.NEGATIVE_INFINITY;
  #behind: ReadonlyMap<string, Doubt> = new Map();

  constructor(parts: SealerParts) {
    this.#parts = parts;
    this.#floor = new OutsideFloor(parts.secretKey);
  }

  /** Whether there are trails on which nothing is sealed, since their database was put back or altered. */
  get refuses(): boolean {
    return this.#refused.size > 0;
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
    await this.#upkeep;
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

  /** Puts outside what a process that was killed had signed and could not write there any more. */
  async #completeOutside(): Promise<void> {
    const { db } = this.#parts;
    const missing: string[] = [];
    for (const note of await db.system(newestCheckpoints)) {
      const said = parseCheckpoint(parseNote(note)?.text ?? '');
      if (!said) continue;
      try {
        await db.system((tx) => this.#floor.require(tx, said.tenantId, said));
        missing.push(note);
      } catch (error) {
        // It must not become the newest outside.
        if (!(error instanceof RolledBackError)) throw error;
      }
    }
    await keepOutside(this.#parts, missing);
    this.#started = true;
  }

  /** Reads what this and other processes have put outside; where there is no file yet, nothing is known. */
  async #readOutside(): Promise<void> {
    await this.#floor.read(this.#parts.checkpointFile).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }

  /** Finds trails whose database was put back: where nothing happens, nothing else would tell. */
  async #compare(): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.#comparedMs < compareMs) return;
    this.#behind = await this.#parts.db.system(async (tx) => {
      const behind = new Map<string, Doubt>();
      for (const { tenantId, size, frontier } of await readTrees(tx)) {
        try {
          const tree = new Frontier(Number(size), frontier);
          await this.#floor.require(tx, tenantId, { size: tree.size, root: tree.root() });
        } catch (error) {
          if (error instanceof RolledBackError) behind.set(tenantId, { kind: 'rollback', because: error.message });
          // One damaged tree must not keep the others from being compared, nor anything from being sealed.
          else this.#tell(error, tenantId);
        }
      }
      return behind;
    });
    this.#comparedMs = nowMs;
  }

  async #seal(): Promise<void> {
    await this.#readOutside();
    if (!this.#started) await this.#completeOutside();
    await this.#compare();
    const refused = new Map(this.#behind);
    await sealAudit(
      { ...this.#parts, floor: this.#floor },
      (note) => keepOutside(this.#parts, [note]),
      (error, tenantId) => {
        if (error instanceof RolledBackError) refused.set(tenantId, { kind: 'rollback', because: error.message });
        else if (error instanceof DamagedTreeError) refused.set(tenantId, { kind: 'tree', because: error.message });
        else this.#tell(error, tenantId);
      },
    );
    this.#refused = new Set(refused.keys());
    for (const [tenantId, doubt] of refused) await this.#doubt(tenantId, doubt);
  }

  /** Says loudly, but not every second, why a trail cannot be trusted as it stands. */
  async #doubt(tenantId: string, doubt: Doubt): Promise<void> {
    const { log, clock } = this.#parts;
    const [name, nowMs] = [`${tenantId} ${doubt.because}`, clock.now().getTime()];
    if (Math.abs(nowMs - (this.#told.get(name) ?? Number.NEGATIVE_INFINITY)) < tellAgainMs) return;
    log.error({ tenantId, doubt: doubt.kind }, `audit: ${doubt.because}`);
    await tellDoubt(this.#parts, tenantId, doubt);
    this.#told.set(name, nowMs);
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
    await this.#seal();
    const nowMs = this.#parts.clock.now().getTime();
    await this.#tellLost(nowMs);
    if (nowMs < this.#upkeepAt || this.#upkeepRuns) return;
    this.#upkeepAt = nowMs + upkeepAgainMs;
    // Beside the sealing: before anything is dropped the whole trail is verified, which takes its time.
    this.#upkeepRuns = true;
    this.#upkeep = this.#keepUp()
      .then(
        () => {
          this.#upkeepAt = nowMs + upkeepMs;
        },
        (error) => this.#parts.log.error({ err: error }, 'audit: the upkeep failed and will be tried again'),
      )
      .finally(() => {
        this.#upkeepRuns = false;
      });
  }

  async #keepUp(): Promise<void> {
    const { db, clock } = this.#parts;
    await ensurePartitions(db, clock.now());
    const doubts: [string, Doubt][] = [];
    await dropExpired({ ...this.#parts, onDoubt: (tenantId, doubt) => doubts.push([tenantId, doubt]) });
    for (const [tenantId, doubt] of doubts) await this.#doubt(tenantId, doubt);
  }
}
