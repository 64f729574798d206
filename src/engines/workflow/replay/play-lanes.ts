import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Played } from './play-on.ts';
import type { OrderedPlay, ReplaySetting } from './replay-setting.ts';

/** Threads at most: others work on this machine, too. */
const mostLanes = 4;

/** Plays approvals beside the server's own thread. */
export interface PlayLane {
  play(orders: readonly OrderedPlay[]): Promise<Played[]>;
  close(): Promise<void>;
}

function openLane(setting: ReplaySetting): PlayLane {
  const worker = new Worker(new URL('./play-worker.ts', import.meta.url), { workerData: setting });
  return {
    play: (orders) =>
      new Promise((resolve, reject) => {
        const over = () => worker.off('message', told).off('error', failed).off('exit', ended);
        const told = (played: Played[]) => {
          over();
          resolve(played);
        };
        const failed = (error: Error) => {
          over();
          reject(error);
        };
        const ended = () => failed(new Error('the thread of a replay ended before it answered'));
        worker.on('message', told).on('error', failed).on('exit', ended);
        worker.postMessage(orders);
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}

/** Opens so many lanes as the machine has processors, four at most, and no more than there are batches. */
export function openLanes(setting: ReplaySetting, batches: number): PlayLane[] {
  const lanes = Math.min(mostLanes, availableParallelism(), Math.max(1, batches));
  return Array.from({ length: lanes }, () => openLane(setting));
}
