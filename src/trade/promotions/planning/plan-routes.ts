import { z } from 'zod';
import type { Context } from '#context';
import {
  type AnyRoute,
  dateSchema,
  idParams,
  idSchema,
  listQueryShape,
  moneyAnswerSchema,
  pageOf,
  route,
  slicePage,
} from '#http';
import { findProducts } from '#master-data';
import { notFound } from '#problem';
import type { Promotion } from '../domain/promotion.ts';
import { asOfSchema, readPromotion } from '../promotion-answers.ts';
import { findPromotion, submittedPlan } from '../promotion-store.ts';
import { buildPlan, type Plan, readPlanData } from './build-plan.ts';
import { openPlan, planWeekRows, type WhichPlan } from './open-plan.ts';
import { planAsOf } from './plan-record-store.ts';
import { planSchema } from './plan-schema.ts';
import { inputOf, resolveTerms } from './promotion-terms.ts';

async function planOfNow(context: Context, id: string): Promise<Plan> {
  const { resolved, data } = await context.db.read(context, async (tx) => {
    const promotion = (await findPromotion(tx, id)) ?? notFound('promotion', id);
    const terms = await resolveTerms(tx, inputOf(promotion));
    return { resolved: terms, data: await readPlanData(tx, terms, id) };
  });
  return (await buildPlan(context, resolved, data, id)).plan;
}

/**
 * A plan of a promotion: as it would be made now, as it was last submitted, as it was kept last (which the lists show), or
 * as it was believed at an instant. Throws `not_found`.
 */
async function readPlan(context: Context, id: string, { as, asOf }: WhichPlan): Promise<Plan> {
  if (!as && !asOf) return planOfNow(context, id);
  return context.db.read(context, async (tx) => {
    if (asOf) return (await planAsOf(tx, id, asOf)) ?? notFound('plan of promotion', id);
    const kept = as === 'kept' ? await planAsOf(tx, id, context.clock.now().toISOString()) : undefined;
    return kept ?? (await submittedPlan(tx, id)) ?? notFound(`${as} plan of promotion`, id);
  });
}

const whichShape = { as: z.enum(['submitted', 'kept']).optional(), asOf: asOfSchema };
const pageShape = { limit: listQueryShape.limit, cursor: listQueryShape.cursor };

async function weekRows(context: Context, id: string, which: WhichPlan & { productId?: string | undefined }) {
  const plan = await readPlan(context, id, which);
  const event: Promotion = await readPromotion(context, id, which.asOf);
  const ids = [...new Set(plan.weeks.map(({ productId }) => productId))];
  const names = new Map(
    (await context.db.read(context, (tx) => findProducts(tx, { ids }))).map(({ id: of, name }) => [of, name]),
  );
  return planWeekRows(plan, event, (of) => names.get(of) ?? '', which.productId);
}

const weekRowSchema = z.object({
  ...{ weekStart: dateSchema, product: z.string(), fiscalWeek: z.string().nullable(), productId: idSchema },
  ...{ promoted: z.boolean(), baselineUnits: z.string(), incrementalUnits: z.string(), predictedUnits: z.string() },
  ...{ eventBaselineUnits: z.string(), eventIncrementalUnits: z.string(), eventUnits: z.string() },
});

const tacticRowSchema = z.object({
  ...{ tacticId: idSchema, mechanic: z.string(), volumeBasis: z.string().nullable(), volume: z.string().nullable() },
  ...{ unit: z.string().nullable(), spend: moneyAnswerSchema },
  part: moneyAnswerSchema.optional().describe('What the fund that was asked for bears of it'),
});

/** What a promotion will sell and earn, and the rows behind it. */
export const planRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/promotions/:id/plan',
    summary:
      'What the promotion will sell and earn, every figure with its formula; on demand as it was submitted, kept last, or believed at an instant',
    access: 'promotions:read',
    params: idParams,
    query: z.strictObject(whichShape),
    answers: { 200: planSchema },
    handle: async (context, { params, query }) => ({
      body: openPlan(await readPlan(context, params.id, query), params.id, query),
    }),
  }),
  route({
    method: 'GET',
    path: '/promotions/:id/plan/weeks',
    summary: 'The rows behind a plan’s volumes: products by week, and what the event counts of each',
    access: 'promotions:read',
    params: idParams,
    query: z.strictObject({ ...whichShape, ...pageShape, productId: idSchema.optional() }),
    answers: { 200: pageOf(weekRowSchema) },
    handle: async (context, { params, query }) => ({
      body: slicePage(await weekRows(context, params.id, query), query),
    }),
  }),
  route({
    method: 'GET',
    path: '/promotions/:id/plan/tactics',
    summary: 'The rows behind a plan’s spend: what each tactic costs, and what a fund bears of it',
    access: 'promotions:read',
    params: idParams,
    query: z.strictObject({ ...whichShape, ...pageShape, fundId: idSchema.optional() }),
    answers: { 200: pageOf(tacticRowSchema) },
    handle: async (context, { params, query }) => {
      const { spendByTactic } = await readPlan(context, params.id, query);
      const rows = spendByTactic.flatMap(({ tacticId, mechanic, volumeBasis, volume, unit, spend, splits }) => {
        const part = splits.find(({ fundId }) => fundId === query.fundId)?.amount;
        if (query.fundId && !part) return [];
        return [{ tacticId, mechanic, volumeBasis, volume, unit, spend, ...(part ? { part } : {}) }];
      });
      return { body: slicePage(rows, query) };
    },
  }),
];
