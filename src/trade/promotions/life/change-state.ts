import { todayIn } from '#clock';
import { type Context, crashPoint } from '#context';
import type { TenantTx } from '#db';
import { commitFunds, planHolds, releaseFunds } from '#funds';
import { amountOf } from '#money';
import { Problem } from '#problem';
import { cancelWorkflow, type Process } from '#workflow';
import type { Promotion } from '../domain/promotion.ts';
import { splitsOf } from '../planning/split-plan.ts';
import { setState, submittedPlan } from '../promotion-store.ts';
import { promotionApprovalDefinition } from './approvals.ts';
import { armLifeTimers, followTime } from './follow-time.ts';
import { lockForChange, recordTransition, requireTransition } from './transition.ts';

type Tx = TenantTx<Context>;

/** What an approval process does to its promotion, inside the deciding transaction. */
export const promotionApproval: Process = {
  definition: promotionApprovalDefinition,
  settle: async (tx, { subjectId, outcome, comment }) => {
    const promotion = await lockForChange(tx, subjectId);
    if (outcome === 'approved') {
      const approved = await setState(tx, promotion, requireTransition(promotion, 'approve'));
      crashPoint('approval.state');
      const committed = await commitFunds(tx, promotion.id, promotion.currency);
      crashPoint('approval.committed-funds');
      await armLifeTimers(tx, approved);
      await recordTransition(
        tx,
        'approved',
        promotion,
        approved,
        comment || `committed ${amountOf(committed)} ${committed.currency}`,
      );
      return;
    }
    const action = outcome === 'rejected' ? 'reject' : 'return';
    const back = await setState(tx, promotion, requireTransition(promotion, action));
    await releaseFunds(tx, promotion.id, outcome);
    if (back.state === 'draft') await planAgain(tx, promotion.id);
    await recordTransition(tx, outcome, promotion, back, comment);
  },
};

/** A submission that became a draft again counts as Planned again, with what it was submitted with. */
async function planAgain(tx: Tx, id: string): Promise<void> {
  const plan = await submittedPlan(tx, id);
  if (plan) await planHolds(tx, id, splitsOf(plan));
}

/** Takes a submission back: the submitter's right alone. Releases the reservation and the tasks. */
export async function recallPromotion(
  context: Context,
  id: string,
  ifMatch: number | undefined,
  comment: string,
): Promise<Promotion> {
  return context.db.transact(context, async (tx) => {
    await cancelWorkflow(tx, 'promotion', id);
    const promotion = await lockForChange(tx, id, ifMatch);
    const to = requireTransition(promotion, 'recall');
    if (promotion.submittedBy !== context.actor.id) {
      throw new Problem('auth.forbidden', { detail: 'Only who submitted a promotion can recall it.' });
    }
    const draft = await setState(tx, promotion, to);
    await releaseFunds(tx, id, 'recalled');
    await planAgain(tx, id);
    await recordTransition(tx, 'recalled', promotion, draft, comment);
    return draft;
  });
}

/**
 * Puts an approved or active promotion on hold: its commitment stays, time neither starts nor ends it, and it earns
 * nothing beyond today. Resuming it catches up with what was sold meanwhile, since sales cannot be refused.
 */
export async function holdPromotion(
  context: Context,
  id: string,
  ifMatch: number | undefined,
  reason: string,
): Promise<Promotion> {
  return context.db.transact(context, async (tx) => {
    const promotion = await lockForChange(tx, id, ifMatch);
    const held = await setState(tx, promotion, requireTransition(promotion, 'hold'), {
      heldFrom: promotion.state,
      stoppedOn: todayIn(context.clock, context.tenant.timeZone),
    });
    await recordTransition(tx, 'held', promotion, held, reason);
    return held;
  });
}

/** Ends a hold: back to where it was, and on to where time has brought it. */
export async function resumePromotion(context: Context, id: string, ifMatch: number | undefined): Promise<Promotion> {
  return context.db.transact(context, async (tx) => {
    const promotion = await lockForChange(tx, id, ifMatch);
    if (promotion.state !== 'on_hold' || !promotion.heldFrom) {
      throw new Problem('state.conflict', { detail: `A promotion that is ${promotion.state} is not on hold.` });
    }
    const resumed = await setState(tx, promotion, promotion.heldFrom);
    await recordTransition(tx, 'resumed', promotion, resumed, '');
    return followTime(tx, resumed);
  });
}
