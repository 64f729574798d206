import type { Context } from '#context';
import type { TenantTx } from '#db';
import { planHolds } from '#funds';
import { Problem } from '#problem';
import { recordAudit } from '#security';
import type { Promotion } from '../domain/promotion.ts';
import { emitPromotionEvent } from '../events.ts';
import { lockForChange } from '../life/transition.ts';
import { nextPromotionCode, savePromotion, setFigures } from '../promotion-store.ts';
import { addHistory } from '../version-store.ts';
import { buildPlan, type Plan, readPlanData } from './build-plan.ts';
import { keepPlan } from './plan-record-store.ts';
import { type PromotionInput, type ResolvedTerms, resolveTerms } from './promotion-terms.ts';
import { splitsOf } from './split-plan.ts';

/** The headline figures that lists show. */
export function headline(plan: Plan): Pick<Promotion, 'plannedSpend' | 'netProfit' | 'netRoi'> {
  const profit = plan.figures.netProfit?.value ?? null;
  const roi = plan.figures.netRoi?.value ?? null;
  return {
    plannedSpend: plan.spend.amount,
    netProfit: profit !== null && typeof profit === 'object' ? profit.amount : null,
    netRoi: typeof roi === 'string' ? roi : null,
  };
}

/** Calculates what terms would sell and earn, without storing anything. */
export async function previewPromotion(context: Context, input: PromotionInput): Promise<Plan> {
  const { resolved, data } = await context.db.read(context, async (tx) => {
    const terms = await resolveTerms(tx, input);
    return { resolved: terms, data: await readPlanData(tx, terms, null) };
  });
  return (await buildPlan(context, resolved, data)).plan;
}

/**
 * Throws `promotion.incomplete` where a guardrail blocks a plan. Funds, conflicts and business rules are
 * checked again where they are held, with the amounts of that moment.
 */
export function requireUnblocked(plan: Plan): void {
  const blocked = plan.guardrails.find(
    ({ severity, rule, by }) => severity === 'block' && rule !== 'fund' && rule !== 'conflict' && !by,
  );
  if (blocked) throw new Problem('promotion.incomplete', { detail: blocked.message });
}

/** Throws where an input names a tactic that is not among `known`. */
export function requireFreeTacticIds(input: PromotionInput, known: readonly string[]): void {
  const stranger = input.tactics.find((tactic) => tactic.id !== undefined && !known.includes(tactic.id));
  if (stranger) throw new Problem('rule.violated', { detail: `This promotion has no tactic ${stranger.id}.` });
}

async function store(tx: TenantTx<Context>, promotion: Promotion, resolved: ResolvedTerms, plan: Plan): Promise<void> {
  await savePromotion(tx, promotion, resolved.leafProductIds);
  await planHolds(tx, promotion.id, splitsOf(plan));
  await keepPlan(tx, promotion.id, promotion.version, plan);
}

/** Stores a draft with what it would sell and earn; money is planned, not yet reserved. */
export async function planPromotion(context: Context, input: PromotionInput): Promise<Promotion> {
  requireFreeTacticIds(input, []);
  // Prediction happens outside any lock.
  const { resolved, data } = await context.db.read(context, async (tx) => {
    const terms = await resolveTerms(tx, input);
    return { resolved: terms, data: await readPlanData(tx, terms, null) };
  });
  const { plan } = await buildPlan(context, resolved, data);
  return context.db.transact(context, async (tx) => {
    const now = context.clock.now();
    const promotion: Promotion = {
      ...resolved.terms,
      id: context.newId(),
      code: input.code ?? (await nextPromotionCode(tx)),
      state: 'draft',
      heldFrom: null,
      stoppedOn: null,
      version: 1,
      makers: [context.actor.id],
      createdBy: context.actor.id,
      createdAt: now,
      updatedAt: now,
      submittedBy: null,
      submittedAt: null,
      ...headline(plan),
    };
    await store(tx, promotion, resolved, plan);
    await addHistory(tx, promotion.id, 'created', '');
    await recordAudit(tx, {
      action: 'promotion.created',
      entityType: 'promotion',
      entityId: promotion.id,
      after: { ...promotion },
    });
    await emitPromotionEvent(tx, 'created', promotion);
    return promotion;
  });
}

/** Changes a draft. A promotion past that state needs an amendment: 409. */
export async function changePromotion(
  context: Context,
  before: Promotion,
  ifMatch: number | undefined,
  input: PromotionInput,
): Promise<Promotion> {
  requireFreeTacticIds(
    input,
    before.tactics.map((tactic) => tactic.id),
  );
  const { resolved, data } = await context.db.read(context, async (tx) => {
    const terms = await resolveTerms(tx, input);
    return { resolved: terms, data: await readPlanData(tx, terms, before.id) };
  });
  const { plan } = await buildPlan(context, resolved, data);
  return context.db.transact(context, async (tx) => {
    const locked = await lockForChange(tx, before.id, ifMatch ?? before.version);
    if (locked.state !== 'draft') {
      throw new Problem('state.conflict', { detail: `A promotion that is ${locked.state} cannot be edited.` });
    }
    const promotion: Promotion = {
      ...locked,
      ...resolved.terms,
      ...headline(plan),
      version: locked.version + 1,
      makers: [...new Set([...locked.makers, context.actor.id])],
      updatedAt: context.clock.now(),
    };
    await store(tx, promotion, resolved, plan);
    await addHistory(tx, promotion.id, 'changed', '');
    await recordAudit(tx, {
      action: 'promotion.changed',
      entityType: 'promotion',
      entityId: promotion.id,
      before: { ...locked },
      after: { ...promotion },
    });
    await emitPromotionEvent(tx, 'changed', promotion);
    return promotion;
  });
}

/** Gives a draft that nobody has touched since its figures; it stays the same version, since its terms are the same. */
export async function replanDraft(context: Context, draft: Promotion, plan: Plan): Promise<void> {
  await context.db.transact(context, async (tx) => {
    const locked = await lockForChange(tx, draft.id);
    if (locked.version !== draft.version || locked.state !== 'draft') return;
    const figures = headline(plan);
    await setFigures(tx, draft.id, figures);
    await planHolds(tx, draft.id, splitsOf(plan));
    await keepPlan(tx, draft.id, locked.version, plan);
    await emitPromotionEvent(tx, 'changed', { ...locked, ...figures });
  });
}
