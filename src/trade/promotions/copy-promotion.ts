import type { Context } from '#context';
import { addDays, daysBetween } from '#fiscal-calendar';
import { notFound } from '#problem';
import type { Promotion } from './domain/promotion.ts';
import { planPromotion } from './plan-promotion.ts';
import { findPromotion } from './promotion-store.ts';
import { inputOf, type PromotionInput } from './promotion-terms.ts';

/** The terms of a promotion moved to another first day: every date keeps its distance. */
export function shifted(promotion: Promotion, startsOn: string): PromotionInput {
  const days = daysBetween(promotion.startsOn, startsOn);
  const input = inputOf(promotion);
  return {
    ...input,
    startsOn,
    endsOn: addDays(promotion.endsOn, days),
    shipStartsOn: addDays(promotion.shipStartsOn, days),
    shipEndsOn: addDays(promotion.shipEndsOn, days),
    claimByOn: addDays(promotion.claimByOn, days),
    // A copy's tactics are its own.
    tactics: input.tactics.map(({ id: _id, ...tactic }) => tactic),
  };
}

/** What the name of a copy ends in, and the longest name. */
const copied = ' (copy)';
const maxNameLength = 200;

/** Makes a new draft from a promotion of any state, on other dates where given. */
export async function copyPromotion(
  context: Context,
  id: string,
  change: { name?: string | undefined; startsOn?: string | undefined; endsOn?: string | undefined },
): Promise<Promotion> {
  const source = await context.db.read(
    context,
    async (tx) => (await findPromotion(tx, id)) ?? notFound('promotion', id),
  );
  const input = shifted(source, change.startsOn ?? source.startsOn);
  return planPromotion(context, {
    ...input,
    name: change.name ?? `${source.name.slice(0, maxNameLength - copied.length)}${copied}`,
    ...(change.endsOn ? { endsOn: change.endsOn } : {}),
  });
}
