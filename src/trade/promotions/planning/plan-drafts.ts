import type { Context } from '#context';
import type { Job } from '#jobs';
import { Problem } from '#problem';
import { promotionsInStates } from '../promotion-store.ts';
import { buildPlan, readPlanData } from './build-plan.ts';
import { headline, replanDraft } from './plan-promotion.ts';
import { inputOf, resolveTerms } from './promotion-terms.ts';

/** Calculates the drafts that have no figures yet: imported ones, and those planned before there was a model. */
export async function planDrafts(context: Context): Promise<void> {
  const drafts = await context.db.read(context, (tx) => promotionsInStates(tx, ['draft']));
  for (const draft of drafts.filter((one) => one.plannedSpend === null || one.netProfit === null)) {
    try {
      const { resolved, data } = await context.db.read(context, async (tx) => {
        const terms = await resolveTerms(tx, inputOf(draft));
        return { resolved: terms, data: await readPlanData(tx, terms, draft.id) };
      });
      const { plan } = await buildPlan(context, resolved, data, draft.id);
      if (headline(plan).netProfit !== null) await replanDraft(context, draft, plan);
    } catch (error) {
      // A draft that no longer fits its master data stays as it is; its own page says why.
      if (!(error instanceof Problem) || error.status >= 500) throw error;
      context.log.info({ promotion: draft.code, code: error.code }, 'a draft could not be calculated');
    }
  }
}

/** Runs when a model was fitted. */
export const planDraftsJob: Job = {
  name: 'promotions.plan-drafts',
  queue: 'promotions.plan',
  handle: (context) => planDrafts(context),
};
