import { parentPort, workerData } from 'node:worker_threads';
import { makePlayer, type OrderedPlay, type ReplaySetting } from './replay-setting.ts';

const play = makePlayer(workerData as ReplaySetting);
parentPort?.on('message', (orders: readonly OrderedPlay[]) => parentPort?.postMessage(orders.map(play)));
