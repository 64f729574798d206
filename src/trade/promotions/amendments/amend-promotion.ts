import type { Context } from '#context';
import type { TenantTx } from '#db';
import { reserveDifference } from '#funds';
import { moneyFromNumeric, toJson } from '#money';
import { outcomeOf } from '#performance';
import { notFound, Problem } from '#problem';
import { startWorkflow } from '#workflow';
import {
  type AmendmentFigures,
  beyondTolerance,
  changesBetween,
  type TermChange,
  type Tolerance,
} from '../domain/amendment.ts';
import type { Promotion } from '../domain/promotion.ts';
import { amendmentApprovalDefinition, approvalSummary, approvalVariables } from '../life/approvals.ts';
import { lockForChange } from '../life/transition.ts';
import { buildPlan, readPlanData } from '../planning/build-plan.ts';
import { type Conflict, requireNoBlockingConflict } from '../planning/find-conflicts.ts';
import { headline, requireFreeTacticIds, requireUnblocked } from '../planning/plan-promotion.ts';
import {
  inputOf,
  type PromotionInput,
  type ResolvedTerms,
  requireFundsStillCover,
  resolveTerms,
} from '../planning/promotion-terms.ts';
import { splitsOf } from '../planning/split-plan.ts';
import type { PromotionPorts } from '../ports.ts';
import { findPromotion, lockConflictCheck } from '../promotion-store.ts';
import {
  type Amendment,
  type AmendmentPlan,
  approvedVersion,
  insertAmendment,
  openAmendment,
  readTolerance,
} from './amendment-store.ts';
import { applyAmendment, recordAmendment, requireAmendable } from './apply-amendment.ts';

/** New terms as the planner sends them: what is absent stays. */
export type AmendmentInput = { [Member in keyof PromotionInput]?: PromotionInput[Member] | undefined };

/** What an amendment would change, and whether people have to approve it. */
export interface AmendmentPreview extends AmendmentPlan {
  changes: TermChange[];
  beyond: string[];
  tolerance: Tolerance;
  before: AmendmentFigures;
  after: AmendmentFigures;
}

interface Worked extends AmendmentPreview {
  promotion: Promotion;
  resolved: ResolvedTerms;
}

function figuresOf(promotion: Promotion): AmendmentFigures {
  const { startsOn, endsOn, currency, plannedSpend, netProfit, netRoi } = promotion;
  const amount = (numeric: string | null) => (numeric === null ? null : toJson(moneyFromNumeric(numeric, currency)));
  return { startsOn, endsOn, spend: amount(plannedSpend), netProfit: amount(netProfit), netRoi };
}

/** Calculates an amendment on the promotion as it stands, outside any lock. */
async function workOut(context: Context, ports: PromotionPorts, id: string, change: AmendmentInput): Promise<Worked> {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const read = await context.db.read(context, async (tx) => {
    const promotion = (await findPromotion(tx, id)) ?? notFound('promotion', id);
    const input: PromotionInput = { ...inputOf(promotion), ...given };
    requireFreeTacticIds(
      input,
      promotion.tactics.map((tactic) => tactic.id),
    );
    const resolved = await resolveTerms(tx, input);
    const changes = changesBetween(promotion, resolved.terms);
    await requireAmendable(tx, ports, promotion, changes);
    const approved = await approvedVersion(tx, id);
    return {
      ...{ promotion, resolved, changes, approved, tolerance: await readTolerance(tx) },
      data: await readPlanData(tx, resolved, id),
    };
  });
  const { promotion, resolved, changes, approved, tolerance } = read;
  const { plan, forecast } = await buildPlan(context, resolved, read.data, id);
  const { currency } = promotion;
  const amended = { ...promotion, ...resolved.terms, ...headline(plan) };
  const spendOf = (numeric: string | null) => (numeric === null ? null : moneyFromNumeric(numeric, currency));
  return {
    ...{ promotion, resolved, changes, tolerance, plan },
    prediction: forecast ? outcomeOf(forecast) : null,
    beyond: beyondTolerance(
      { terms: approved, spend: spendOf(approved.plannedSpend) },
      { terms: resolved.terms, spend: moneyFromNumeric(plan.spend.amount, currency) },
      tolerance,
    ),
    before: figuresOf(promotion),
    after: figuresOf(amended),
  };
}

