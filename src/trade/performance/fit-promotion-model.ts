import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import type { Job, JobContext } from '#jobs';
import { runFit } from '#ml';
import type { PanelFit } from './fit-on-panel.ts';
import { findModel, type ModelVersion, storeFailedModel, storeFittedModel } from './model-store.ts';
import { modelFailed, modelFitted, modelFitting } from './performance-events.ts';
import { readSalesPanel, readSalesState } from './read-sales-panel.ts';

/** Half a million facts need about 1 GB; a fit beyond this fails alone instead of taking the server along. */
const heapLimitMb = 3_000;
/** Progress is told in steps of this share: an event each. */
const progressStep = 0.1;

async function announce(context: Context, type: string, version: ModelVersion, more: Record<string, unknown>) {
  await context.db.transact(context, (tx) => announceIn(tx, type, version, more));
}

async function announceIn(tx: TenantTx<Context>, type: string, version: ModelVersion, more: Record<string, unknown>) {
  const { id, kind, number } = version;
  await emit(tx, { type, subjectType: 'model', subjectId: id, data: { modelVersionId: id, kind, number, ...more } });
}

/** Tells the share done in steps; events of one fit are written one after another. */
function progressOf(context: Context, version: ModelVersion) {
  let told = 0;
  let writing: Promise<void> = Promise.resolve();
  return {
    onProgress: (share: number) => {
      if (share < told + progressStep || share >= 1) return;
      told = share;
      writing = writing.then(() => announce(context, modelFitting, version, { share: Number(share.toFixed(2)) }));
    },
    written: () => writing,
  };
}

/**
 * Fits a requested model version on the sales as they stand, in a worker thread, and puts it in force. A version that is
 * no longer being fitted is left alone, so the job may run twice. A fit that is refused (too little data) or fails ends
 * as `failed` with the reason.
 */
export async function fitRequestedModel(context: Context, modelVersionId: string, signal?: AbortSignal): Promise<void> {
  const version = await context.db.read(context, (tx) => findModel(tx, modelVersionId));
  if (version?.status !== 'fitting') return;
  const sales = await readSalesState(context);
  const panel = await readSalesPanel(context);
  if (!panel) return fail(context, version, 'There are no sales to learn from.');
  await announce(context, modelFitting, version, { share: 0 });
  const progress = progressOf(context, version);
  let fit: PanelFit;
  try {
    fit = await runFit<PanelFit>(
      new URL('./fit-on-panel.ts', import.meta.url),
      'fitOnPanel',
      { panel },
      {
        ...{ onProgress: progress.onProgress, heapLimitMb },
        ...(signal ? { signal } : {}),
      },
    );
  } catch (error) {
    // A drain: the job is run again elsewhere or later.
    if (signal?.aborted) throw error;
    context.log.error({ err: error, modelVersionId }, 'the fit of a model failed');
    return fail(context, version, 'The fit failed; the cause is in the log.');
  } finally {
    await progress.written();
  }
  if ('refused' in fit) return fail(context, version, fit.refused);
  const { artifact, version: about, medianLift, elasticity } = fit;
  await context.db.transact(context, async (tx) => {
    const stored = await storeFittedModel(tx, version.id, sales, {
      artifact: Buffer.from(artifact),
      trainedFrom: panel.weekStart[0]!,
      trainedThrough: about.trainedThrough,
      metrics: { accuracy: about.accuracy, medianLift, elasticity },
      parameters: { ...about, accuracy: undefined },
    });
    if (stored) await announceIn(tx, modelFitted, version, { trainedThrough: about.trainedThrough });
  });
}

async function fail(context: Context, version: ModelVersion, reason: string): Promise<void> {
  await context.db.transact(context, async (tx) => {
    await storeFailedModel(tx, version.id, reason);
    await announceIn(tx, modelFailed, version, { reason });
  });
}

/** The job behind {@link fitRequestedModel}. */
export const fitPromotionModelJob: Job<{ modelVersionId: string }> = {
  name: 'fit-promotion-model',
  queue: 'performance',
  handle: (context: JobContext, { modelVersionId }) => fitRequestedModel(context, modelVersionId, context.signal),
};
