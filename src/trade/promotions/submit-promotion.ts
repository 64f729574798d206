import type { Context } from '#context';
import { reserveFunds } from '#funds';
import { compare, fromJson } from '#money';
import { keepPrediction, outcomeOf } from '#performance';
import { notFound, Problem } from '#problem';
import { findPeople } from '#security';
import { startWorkflow } from '#workflow';
import { promotionApprovalDefinition } from './approvals.ts';
import { buildPlan, readPlanData } from './build-plan.ts';
import { lockForChange, recordTransition, requireTransition } from './change-state.ts';
import type { Promotion } from './domain/promotion.ts';
import { conflictScope, findConflicts } from './find-conflicts.ts';
import { headline } from './plan-promotion.ts';
import { findPromotion, lockConflictCheck, setState } from './promotion-store.ts';
import { inputOf, resolveTerms } from './promotion-terms.ts';
import { splitsOf } from './split-plan.ts';

/**
 * Submits a draft: checks conflicts, reserves fund money, starts the approval, and records it all, in one transaction.
 * Throws `state.conflict`, `version.conflict` (409), `promotion.conflict`, `fund.exceeded` with the shortfalls (422).
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
  // Funds and conflicts are checked again under their locks, with the amounts of that moment.
  const blocked = plan.guardrails.find(
    ({ severity, rule }) => severity === 'block' && rule !== 'fund' && rule !== 'conflict',
  );
  if (blocked) throw new Problem('promotion.incomplete', { detail: blocked.message });
  return context.db.transact(context, async (tx) => {
    await lockConflictCheck(tx);
    const promotion = await lockForChange(tx, id, ifMatch ?? seen.version);
    if (promotion.version !== seen.version) throw new Problem('version.conflict');
    const state = requireTransition(promotion, 'submit');
    const conflicts = await findConflicts(tx, conflictScope(resolved, id));
    const blocking = conflicts.filter((conflict) => conflict.policy === 'block');
    if (blocking.length > 0) {
      const told = blocking.map(
        (conflict) =>
          `${conflict.code} ${conflict.name} (${conflict.startsOn} to ${conflict.endsOn}): ${conflict.reason}`,
      );
      throw new Problem('promotion.conflict', { detail: told.join('; '), extra: { conflicts: blocking } });
    }
    await reserveFunds(tx, id, splitsOf(plan));
    const figures = headline(plan);
    const result = await setState(tx, promotion, state, {
      submitted: { plan, plannedSpend: plan.spend.amount, netProfit: figures.netProfit, netRoi: figures.netRoi },
    });
    if (forecast) await keepPrediction(tx, id, outcomeOf(forecast));
    const makers = [...new Set([...promotion.makers, context.actor.id])];
    const [maker] = await findPeople(tx, { ids: [context.actor.id] });
    await startWorkflow(tx, {
      definition: promotionApprovalDefinition,
      subjectType: 'promotion',
      subjectId: id,
      variables: { spend: plan.spend.amount, netRoi: figures.netRoi },
      currency: promotion.currency,
      makers,
      title: `${promotion.code} ${promotion.name}`,
      summary: {
        customerName: resolved.customerName,
        startsOn: promotion.startsOn,
        endsOn: promotion.endsOn,
        spend: plan.spend,
        netProfit: plan.figures.netProfit?.value ?? null,
        netRoi: figures.netRoi,
        conflicts: conflicts.length,
        // Of several funds the one that would have least left.
        fundAvailable:
          plan.funds.map(({ after }) => after).sort((a, b) => compare(fromJson(a), fromJson(b)))[0] ?? null,
        makerName: maker?.name ?? context.actor.name,
      },
    });
    await recordTransition(tx, 'submitted', promotion, result, '');
    return result;
  });
}
