import { parentPort, workerData } from 'node:worker_threads';
import { checkEntries } from './check-entries.ts';

/** Whose entries a thread checks. */
export interface CheckedTrail {
  secretKey: string;
  tenantId: string;
}

const { secretKey, tenantId } = workerData as CheckedTrail;
const port = parentPort;
port?.on('message', (rows: Uint8Array) => port.postMessage(checkEntries(rows, secretKey, tenantId)));
