import type { Context } from '#context';
import { Decimal } from '#money';
import { notFound, Problem } from '#problem';
import { amendPromotion } from '../amendments/amend-promotion.ts';
import type { Promotion } from '../domain/promotion.ts';
import { cancelPromotion } from '../life/cancel-promotion.ts';
import { type Outcome, outcomeOf } from '../life/outcome.ts';
import { submitPromotion } from '../life/submit-promotion.ts';
import { changePromotion } from '../planning/plan-promotion.ts';
import { inputOf, type PromotionInput } from '../planning/promotion-terms.ts';
import type { PromotionPorts } from '../ports.ts';
import { findPromotion } from '../promotion-store.ts';
import { movedBy } from './moved-terms.ts';

/** What is done to each of many promotions. */
export type BulkAction =
  | { kind: 'shift'; days: number; reason: string }
  /** `percent` is added to every rate, tiers included: "10" makes 4.00 into 4.40. */
  | { kind: 'rate'; percent: string; reason: string }
  | { kind: 'cancel'; reason: string }
  | { kind: 'submit' };

/** Rates keep six decimals. */
const rateDecimals = 6;

function withRates(promotion: Promotion, percent: string): PromotionInput {
  const input = inputOf(promotion);
  if (!input.tactics.some(({ rate }) => rate))
    throw new Problem('rule.violated', { detail: `${promotion.code} has no tactic with a rate.` });
  const factor = new Decimal(percent).div(100).plus(1);
  const raised = (amount: string) => new Decimal(amount).times(factor).toDecimalPlaces(rateDecimals).toString();
  return {
    ...input,
    tactics: input.tactics.map((tactic) => ({
      ...tactic,
      rate: tactic.rate && { ...tactic.rate, amount: raised(tactic.rate.amount) },
      tiers: tactic.tiers && {
        ...tactic.tiers,
        steps: tactic.tiers.steps.map((step) => ({ ...step, rate: raised(step.rate) })),
      },
    })),
  };
}

/** New terms: a draft takes them, what is in force is amended. */
async function changeTerms(
  context: Context,
  ports: PromotionPorts,
  before: Promotion,
  version: number | undefined,
  { code: _code, ...input }: PromotionInput,
  reason: string,
): Promise<{ outcome: string; promotion: Promotion }> {
  if (before.state === 'draft')
    return { outcome: 'changed', promotion: await changePromotion(context, before, version, input) };
  const { amendment, promotion } = await amendPromotion(context, ports, before.id, version, { ...input, reason });
  return { outcome: amendment.state === 'applied' ? 'amended' : 'proposed', promotion };
}

async function doOne(
  context: Context,
  ports: PromotionPorts,
  { id, version }: BulkItem,
  action: BulkAction,
): Promise<Promotion | { outcome: string; promotion: Promotion }> {
  if (action.kind === 'submit') return submitPromotion(context, id, version);
  if (action.kind === 'cancel') return cancelPromotion(context, id, version, action.reason);
  const before = await context.db.read(
    context,
    async (tx) => (await findPromotion(tx, id)) ?? notFound('promotion', id),
  );
  const input = action.kind === 'shift' ? movedBy(before, action.days) : withRates(before, action.percent);
  return changeTerms(context, ports, before, version, input, action.reason);
}

/** A promotion to work on, at the version that the person saw. */
export interface BulkItem {
  id: string;
  version?: number | undefined;
}

const doneWords = { shift: 'changed', rate: 'changed', cancel: 'cancelled', submit: 'submitted' } as const;

/**
 * Does the same to many promotions, one after the other and each in a transaction of its own: an item is done whole or
 * refused with its reason. Before anything is done it
 * throws `auth.forbidden` where the person may not do it, and `not_found` where an id names nothing.
 */
export async function editInBulk(
  context: Context,
  ports: PromotionPorts,
  items: readonly BulkItem[],
  action: BulkAction,
): Promise<Outcome[]> {
  if (action.kind === 'cancel' && !context.actor.permissions.has('promotions:cancel'))
    throw new Problem('auth.forbidden', { detail: 'Cancelling takes the permission promotions:cancel.' });
  await context.db.read(context, async (tx) => {
    for (const { id } of items) if (!(await findPromotion(tx, id))) notFound('promotion', id);
  });
  const outcomes: Outcome[] = [];
  for (const item of items)
    outcomes.push(await outcomeOf(doneWords[action.kind], () => doOne(context, ports, item, action)));
  return outcomes;
}
