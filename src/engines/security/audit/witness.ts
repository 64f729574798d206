import type { Database } from '#db';
import { onEntryWritten } from './record-audit.ts';
import { findLost, type WrittenEntry } from './seal-store.ts';

/** By then a committed entry is sealed or, where the sealing is behind, still waits: it is there in any case. */
const dueMs = 5_000;
/** Entries remembered at once, some 200 bytes each; beyond it (an import of that size within seconds) some go unwatched. */
const maxRemembered = 200_000;
const atOnce = 5_000;

/**
 * Remembers in the memory of the process what it has committed until that is sealed. Whoever has the whole database can
 * delete an entry before its seal and leave no trace in it; from here it cannot be taken.
 */
export class Witness {
  readonly #written = new Map<string, WrittenEntry & { seenMs: number }>();
  readonly #stop: () => void;

  constructor(nowMs: () => number) {
    this.#stop = onEntryWritten((entry) => {
      if (this.#written.size < maxRemembered) this.#written.set(entry.id, { ...entry, seenMs: nowMs() });
    });
  }

  /** Entries that were committed a while ago and are neither sealed nor there to be; each is told once. */
  async lost(db: Database, nowMs: number): Promise<WrittenEntry[]> {
    const gone: WrittenEntry[] = [];
    const due = [...this.#written.values()].filter(({ seenMs }) => Math.abs(nowMs - seenMs) >= dueMs);
    for (let from = 0; from < due.length; from += atOnce) {
      const part = due.slice(from, from + atOnce);
      const lost = new Set(await db.system((tx) => findLost(tx, part)));
      for (const entry of part) {
        this.#written.delete(entry.id);
        if (lost.has(entry.id)) gone.push({ id: entry.id, tenantId: entry.tenantId, action: entry.action });
      }
    }
    return gone;
  }

  /** Remembers nothing further. */
  close(): void {
    this.#stop();
    this.#written.clear();
  }
}
