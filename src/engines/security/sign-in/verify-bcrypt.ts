import { Worker } from 'node:worker_threads';

/** Hashes of other systems: `$2a$`, `$2b$`, `$2y$` and a cost (its binary logarithm). */
const form = /^\$2[aby]\$(\d\d)\$[./A-Za-z\d]{53}$/;
/** A cost above takes longer than anyone waits for a sign-in, and would be an attack on ourselves. */
const maxCost = 14;
/** Hashes verified at once: each takes a core for a quarter of a second. */
const maxAtOnce = 2;

let running = 0;
const waiting: (() => void)[] = [];

/** Whether a stored hash is one of bcrypt's. */
export function isBcrypt(hash: string): boolean {
  return form.test(hash);
}

/** Whether `password` is the one of a bcrypt hash; worked out in a thread of its own, since the library is JavaScript. */
export async function verifyBcrypt(password: string, hash: string): Promise<boolean> {
  const cost = Number(form.exec(hash)?.[1]);
  if (!(cost <= maxCost)) return false;
  if (running >= maxAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await compareInThread(password, hash);
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

function compareInThread(password: string, hash: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./bcrypt-worker.ts', import.meta.url), { workerData: { password, hash } });
    worker.once('message', (same: boolean) => resolve(same));
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread that verifies a password ended without an answer')));
  });
}
