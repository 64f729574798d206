import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import type { Promotion } from './domain/promotion.ts';

/** What happened to a promotion, as `promotions.promotion.<name>` version 1. */
export type PromotionEvent =
  | 'created'
  | 'changed'
  | 'submitted'
  | 'recalled'
  | 'approved'
  | 'rejected'
  | 'returned'
  | 'cancelled'
  | 'held'
  | 'resumed'
  | 'activated'
  | 'ended'
  | 'amendment_proposed'
  | 'amendment_rejected'
  | 'amendment_returned'
  | 'amendment_withdrawn'
  | 'amended'
  | 'settling'
  | 'measured'
  | 'closed';

/** Tells what happened to a promotion. */
export async function emitPromotionEvent(
  tx: TenantTx<Context>,
  name: PromotionEvent,
  promotion: Promotion,
): Promise<void> {
  const { id, code, name: title, customerId, state, startsOn, endsOn, currency, plannedSpend, version } = promotion;
  await emit(tx, {
    type: `promotions.promotion.${name}`,
    subjectType: 'promotion',
    subjectId: id,
    data: { promotionId: id, code, name: title, customerId, state, startsOn, endsOn, currency, plannedSpend, version },
  });
}
