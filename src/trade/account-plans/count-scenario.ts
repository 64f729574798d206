import { createHash } from 'node:crypto';
import type { Context } from '#context';
import { addDays, daysBetween } from '#fiscal-calendar';
import { customerLeavesOfEach, productLeavesOfEach } from '#master-data';
import { notFound, Problem } from '#problem';
import {
  findPromotionsIn,
  inputOf,
  type Plan,
  type Promotion,
  type PromotionInput,
  previewInPlaceOf,
  previewPromotion,
} from '#promotions';
import type { PlanTerms } from './domain/account-plan.ts';
import { eventOfPlan, indexOf } from './domain/event-of-plan.ts';
import type { PlanFigures } from './domain/plan-result.ts';
import { applyBaselines, figuresFrom } from './domain/plan-snapshot.ts';
import type { PlannedEvent } from './domain/planned-effect.ts';
import { editedTerms, type ScenarioEdit } from './domain/scenario.ts';
import { forget, type LoadedPlan } from './loaded-plan.ts';
import { lumpMinorOf } from './read-promotions.ts';

/** A promotion as a scenario has it, predicted. */
export interface ScenarioEvent {
  /** The promotion's id, or `add:` and the place of the edit that adds it. */
  key: string;
  /** Hash of terms and model: what was predicted once is not predicted again. */
  hash: string;
  name: string;
  modelVersion: string | null;
  refusal: string | null;
  event: PlannedEvent | null;
}

/** Terms that a scenario adds, or puts in the place of a promotion's. */
export interface ScenarioTerms {
  key: string;
  promotion: Promotion | null;
  input: PromotionInput;
}

function changed(
  input: PromotionInput,
  edit: Extract<ScenarioEdit, { kind: 'change' }>,
  currency: string,
): PromotionInput {
  const tactic = input.tactics.find(({ id }) => id === edit.tacticId);
  if (!tactic) throw new Problem('rule.violated', { detail: `${input.name} has no tactic ${edit.tacticId}.` });
  if (edit.rate !== undefined && !tactic.rate) {
    throw new Problem('rule.violated', { detail: `The tactic ${tactic.mechanic} of ${input.name} has no rate.` });
  }
  const with_ = {
    ...tactic,
    ...(edit.rate !== undefined && tactic.rate ? { rate: { ...tactic.rate, amount: edit.rate } } : {}),
    ...(edit.lumpSum !== undefined
      ? { lumpSum: { amount: edit.lumpSum, currency: tactic.lumpSum?.currency ?? currency } }
      : {}),
    ...(edit.passThrough !== undefined ? { passThrough: edit.passThrough } : {}),
  };
  return { ...input, tactics: input.tactics.map((one) => (one === tactic ? with_ : one)) };
}

/** Terms from another first day on: every date keeps its distance. */
function shifted(input: PromotionInput, startsOn: string): PromotionInput {
  const days = daysBetween(input.startsOn, startsOn);
  const later = <Day extends string | null | undefined>(day: Day) => (day ? addDays(day, days) : day);
  return {
    ...input,
    startsOn,
    endsOn: addDays(input.endsOn, days),
    shipStartsOn: later(input.shipStartsOn),
    shipEndsOn: later(input.shipEndsOn),
    claimByOn: later(input.claimByOn),
    tactics: input.tactics.map((tactic) => ({
      ...tactic,
      startsOn: later(tactic.startsOn),
      endsOn: later(tactic.endsOn),
    })),
  };
}

/** The terms that the edits lead to: all edits of one promotion together, null ones left aside. Throws `not_found` for one not in the plan. */
export function termsOfEdits(
  edits: readonly (ScenarioEdit | null)[],
  promotions: ReadonlyMap<string, Promotion>,
): ScenarioTerms[] {
  const byKey = new Map<string, ScenarioTerms>();
  edits.forEach((edit, i) => {
    if (edit?.kind === 'add') byKey.set(`add:${i}`, { key: `add:${i}`, promotion: null, input: edit.promotion });
    if (edit?.kind !== 'move' && edit?.kind !== 'change') return;
    const promotion = promotions.get(edit.promotionId);
    if (!promotion) notFound('promotion of the plan', edit.promotionId);
    const known = byKey.get(edit.promotionId)?.input ?? inputOf(promotion);
    const input = edit.kind === 'change' ? changed(known, edit, promotion.currency) : shifted(known, edit.startsOn);
    byKey.set(edit.promotionId, { key: edit.promotionId, promotion, input });
  });
  return [...byKey.values()];
}

/** The promotions of the plan's year as they stand now, and those among them that the snapshot knows, by id. */
export async function promotionsOf(
  context: Context,
  { basis, promotions }: LoadedPlan,
): Promise<{ year: Promotion[]; inPlan: Map<string, Promotion> }> {
  const known = new Set(promotions.promotions.map(({ promotionId }) => promotionId));
  const days = { from: basis.weeks[0]?.startsOn ?? '', to: basis.weeks.at(-1)?.endsOn ?? '' };
  const year = await context.db.read(context, (tx) => findPromotionsIn(tx, days));
  return {
    year,
    inPlan: new Map(year.filter(({ id }) => known.has(id)).map((promotion) => [promotion.id, promotion])),
  };
}

