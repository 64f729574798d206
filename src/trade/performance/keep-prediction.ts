import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import type { PredictedOutcome } from './post-event.ts';

/**
 * Keeps what was predicted for a promotion when somebody relied on it (a submission), for the comparison with what it
 * does. `modelVersion` is the model version's id. Joins the caller's transaction.
 */
export async function keepPrediction(
  tx: TenantTx<Context>,
  promotionId: string,
  prediction: PredictedOutcome,
): Promise<void> {
  const { context } = tx;
  await tx.run(sql`
    insert into performance.prediction (tenant_id, id, promotion_id, model_version_id, prediction, predicted_at, predicted_by)
    values (${context.tenant.id}, ${context.newId()}, ${promotionId}, ${prediction.modelVersion},
      ${JSON.stringify(prediction)}, ${context.clock.now()}, ${context.actor.id})`);
}

/** The prediction that was kept last for a promotion, by an instant (ISO 8601) where one is given; or null. */
export async function findPrediction(
  tx: TenantTx<Context>,
  promotionId: string,
  asOf?: string,
): Promise<PredictedOutcome | null> {
  const by = asOf === undefined ? sql`true` : sql`predicted_at <= ${asOf}`;
  const row = await tx.maybe<{ prediction: PredictedOutcome }>(sql`select prediction from performance.prediction
    where promotion_id = ${promotionId} and ${by} order by seq desc limit 1`);
  return row?.prediction ?? null;
}
