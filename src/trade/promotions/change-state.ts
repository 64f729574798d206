import { instantOf } from '#clock';
import { type Context, crashPoint } from '#context';
import type { TenantTx } from '#db';
import { armTimer, disarmTimers, type TimerHandler } from '#events';
import { addDays } from '#fiscal-calendar';
import { commitFunds, planHolds, releaseFunds } from '#funds';
import { amountOf } from '#money';
import { notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import { cancelWorkflow, type Process } from '#workflow';
import { promotionApprovalDefinition } from './approvals.ts';
import type { Promotion } from './domain/promotion.ts';
import { nextState, type PromotionAction } from './domain/promotion-state.ts';
import { emitPromotionEvent, type PromotionEvent } from './events.ts';
import { addHistory, lockPromotion, setState, submittedPlan } from './promotion-store.ts';
import { splitsOf } from './split-plan.ts';

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

/** Time, in the tenant's time zone, starts and ends an approved promotion. */
async function armLifeTimers(tx: Tx, promotion: Promotion): Promise<void> {
  const { timeZone } = tx.context.tenant;
  await disarmTimers(tx, 'promotions.life', promotion.id);
  await armTimer(tx, {
    kind: 'promotions.life',
    subjectId: promotion.id,
    dueAt: instantOf(promotion.startsOn, timeZone),
    data: {},
  });
  await armTimer(tx, {
    kind: 'promotions.life',
    subjectId: promotion.id,
    dueAt: instantOf(addDays(promotion.endsOn, 1), timeZone),
    data: {},
  });
}

/** A life timer: whatever the date says by now happens; a promotion on hold waits for its resumption. */
export const onLifeTimer: TimerHandler = async (tx, timer) => {
  const promotion = await lockPromotion(tx, timer.subjectId);
  if (promotion) await followTime(tx, promotion);
};

/** Starts or ends a promotion as the present says. */
async function followTime(tx: Tx, promotion: Promotion): Promise<Promotion> {
  const { clock, tenant } = tx.context;
  const now = clock.now();
  const over = now >= instantOf(addDays(promotion.endsOn, 1), tenant.timeZone);
  const begun = now >= instantOf(promotion.startsOn, tenant.timeZone);
  const action = over ? 'end' : begun ? 'start' : null;
  const to = action && nextState(promotion.state, action);
  if (!action || !to) return promotion;
  const after = await setState(tx, promotion, to);
  await recordTransition(tx, action === 'end' ? 'ended' : 'activated', promotion, after, '');
  return after;
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

/** Cancels a promotion and releases what it holds but has not earned. */
export async function cancelPromotion(
  context: Context,
  id: string,
  ifMatch: number | undefined,
  reason: string,
): Promise<Promotion> {
  return context.db.transact(context, async (tx) => {
    await cancelWorkflow(tx, 'promotion', id);
    const promotion = await lockForChange(tx, id, ifMatch);
    const cancelled = await setState(tx, promotion, requireTransition(promotion, 'cancel'));
    await disarmTimers(tx, 'promotions.life', id);
    await releaseFunds(tx, id, 'cancelled');
    await recordTransition(tx, 'cancelled', promotion, cancelled, reason);
    return cancelled;
  });
}

/** Puts an approved or active promotion on hold; its commitment stays. */
export async function holdPromotion(
  context: Context,
  id: string,
  ifMatch: number | undefined,
  reason: string,
): Promise<Promotion> {
  return context.db.transact(context, async (tx) => {
    const promotion = await lockForChange(tx, id, ifMatch);
    const held = await setState(tx, promotion, requireTransition(promotion, 'hold'), { heldFrom: promotion.state });
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

/** Closes an ended promotion: what is not earned is released for others. */
export async function closePromotion(context: Context, id: string, ifMatch: number | undefined): Promise<Promotion> {
  return context.db.transact(context, async (tx) => {
    const promotion = await lockForChange(tx, id, ifMatch);
    const closed = await setState(tx, promotion, requireTransition(promotion, 'close'));
    await releaseFunds(tx, id, 'closed');
    await recordTransition(tx, 'closed', promotion, closed, '');
    return closed;
  });
}