async function eventOf(
  context: Context,
  loaded: LoadedPlan,
  terms: ScenarioTerms,
  plan: Plan,
): Promise<PlannedEvent | null> {
  const { basis } = loaded;
  const { input } = terms;
  const productIds = [...new Set(input.tactics.flatMap((tactic) => tactic.productIds))];
  const { accounts, leaves } = await context.db.read(context, async (tx) => ({
    accounts: (await customerLeavesOfEach(tx, [input.customerId])).get(input.customerId) ?? [],
    leaves: [...new Set([...(await productLeavesOfEach(tx, productIds)).values()].flat())],
  }));
  const inPlan = new Set(basis.accounts.map(({ id }) => id));
  if (!accounts.every((id) => inPlan.has(id))) {
    throw new Problem('rule.violated', { detail: `${input.name} reaches beyond the customer of this plan.` });
  }
  const tactics = plan.spendByTactic.map(({ tacticId }, i) => ({ tacticId, tactic: input.tactics[i] }));
  const lumpMinor = lumpMinorOf(
    {
      currency: basis.currency,
      tactics: tactics.map(({ tacticId, tactic }) => ({
        id: tacticId,
        rate: tactic?.rate ?? null,
        lumpSum: tactic?.lumpSum?.amount ?? null,
        stores: tactic?.stores ?? null,
        fx: null,
      })),
    },
    plan,
  );
  const dates = { id: terms.key, startsOn: input.startsOn, endsOn: input.endsOn, leafProductIds: leaves, lumpMinor };
  return eventOfPlan(basis, indexOf(basis), dates, plan, accounts) ?? null;
}

/** Predicts what the edits add or change, outside any lock; `known` are the scenario's predictions so far. */
export async function predictEdits(
  context: Context,
  loaded: LoadedPlan,
  edits: readonly ScenarioEdit[],
  known: readonly ScenarioEvent[],
): Promise<ScenarioEvent[]> {
  const events: ScenarioEvent[] = [];
  const { inPlan } = await promotionsOf(context, loaded);
  for (const terms of termsOfEdits(edits, inPlan)) {
    const { key, promotion, input } = terms;
    const hash = createHash('sha256')
      .update(JSON.stringify([promotion?.id ?? null, input, loaded.head.basisId]))
      .digest('hex');
    const before = known.find((one) => one.hash === hash);
    if (before) {
      events.push({ ...before, key, event: before.event && { ...before.event, id: key } });
      continue;
    }
    const plan = await (promotion ? previewInPlaceOf(context, promotion.id, input) : previewPromotion(context, input));
    const event = await eventOf(context, loaded, terms, plan);
    const { modelVersion, refusal } = plan;
    const outside = event ? null : 'None of its days and products are in this plan.';
    events.push({ key, hash, name: input.name, modelVersion, refusal: refusal ?? outside, event });
  }
  return events;
}

interface GridChange {
  drop: string[];
  set: PlannedEvent[];
}

function gridChange(loaded: LoadedPlan, edits: readonly ScenarioEdit[], events: readonly ScenarioEvent[]): GridChange {
  const known = new Map(loaded.promotions.promotions.map((one) => [one.promotionId, one]));
  const change: GridChange = { drop: [], set: events.flatMap(({ event }) => event ?? []) };
  for (const edit of edits) {
    if (edit.kind !== 'drop' && edit.kind !== 'include') continue;
    const promotion = known.get(edit.promotionId) ?? notFound('promotion of the plan', edit.promotionId);
    if (!promotion.event) {
      throw new Problem('rule.violated', { detail: `${promotion.code} could not be counted: ${promotion.refusal}` });
    }
    if (edit.kind === 'drop') change.drop.push(edit.promotionId);
    else if (!events.some(({ key }) => key === edit.promotionId)) change.set.push(promotion.event);
  }
  return change;
}

/** Asks the grid of a snapshot as if some promotions and terms were others, and puts everything back. */
export function asIf<Answer>(
  tenantId: string,
  loaded: LoadedPlan,
  { drop, set }: GridChange,
  baselineChanges: PlanTerms['baselineChanges'],
  ask: (loaded: LoadedPlan) => Answer,
): Answer {
  const { grid, basis, head } = loaded;
  const same = JSON.stringify(baselineChanges) === JSON.stringify(head.baselineChanges);
  const touched = [...new Set([...drop, ...set.map(({ id }) => id)])];
  const before = touched.map((id) => ({ id, event: grid.event(id) }));
  try {
    if (!same) applyBaselines(grid, basis, baselineChanges);
    grid.setEvents(set);
    for (const id of drop) grid.dropEvent(id);
    const answer = ask(loaded);
    for (const { id, event } of before) if (!event) grid.dropEvent(id);
    grid.setEvents(before.flatMap(({ event }) => event ?? []));
    if (!same) applyBaselines(grid, basis, head.baselineChanges);
    return answer;
  } catch (error) {
    forget(tenantId, head);
    throw error;
  }
}

/** The figures of a snapshot with the edits of a scenario on it. */
export function countEdits(
  context: Context,
  loaded: LoadedPlan,
  edits: readonly ScenarioEdit[],
  events: readonly ScenarioEvent[],
): PlanFigures {
  const terms = editedTerms(loaded.head, edits);
  const change = gridChange(loaded, edits, events);
  const { basis, promotions, actual } = loaded;
  const planned = asIf(context.tenant.id, loaded, change, terms.baselineChanges, ({ grid }) => grid.totals());
  return figuresFrom(basis, promotions, { planned, actual }, terms.targets);
}
