import { parentPort, workerData } from 'node:worker_threads';

/** What the main thread asks of the worker. */
export interface FitOrder {
  /** file: URL of the module that holds the function. */
  module: string;
  functionName: string;
  /** Structured-clone data. */
  input: unknown;
}

/** What the worker says back. */
export type FitMessage =
  | { kind: 'progress'; share: number }
  | { kind: 'result'; value: unknown }
  | { kind: 'failure'; error: unknown };

/** A function that can run off the main thread: plain data in, plain data out, share done (0..1) told on the way. */
export type FitFunction<Input, Output> = (
  input: Input,
  context: { onProgress: (share: number) => void },
) => Output | Promise<Output>;

async function work(order: FitOrder, post: (message: FitMessage) => void): Promise<void> {
  const module = (await import(order.module)) as Record<string, unknown>;
  const fit = module[order.functionName];
  if (typeof fit !== 'function') throw new TypeError(`${order.module} exports no function ${order.functionName}`);
  const onProgress = (share: number) => post({ kind: 'progress', share });
  const value = await (fit as FitFunction<unknown, unknown>)(order.input, { onProgress });
  post({ kind: 'result', value });
}

const port = parentPort;
if (port) {
  const post = (message: FitMessage) => port.postMessage(message);
  // The listener on the other side tells a failure from a crash by this message.
  work(workerData as FitOrder, post).catch((error: unknown) => post({ kind: 'failure', error }));
}
