import type { Context } from '#context';
import type { TenantTx } from '#db';
import { notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import type { Promotion } from '../domain/promotion.ts';
import { nextState, type PromotionAction } from '../domain/promotion-state.ts';
import { emitPromotionEvent, type PromotionEvent } from '../events.ts';
import { lockPromotion } from '../promotion-store.ts';
import { addHistory } from '../version-store.ts';

type Tx = TenantTx<Context>;

/** Locks a promotion and checks the caller's version. Throws `not_found` and `version.conflict`. */
export async function lockForChange(tx: Tx, id: string, ifMatch?: number): Promise<Promotion> {
  const promotion = (await lockPromotion(tx, id)) ?? notFound('promotion', id);
  if (ifMatch !== undefined && ifMatch !== promotion.version) {
    throw new Problem('version.conflict', {
      detail: `The promotion is at version ${promotion.version}, your change was made on ${ifMatch}.`,
    });
  }
  return promotion;
}

/** The state an action leads to; throws `state.conflict` where it may not start. */
export function requireTransition(promotion: Promotion, action: PromotionAction) {
  const to = nextState(promotion.state, action);
  if (to) return to;
  throw new Problem('state.conflict', {
    detail: `A promotion that is ${promotion.state} cannot be told to ${action}.`,
  });
}

/** Records a change of state everywhere it belongs: history, audit and event. */
export async function recordTransition(
  tx: Tx,
  event: PromotionEvent,
  before: Promotion,
  after: Promotion,
  detail: string,
): Promise<void> {
  await addHistory(tx, after.id, event, detail);
  await recordAudit(tx, {
    action: `promotion.${event}`,
    entityType: 'promotion',
    entityId: after.id,
    before: { state: before.state, version: before.version },
    after: { state: after.state, version: after.version },
    ...(detail ? { reason: detail } : {}),
  });
  await emitPromotionEvent(tx, event, after);
}
