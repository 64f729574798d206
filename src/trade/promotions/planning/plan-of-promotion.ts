import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { Promotion } from '../domain/promotion.ts';
import { allPromotions, submittedPlan } from '../promotion-store.ts';
import { buildPlan, type Plan, readPlanData } from './build-plan.ts';
import { planAsOf } from './plan-record-store.ts';
import { inputOf, type PromotionInput, resolveTerms } from './promotion-terms.ts';

/** What came to nothing. */
const dead: ReadonlySet<Promotion['state']> = new Set<Promotion['state']>(['rejected', 'cancelled']);

/** Promotions with their tactics that touch some days and did not come to nothing, by code. */
export async function findPromotionsIn(
  tx: TenantTx<Context>,
  days: { from: string; to: string },
): Promise<Promotion[]> {
  const all = await allPromotions(tx);
  return all.filter(({ state, startsOn, endsOn }) => !dead.has(state) && startsOn <= days.to && endsOn >= days.from);
}

/**
 * What a promotion will sell and spend: as it was last planned while in force, else (a draft, one that was imported) by the
 * model in force now; a draft's own plan serves where it was made by `modelVersion`. Predicts outside any lock. Throws
 * where its terms no longer fit master data or funds.
 */
export async function planOfPromotion(
  context: Context,
  promotion: Promotion,
  modelVersion: string | null,
): Promise<Plan> {
  const { kept, resolved, data } = await context.db.read(context, async (tx) => {
    const { id, state } = promotion;
    const now = context.clock.now().toISOString();
    const latest = (await planAsOf(tx, id, now)) ?? (await submittedPlan(tx, id));
    if (latest && (state !== 'draft' || (latest.refusal === null && latest.modelVersion === modelVersion))) {
      return { kept: latest };
    }
    const terms = await resolveTerms(tx, inputOf(promotion));
    return { resolved: terms, data: await readPlanData(tx, terms, id) };
  });
  return kept ?? (await buildPlan(context, resolved, data, promotion.id)).plan;
}

/** What terms would sell and earn that take the place of a stored promotion. */
export async function previewInPlaceOf(context: Context, promotionId: string, input: PromotionInput): Promise<Plan> {
  const { resolved, data } = await context.db.read(context, async (tx) => {
    const terms = await resolveTerms(tx, input);
    return { resolved: terms, data: await readPlanData(tx, terms, promotionId) };
  });
  return (await buildPlan(context, resolved, data, promotionId)).plan;
}
