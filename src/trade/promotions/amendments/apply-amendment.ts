import { todayIn } from '#clock';
import { type Context, crashPoint } from '#context';
import type { TenantTx } from '#db';
import { releaseReserved, settleDifference } from '#funds';
import { amountOf } from '#money';
import { keepPrediction } from '#performance';
import { notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import { cancelWorkflow, type Process } from '#workflow';
import { amendableStates, changesBetween, refusedChanges, type TermChange } from '../domain/amendment.ts';
import type { Promotion } from '../domain/promotion.ts';
import { emitPromotionEvent, type PromotionEvent } from '../events.ts';
import { amendmentApprovalDefinition } from '../life/approvals.ts';
import { armLifeTimers, followTime } from '../life/follow-time.ts';
import { lockForChange } from '../life/transition.ts';
import { requireNoBlockingConflict } from '../planning/find-conflicts.ts';
import { headline } from '../planning/plan-promotion.ts';
import { keepPlan } from '../planning/plan-record-store.ts';
import { inputOf, requireFundsStillCover, resolveTerms } from '../planning/promotion-terms.ts';
import { splitsOf } from '../planning/split-plan.ts';
import type { PromotionPorts } from '../ports.ts';
import { lockConflictCheck, savePromotion, setSubmittedPlan } from '../promotion-store.ts';
import { addHistory } from '../version-store.ts';
import { type Amendment, endAmendment, findAmendment, openAmendment, planOfAmendment } from './amendment-store.ts';

type Tx = TenantTx<Context>;

/** A tactic that has earned or is claimed is part of the books: it may change, and it may not go. */
async function requireNoMoneyLost(
  tx: Tx,
  ports: PromotionPorts,
  promotion: Promotion,
  changes: readonly TermChange[],
): Promise<void> {
  const removed = changes.flatMap(({ field, tactic, after }) =>
    field === 'tactic' && after === null && tactic ? [tactic] : [],
  );
  if (removed.length === 0) return;
  const known = (await ports.settlementOf(tx, [promotion.id])).get(promotion.id) ?? [];
  for (const { id, mechanic } of removed) {
    const money = known.find(({ tacticId }) => tacticId === id);
    if (!money) continue;
    const { earned, claimed } = money;
    throw new Problem('rule.violated', {
      detail: `The ${mechanic} has earned ${amountOf(earned)} and is claimed for ${amountOf(claimed)} ${earned.currency}: it cannot be taken out. Lower its rate or its lump sum instead.`,
    });
  }
}

/** Whether the event's first day has come. */
const hasBegun = ({ state, heldFrom }: Promotion) => state === 'active' || heldFrom === 'active';

/** Throws `state.conflict` or `rule.violated` where a promotion cannot take changes as it stands. */
export async function requireAmendable(
  tx: Tx,
  ports: PromotionPorts,
  promotion: Promotion,
  changes: readonly TermChange[],
): Promise<void> {
  if (!amendableStates.includes(promotion.state))
    throw new Problem('state.conflict', { detail: `A promotion that is ${promotion.state} cannot be amended.` });
  const today = todayIn(tx.context.clock, tx.context.tenant.timeZone);
  const { state, startsOn, shipStartsOn } = promotion;
  const earning = startsOn <= today || shipStartsOn <= today;
  const refused = refusedChanges({ state, begun: hasBegun(promotion), earning }, changes, today);
  if (refused.length > 0) throw new Problem('rule.violated', { detail: `${refused.join('; ')}.` });
  await requireNoMoneyLost(tx, ports, promotion, changes);
}

/** Records what happened to an amendment: history of the promotion, audit and event. */
export async function recordAmendment(
  tx: Tx,
  event: PromotionEvent,
  promotion: Promotion,
  amendment: Amendment,
  detail: string,
): Promise<void> {
  const { id, number, state, before, after, changes } = amendment;
  await addHistory(tx, promotion.id, event, `amendment ${number}${detail ? `: ${detail}` : ''}`);
  await recordAudit(tx, {
    action: `promotion.${event}`,
    entityType: 'promotion',
    entityId: promotion.id,
    before: { ...before, version: amendment.baseVersion },
    after: { ...after, version: promotion.version, amendment: { id, number, state }, changes },
    ...(detail ? { reason: detail } : {}),
  });
  await emitPromotionEvent(tx, event, promotion);
}

/**
 * Puts the terms of an amendment in force, as the promotion's next version: what it may no longer spend goes back to the
 * funds, what more it may spend is committed, and time follows the new dates. Tactics keep their ids and with them what
 * they have earned. Call it under the conflict lock, with the promotion locked.
 */
export async function applyAmendment(
  tx: Tx,
  ports: PromotionPorts,
  promotion: Promotion,
  amendment: Amendment,
  comment: string,
): Promise<{ amendment: Amendment; promotion: Promotion }> {
  const resolved = await resolveTerms(tx, inputOf(amendment.terms));
  // Time has passed since the amendment was proposed: the event may have ended, others may have been planned.
  await requireAmendable(tx, ports, promotion, changesBetween(promotion, resolved.terms));
  await requireNoBlockingConflict(tx, resolved, promotion.id);
  const { plan, prediction } = await planOfAmendment(tx, amendment.id);
  const amended: Promotion = {
    ...promotion,
    ...resolved.terms,
    ...headline(plan),
    version: promotion.version + 1,
    makers: amendment.makers,
    updatedAt: tx.context.clock.now(),
  };
  await savePromotion(tx, amended, resolved.leafProductIds);
  await setSubmittedPlan(tx, amended.id, plan);
  await keepPlan(tx, amended.id, amended.version, plan);
  if (prediction) await keepPrediction(tx, amended.id, prediction);
  crashPoint('amendment.terms');
  await settleDifference(tx, amended.id, splitsOf(plan));
  await requireFundsStillCover(tx, amended);
  crashPoint('amendment.funds');
  const applied = await endAmendment(tx, amendment.id, { state: 'applied', comment, appliedVersion: amended.version });
  if (amended.state !== 'ended') await armLifeTimers(tx, amended);
  await recordAmendment(tx, 'amended', amended, applied, comment);
  return { amendment: applied, promotion: await followTime(tx, amended) };
}

/** Ends an open amendment without its terms: what was reserved for it goes back. */
async function dropAmendment(
  tx: Tx,
  promotion: Promotion,
  amendment: Amendment,
  state: 'rejected' | 'returned' | 'withdrawn',
  comment: string,
): Promise<Amendment> {
  const ended = await endAmendment(tx, amendment.id, { state, comment });
  await releaseReserved(tx, promotion.id, `amendment ${state}`);
  await recordAmendment(tx, `amendment_${state}`, promotion, ended, comment);
  return ended;
}

/** What the approval of an amendment does to its promotion, inside the deciding transaction. */
export const amendmentApproval = (ports: PromotionPorts): Process => ({
  definition: amendmentApprovalDefinition,
  settle: async (tx, { subjectId, outcome, comment }) => {
    const amendment = (await findAmendment(tx, subjectId)) ?? notFound('amendment', subjectId);
    await lockConflictCheck(tx);
    const promotion = await lockForChange(tx, amendment.promotionId);
    if (outcome === 'approved') await applyAmendment(tx, ports, promotion, amendment, comment);
    else await dropAmendment(tx, promotion, amendment, outcome, comment);
  },
});

/** Takes back the open amendment of a promotion: the right of who proposed it alone. */
export async function withdrawAmendment(
  context: Context,
  promotionId: string,
  amendmentId: string,
  comment: string,
): Promise<Amendment> {
  return context.db.transact(context, async (tx) => {
    await cancelWorkflow(tx, 'promotion_amendment', amendmentId);
    const promotion = await lockForChange(tx, promotionId);
    const amendment = await findAmendment(tx, amendmentId);
    if (amendment?.promotionId !== promotionId) return notFound('amendment', amendmentId);
    if (amendment.state !== 'proposed')
      throw new Problem('state.conflict', { detail: `This amendment is ${amendment.state} already.` });
    if (amendment.proposedBy !== context.actor.id)
      throw new Problem('auth.forbidden', { detail: 'Only who proposed an amendment can withdraw it.' });
    return dropAmendment(tx, promotion, amendment, 'withdrawn', comment);
  });
}

/**
 * Locks a promotion for its cancellation and drops its open amendment with it. Locks are taken as a decision takes them:
 * the amendment's process first, then the promotion.
 */
export async function lockWithoutAmendment(tx: Tx, id: string, ifMatch: number | undefined): Promise<Promotion> {
  const open = await openAmendment(tx, id);
  if (open) await cancelWorkflow(tx, 'promotion_amendment', open.id);
  const promotion = await lockForChange(tx, id, ifMatch);
  const still = await openAmendment(tx, id);
  if (still?.id !== open?.id)
    throw new Problem('version.conflict', { detail: 'An amendment was proposed or decided just now.' });
  if (still) await dropAmendment(tx, promotion, still, 'withdrawn', 'the promotion was cancelled');
  return promotion;
}