/** Calculates what an amendment would change, spend and earn, without storing anything. */
export async function previewAmendment(
  context: Context,
  ports: PromotionPorts,
  id: string,
  change: AmendmentInput,
): Promise<AmendmentPreview> {
  return workOut(context, ports, id, change);
}

/** Starts the approval of an amendment; its subject is the amendment, so that the promotion's own approval stays what it was. */
async function askApproval(
  tx: TenantTx<Context>,
  worked: Worked,
  amendment: Amendment,
  conflicts: readonly Conflict[],
): Promise<void> {
  const { promotion, resolved, plan } = worked;
  const { before, after, changes, beyond, reason } = amendment;
  const subject = { type: 'promotion_amendment', id: amendment.id, promotionId: promotion.id };
  await startWorkflow(tx, {
    definition: amendmentApprovalDefinition,
    subjectType: 'promotion_amendment',
    subjectId: amendment.id,
    variables: await approvalVariables(tx, subject, resolved, plan, conflicts),
    currency: promotion.currency,
    makers: amendment.makers,
    title: `${promotion.code} ${promotion.name}: amendment ${amendment.number}`,
    summary: {
      ...(await approvalSummary(tx, resolved, plan, conflicts)),
      ...{ promotionId: promotion.id, before, after, changes, beyond, reason },
    },
  });
}

/**
 * Amends a promotion whose terms are in force. Within the tolerance the new terms hold at once; beyond it the old ones
 * stay in force until the amendment is approved, and only the difference in money is reserved. Throws `state.conflict`
 * where another amendment is open, `version.conflict` (409), `fund.exceeded`, `promotion.conflict`, `rule.violated` (422).
 */
export async function amendPromotion(
  context: Context,
  ports: PromotionPorts,
  id: string,
  ifMatch: number | undefined,
  { reason, ...change }: AmendmentInput & { reason: string },
): Promise<{ amendment: Amendment; promotion: Promotion }> {
  const worked = await workOut(context, ports, id, change);
  if (worked.changes.length === 0) throw new Problem('rule.violated', { detail: 'Nothing would change.' });
  requireUnblocked(worked.plan);
  return context.db.transact(context, async (tx) => {
    await lockConflictCheck(tx);
    const promotion = await lockForChange(tx, id, ifMatch ?? worked.promotion.version);
    if (promotion.version !== worked.promotion.version) throw new Problem('version.conflict');
    const open = await openAmendment(tx, id);
    if (open)
      throw new Problem('state.conflict', {
        detail: `Amendment ${open.number} of this promotion waits for a decision.`,
      });
    const conflicts = await requireNoBlockingConflict(tx, worked.resolved, id);
    const { changes, beyond, before, after, resolved } = worked;
    const amendment = await insertAmendment(
      tx,
      {
        ...{ id: context.newId(), promotionId: id, reason, baseVersion: promotion.version, terms: resolved.terms },
        ...{ changes, beyond, before, after, toleranceVersion: worked.tolerance.version },
        makers: [...new Set([...promotion.makers, context.actor.id])],
      },
      worked,
    );
    await reserveDifference(tx, id, splitsOf(worked.plan));
    await requireFundsStillCover(tx, resolved.terms);
    if (beyond.length === 0) return applyAmendment(tx, ports, promotion, amendment, reason);
    await askApproval(tx, worked, amendment, conflicts);
    await recordAmendment(tx, 'amendment_proposed', promotion, amendment, reason);
    return { amendment, promotion };
  });
}
