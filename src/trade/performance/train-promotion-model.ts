import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { Problem } from '#problem';
import { recordAudit } from '#security';
import { findFittingModel, insertFittingModel, type ModelVersion } from './model-store.ts';
import { modelRequested } from './performance-events.ts';
import { readSalesState, type SalesState } from './read-sales-panel.ts';

/** A fit takes minutes at most: one that is older has lost its process, and another may begin. */
const abandonedMs = 30 * 60_000;

/**
 * Asks for a model on the sales as they stand; the fit starts after the commit. While one is being fitted on the same
 * sales the answer is that one.
 */
export async function requestModel(tx: TenantTx<Context>, sales: SalesState): Promise<ModelVersion> {
  const kind = 'promotion-response';
  const { context } = tx;
  const fitting = await findFittingModel(tx, kind, sales);
  const youngest = context.clock.now().getTime() - abandonedMs;
  if (fitting && fitting.requestedAt.getTime() > youngest) return fitting;
  const version = await insertFittingModel(tx, kind, sales);
  const { id, number } = version;
  await emit(tx, {
    type: modelRequested,
    subjectType: 'model',
    subjectId: id,
    data: { modelVersionId: id, kind, number },
  });
  await recordAudit(tx, { action: 'model.requested', entityType: 'model', entityId: id, after: { kind, number } });
  return version;
}

/** Starts a fit of the promotion response model. Throws `prediction.refused` where the tenant has no sales. */
export async function trainPromotionModel(context: Context): Promise<ModelVersion> {
  const sales = await readSalesState(context);
  if (sales.rows === 0) throw new Problem('prediction.refused', { detail: 'There are no sales to learn from.' });
  return context.db.transact(context, (tx) => requestModel(tx, sales));
}
