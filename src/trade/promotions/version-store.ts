import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import type { Promotion } from './domain/promotion.ts';
import type { PromotionState } from './domain/promotion-state.ts';

type Tx = TenantTx<Context>;

/** Keeps a promotion as it stands as the version that it names; no version is ever changed. */
export async function recordVersion(tx: Tx, promotion: Promotion): Promise<void> {
  const { id, version, state, ...body } = promotion;
  await tx.run(sql`insert into promotions.version (tenant_id, promotion_id, version, state, body, recorded_by, recorded_at)
    values (${tx.context.tenant.id}, ${id}, ${version}, ${state}, ${JSON.stringify(body)}, ${tx.context.actor.id}, ${tx.context.clock.now()})`);
}

interface SavedVersion {
  version: number;
  state: PromotionState;
  body: Promotion;
}

/** A saved version as a promotion: its body is JSON as it was written then, in which instants are texts. */
function toPromotion(id: string, { version, state, body }: SavedVersion): Promotion {
  const instant = (text: Date | null) => (text === null ? null : new Date(text));
  return {
    ...{ ...body, id, version, state, stoppedOn: body.stoppedOn ?? null },
    createdAt: new Date(body.createdAt),
    updatedAt: new Date(body.updatedAt),
    submittedAt: instant(body.submittedAt),
  };
}

/** A promotion as it stood at an instant; undefined where it was not there yet. */
export async function promotionAsOf(tx: Tx, id: string, asOf: string): Promise<Promotion | undefined> {
  const row = await tx.maybe<SavedVersion>(sql`select version, state, body from promotions.version
    where promotion_id = ${id} and recorded_at <= ${asOf} order by version desc limit 1`);
  return row && toPromotion(id, row);
}

/** A promotion as it was saved first. */
export async function firstVersion(tx: Tx, id: string): Promise<Promotion | undefined> {
  const row = await tx.maybe<SavedVersion>(sql`select version, state, body from promotions.version
    where promotion_id = ${id} order by version limit 1`);
  return row && toPromotion(id, row);
}

export async function listVersions(tx: Tx, promotionId: string) {
  return tx.many<{
    version: number;
    state: PromotionState;
    body: Omit<Promotion, 'id' | 'version' | 'state'>;
    recordedBy: string;
    recordedAt: Date;
  }>(sql`
    select version, state, body, recorded_by as "recordedBy", recorded_at as "recordedAt" from promotions.version
    where promotion_id = ${promotionId} order by version`);
}

export async function addHistory(tx: Tx, promotionId: string, action: string, detail: string): Promise<void> {
  const { context } = tx;
  await tx.run(sql`insert into promotions.history (tenant_id, id, promotion_id, action, detail, actor_id, at)
    values (${context.tenant.id}, ${context.newId()}, ${promotionId}, ${action}, ${detail}, ${context.actor.id}, ${context.clock.now()})`);
}

export async function listHistory(tx: Tx, promotionId: string) {
  return tx.many<{ id: string; action: string; detail: string; actorId: string; at: Date }>(sql`
    select id, action, detail, actor_id as "actorId", at from promotions.history
    where promotion_id = ${promotionId} order by at, id`);
}
