import { todayIn } from '#clock';
import type { Context } from '#context';
import { disarmTimers } from '#events';
import { releaseFunds } from '#funds';
import { cancelWorkflow } from '#workflow';
import { lockWithoutAmendment } from '../amendments/apply-amendment.ts';
import type { Promotion } from '../domain/promotion.ts';
import { setState } from '../promotion-store.ts';
import { recordTransition, requireTransition } from './transition.ts';

/**
 * Cancels a promotion: what it has not earned is released, its open amendment dropped. What was approved earns up to
 * today, or to the day it was put on hold, and nothing after: what was sold until then is owed.
 */
export async function cancelPromotion(
  context: Context,
  id: string,
  ifMatch: number | undefined,
  reason: string,
): Promise<Promotion> {
  return context.db.transact(context, async (tx) => {
    await cancelWorkflow(tx, 'promotion', id);
    const promotion = await lockWithoutAmendment(tx, id, ifMatch);
    const wasInForce = promotion.state !== 'draft' && promotion.state !== 'submitted';
    const today = todayIn(context.clock, context.tenant.timeZone);
    const cancelled = await setState(tx, promotion, requireTransition(promotion, 'cancel'), {
      stoppedOn: wasInForce ? (promotion.stoppedOn ?? today) : null,
    });
    await disarmTimers(tx, 'promotions.life', id);
    await releaseFunds(tx, id, 'cancelled');
    await recordTransition(tx, 'cancelled', promotion, cancelled, reason);
    return cancelled;
  });
}
