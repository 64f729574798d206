import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { compareSync, hashSync } from 'bcryptjs';
import { hashPassword, verifyPassword } from '#security';
import type { BenchPart } from '../trade/part.ts';

const word = 'correct horse battery';
/** The cost that other systems mostly have. */
const bcryptCost = 10;
const nsPerMs = 1_000_000;

/** How late the event loop comes to its timers while `work` runs, in milliseconds. */
async function lateness(work: () => Promise<unknown>): Promise<{ p99: number; max: number; took: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await sleep(50);
  delay.reset();
  const began = performance.now();
  await work();
  const took = performance.now() - began;
  delay.disable();
  return { p99: delay.percentile(99) / nsPerMs, max: delay.max / nsPerMs, took };
}

/** Whether passwords are verified beside the event loop and not on it. */
export const signInPart: BenchPart = {
  name: 'sign-in',
  what: 'so many passwords verified at once, every other one against a bcrypt hash of another system',
  sizes: [4, 16, 64],
  targets: { 'loop p99': 25 },
  run: async (_house, size) => {
    const hashes = [await hashPassword(word), hashSync(word, bcryptCost)];
    const beside = await lateness(() =>
      Promise.all(Array.from({ length: size }, (_, at) => verifyPassword(word, hashes[at % 2] ?? ''))),
    );
    const held = await lateness(async () => compareSync(word, hashes[1] ?? ''));
    return {
      figures: {
        ...{ 'loop p99': beside.p99, 'loop max': beside.max, 'all verified': beside.took },
        'one bcrypt hash on the loop': held.took,
      },
    };
  },
};
