import type { Context } from '#context';
import { reserveFunds } from '#funds';
import { keepPrediction, outcomeOf } from '#performance';
import { notFound, Problem } from '#problem';
import { startWorkflow } from '#workflow';
import type { Promotion } from '../domain/promotion.ts';
import { buildPlan, readPlanData } from '../planning/build-plan.ts';
import { requireNoBlockingConflict } from '../planning/find-conflicts.ts';
import { headline, requireUnblocked } from '../planning/plan-promotion.ts';
import { keepPlan } from '../planning/plan-record-store.ts';
import { inputOf, requireFundsStillCover, resolveTerms } from '../planning/promotion-terms.ts';
import { splitsOf } from '../planning/split-plan.ts';
import { findPromotion, lockConflictCheck, setState } from '../promotion-store.ts';
import { approvalSummary, approvalVariables, promotionApprovalDefinition } from './approvals.ts';
import { lockForChange, recordTransition, requireTransition } from './transition.ts';

/**
 * Submits a draft: checks conflicts, reserves fund money, starts the approval, and records it all, in one transaction.
 * Throws `state.conflict`, `version.conflict` (409), `promotion.conflict`, `fund.exceeded` with the shortfalls,
 * `fund.not_eligible` where a fund was shortened meanwhile, `rule.violated` where a business rule blocks (422).
 */
export async function submitPromotion(context: Context, id: string, ifMatch: number | undefined): Promise<Promotion> {
  // What is submitted is recalculated first, outside any lock; the version check below notices a change in between.
  const {
    promotion: seen,
    resolved,
    data,
  } = await context.db.read(context, async (tx) => {
    const promotion = (await findPromotion(tx, id)) ?? notFound('promotion', id);
    requireTransition(promotion, 'submit');
    const terms = await resolveTerms(tx, inputOf(promotion));
    return { promotion, resolved: terms, data: await readPlanData(tx, terms, id) };
  });
  const { plan, forecast } = await buildPlan(context, resolved, data, id);
  requireUnblocked(plan);
  return context.db.transact(context, async (tx) => {
    await lockConflictCheck(tx);
    const promotion = await lockForChange(tx, id, ifMatch ?? seen.version);
    if (promotion.version !== seen.version) throw new Problem('version.conflict');
    const state = requireTransition(promotion, 'submit');
    const conflicts = await requireNoBlockingConflict(tx, resolved, id);
    await reserveFunds(tx, id, splitsOf(plan));
    await requireFundsStillCover(tx, resolved.terms);
    const figures = headline(plan);
    const result = await setState(tx, promotion, state, {
      submitted: { plan, plannedSpend: plan.spend.amount, netProfit: figures.netProfit, netRoi: figures.netRoi },
    });
    await keepPlan(tx, id, result.version, plan);
    if (forecast) await keepPrediction(tx, id, outcomeOf(forecast));
    const makers = [...new Set([...promotion.makers, context.actor.id])];
    await startWorkflow(tx, {
      definition: promotionApprovalDefinition,
      subjectType: 'promotion',
      subjectId: id,
      variables: await approvalVariables(tx, { type: 'promotion', id, promotionId: id }, resolved, plan, conflicts),
      currency: promotion.currency,
      makers,
      title: `${promotion.code} ${promotion.name}`,
      summary: await approvalSummary(tx, resolved, plan, conflicts),
    });
    await recordTransition(tx, 'submitted', promotion, result, '');
    return result;
  });
}
