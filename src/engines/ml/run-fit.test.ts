import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runFit } from './run-fit.ts';

/** A module of its own, so that the worker loads something that the test did not. */
function moduleOf(source: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

test('a fit runs off the main thread, tells its progress and hands its answer back', async () => {
  const module = moduleOf(`
    import { isMainThread } from 'node:worker_threads';
    export async function fit(input, { onProgress }) {
      onProgress(0.25); onProgress(1);
      return { sum: input.values.reduce((a, b) => a + b, 0), isMainThread };
    }`);
  const shares: number[] = [];
  const answer = await runFit(
    module,
    'fit',
    { values: Float64Array.of(1, 2, 3.5) },
    { onProgress: (s) => shares.push(s) },
  );
  assert.deepEqual(answer, { sum: 6.5, isMainThread: false });
  assert.deepEqual(shares, [0.25, 1]);
});

test('a fit that throws rejects with its own error and a missing function is named', async () => {
  const module = moduleOf(`export function fit() { throw new RangeError('no rows'); }`);
  await assert.rejects(
    runFit(module, 'fit', {}),
    (error: Error) => error instanceof RangeError && error.message === 'no rows',
  );
  await assert.rejects(runFit(module, 'other', {}), /exports no function other/);
});

test('an endless fit ends when it is cancelled, with the reason of the cancel', async () => {
  const module = moduleOf(`export function fit(_, { onProgress }) { onProgress(0); for (;;); }`);
  const controller = new AbortController();
  const onProgress = () => controller.abort(new Error('a newer fit took over'));
  await assert.rejects(runFit(module, 'fit', {}, { signal: controller.signal, onProgress }), /a newer fit took over/);
  await assert.rejects(runFit(module, 'fit', {}, { signal: controller.signal }), /a newer fit took over/);
});

test('a fit that eats its memory limit fails without taking the process along', async () => {
  const module = moduleOf(
    `export function fit() { const all = []; for (;;) all.push(new Array(1e5).fill({}).map(() => ({}))); }`,
  );
  await assert.rejects(runFit(module, 'fit', {}, { heapLimitMb: 32 }), /memory/i);
});
