import { Worker } from 'node:worker_threads';
import type { FitMessage, FitOrder } from './fit-worker.ts';

/** How a fit is run off the main thread. */
export interface RunFitOptions {
  /** Told the share done, 0..1. */
  onProgress?: (share: number) => void;
  /** Ends the worker at once; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Memory of the worker's JavaScript heap at most, MiB; past it the fit fails and the process lives on. */
  heapLimitMb?: number;
}

/**
 * Runs one exported function of a module in a worker thread: `input` and the answer are structured-clone data. Rejects
 * with the function's own error, with the abort reason, or where the worker died.
 */
export function runFit<Output>(
  module: URL,
  functionName: string,
  input: unknown,
  options: RunFitOptions = {},
): Promise<Output> {
  const { signal, onProgress, heapLimitMb } = options;
  if (signal?.aborted) return Promise.reject(signal.reason);
  const order: FitOrder = { module: module.href, functionName, input };
  const worker = new Worker(new URL('./fit-worker.ts', import.meta.url), {
    workerData: order,
    ...(heapLimitMb ? { resourceLimits: { maxOldGenerationSizeMb: heapLimitMb } } : {}),
  });
  return new Promise<Output>((resolve, reject) => {
    const abort = () => {
      reject(signal?.reason);
      void worker.terminate();
    };
    signal?.addEventListener('abort', abort, { once: true });
    worker.on('message', (message: FitMessage) => {
      if (message.kind === 'progress') onProgress?.(message.share);
      else if (message.kind === 'result') resolve(message.value as Output);
      else reject(message.error);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      signal?.removeEventListener('abort', abort);
      reject(new Error(`the worker of ${functionName} ended with code ${code} before it answered`));
    });
  });
}
