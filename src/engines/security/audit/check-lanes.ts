import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { checkEntries, type EntryCheck } from './check-entries.ts';
import type { CheckedTrail } from './check-worker.ts';

/** Checks rows, in this thread or in one of its own. */
export interface CheckLane {
  check(rows: Uint8Array<ArrayBuffer>): Promise<EntryCheck>;
  close(): Promise<void>;
}

/** Below so many entries a thread costs more than it saves. */
const worthThreads = 50_000;
const maxLanes = 4;

function threadLane(trail: CheckedTrail): CheckLane {
  const worker = new Worker(new URL('./check-worker.ts', import.meta.url), { workerData: trail });
  return {
    check: (rows) =>
      new Promise((resolve, reject) => {
        worker.once('error', reject);
        worker.once('message', (found: EntryCheck) => {
          worker.off('error', reject);
          resolve(found);
        });
        worker.postMessage(rows, [rows.buffer]);
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}

/** One lane in this thread for few entries, a thread for each processor (at most four) for many. */
export function openLanes(entries: number, trail: CheckedTrail): CheckLane[] {
  if (entries < worthThreads) {
    return [
      { check: async (rows) => checkEntries(rows, trail.secretKey, trail.tenantId), close: async () => undefined },
    ];
  }
  return Array.from({ length: Math.min(maxLanes, availableParallelism()) }, () => threadLane(trail));
}
