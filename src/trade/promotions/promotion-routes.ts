import { z } from 'zod';
import type { Context } from '#context';
import { type RawBuilder, sql } from '#db';
import { type AnyRoute, dateSchema, idParams, idSchema, listQueryShape, nameSchema, pageOf, route } from '#http';
import { notFound } from '#problem';
import { copyPromotion } from './bulk/copy-promotion.ts';
import { promotionStates } from './domain/promotion-state.ts';
import { conflictScope, findConflicts } from './planning/find-conflicts.ts';
import { changePromotion, planPromotion, previewPromotion } from './planning/plan-promotion.ts';
import { planRoutes } from './planning/plan-routes.ts';
import { planSchema } from './planning/plan-schema.ts';
import { inputOf, promotionBody, resolveTerms } from './planning/promotion-terms.ts';
import { answerPromotion, asOfSchema, readPromotion } from './promotion-answers.ts';
import { promotionItemJson, promotionItemSchema, promotionSchema } from './promotion-schemas.ts';
import { findPromotion, listPromotions } from './promotion-store.ts';

const conflictSchema = planSchema.shape.conflicts.element;

const listFilters = z.strictObject({
  ...listQueryShape,
  state: z.enum(promotionStates).optional(),
  customerId: idSchema.optional(),
  productId: idSchema.optional(),
  from: dateSchema.optional(),
  to: dateSchema.optional(),
  search: z
    .string()
    .max(100)
    .regex(/^[^\0]*$/)
    .optional(),
});

function conditionsOf(query: z.output<typeof listFilters>): RawBuilder<unknown>[] {
  const where: RawBuilder<unknown>[] = [];
  if (query.state) where.push(sql`promotion.state = ${query.state}`);
  if (query.customerId) where.push(sql`promotion.customer_id = ${query.customerId}`);
  if (query.from) where.push(sql`promotion.ends_on >= ${query.from}`);
  if (query.to) where.push(sql`promotion.starts_on <= ${query.to}`);
  if (query.search) {
    const pattern = `%${query.search.replace(/[\\%_]/g, '\\$&')}%`;
    where.push(sql`(promotion.name ilike ${pattern} or promotion.code ilike ${pattern})`);
  }
  if (query.productId) {
    where.push(sql`exists (select 1 from promotions.scope_product scope where scope.tenant_id = promotion.tenant_id
      and scope.promotion_id = promotion.id and scope.product_id = ${query.productId})`);
  }
  return where;
}

async function conflictsOf(context: Context, id: string) {
  return context.db.read(context, async (tx) => {
    const promotion = (await findPromotion(tx, id)) ?? notFound('promotion', id);
    return findConflicts(tx, conflictScope(await resolveTerms(tx, inputOf(promotion)), id));
  });
}

/** Planning and reading promotions. */
export const promotionRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/promotions',
    summary: 'List promotions',
    access: 'promotions:read',
    query: listFilters,
    answers: { 200: pageOf(promotionItemSchema) },
    handle: async (context, { query }) => {
      const page = await context.db.read(context, (tx) => listPromotions(tx, query, conditionsOf(query)));
      return { body: { items: page.items.map(promotionItemJson), nextCursor: page.nextCursor } };
    },
  }),
  route({
    method: 'POST',
    path: '/promotions',
    summary: 'Plan a promotion: stores a draft',
    access: 'promotions:create',
    body: promotionBody,
    answers: { 201: promotionSchema },
    handle: async (context, { body }) => answerPromotion(await planPromotion(context, body)),
  }),
  route({
    method: 'POST',
    path: '/promotions/preview',
    summary: 'Calculate what a promotion would sell and earn, without storing it',
    access: 'ml:predict',
    body: promotionBody,
    answers: { 200: planSchema },
    handle: async (context, { body }) => ({ body: await previewPromotion(context, body) }),
  }),
  route({
    method: 'GET',
    path: '/promotions/:id',
    summary: 'Read a promotion, now or as it stood at an instant',
    access: 'promotions:read',
    params: idParams,
    query: z.strictObject({ asOf: asOfSchema }),
    answers: { 200: promotionSchema },
    handle: async (context, { params, query }) => answerPromotion(await readPromotion(context, params.id, query.asOf)),
  }),
  route({
    method: 'PATCH',
    path: '/promotions/:id',
    summary: 'Change a draft',
    access: 'promotions:update',
    params: idParams,
    // The code is for life: a change that names one is refused.
    body: promotionBody.omit({ code: true }).partial(),
    answers: { 200: promotionSchema },
    handle: async (context, { params, body, ifMatch }) => {
      const before = await readPromotion(context, params.id);
      const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      return answerPromotion(await changePromotion(context, before, ifMatch, { ...inputOf(before), ...given }));
    },
  }),
  ...planRoutes,
  route({
    method: 'GET',
    path: '/promotions/:id/conflicts',
    summary: 'Live promotions at related customers on shared products and days',
    access: 'promotions:read',
    params: idParams,
    answers: { 200: z.object({ items: z.array(conflictSchema) }) },
    handle: async (context, { params }) => ({ body: { items: await conflictsOf(context, params.id) } }),
  }),
  route({
    method: 'POST',
    path: '/promotions/:id/copy',
    summary: 'Copy a promotion as a new draft, on other dates where given',
    access: 'promotions:create',
    params: idParams,
    body: z
      .strictObject({ name: nameSchema.optional(), startsOn: dateSchema.optional(), endsOn: dateSchema.optional() })
      .optional(),
    answers: { 201: promotionSchema },
    handle: async (context, { params, body }) => answerPromotion(await copyPromotion(context, params.id, body ?? {})),
  }),
];
