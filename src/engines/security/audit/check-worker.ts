import { parentPort, workerData } from 'node:worker_threads';
import { checkEntries } from './check-entries.ts';

/** What the main thread asks: rows of COPY's text format. */
export interface CheckOrder {
  rows: Uint8Array;
}

const port = parentPort;
port?.on('message', ({ rows }: CheckOrder) => port.postMessage(checkEntries(rows, workerData as string)));
