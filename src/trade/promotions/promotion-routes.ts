import { z } from 'zod';
import type { Context } from '#context';
import { type RawBuilder, sql } from '#db';
import {
  type AnyRoute,
  dateSchema,
  idParams,
  idSchema,
  listQueryShape,
  nameSchema,
  noteSchema,
  pageOf,
  route,
} from '#http';
import { findPrediction, formulaVersion, type PostEvent, readPostEvent } from '#performance';
import { notFound } from '#problem';
import { findPeople } from '#security';
import { buildPlan, type Plan, readPlanData } from './build-plan.ts';
import { cancelPromotion, closePromotion, holdPromotion, recallPromotion, resumePromotion } from './change-state.ts';
import { copyPromotion } from './copy-promotion.ts';
import type { Promotion } from './domain/promotion.ts';
import { promotionStates } from './domain/promotion-state.ts';
import { conflictScope, findConflicts } from './find-conflicts.ts';
import { changePromotion, planPromotion, previewPromotion } from './plan-promotion.ts';
import { planSchema } from './plan-schema.ts';
import { promotionItemJson, promotionItemSchema, promotionJson, promotionSchema } from './promotion-schemas.ts';
import { findPromotion, listHistory, listPromotions, listVersions, submittedPlan } from './promotion-store.ts';
import { inputOf, promotionBody, resolveTerms } from './promotion-terms.ts';
import { submitPromotion } from './submit-promotion.ts';

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

/** The measurement of a promotion, or `pending` with what it waits for. */
async function postEventOf(context: Context, id: string, version: number | undefined): Promise<PostEvent> {
  return context.db.read(context, async (tx) => {
    const promotion = (await findPromotion(tx, id)) ?? notFound('promotion', id);
    const measured = await readPostEvent(tx, id, version);
    if (measured) return measured;
    if (version !== undefined) notFound('measurement', String(version));
    const over = ['ended', 'in_settlement', 'closed'].includes(promotion.state);
    return {
      promotionId: id,
      state: 'pending',
      measurementVersion: null,
      measuredAt: null,
      baselineVersion: null,
      formulaVersion,
      reason: over
        ? 'The sales of the event have not all arrived yet.'
        : `The promotion is ${promotion.state}; it is measured after its end.`,
      predicted: await findPrediction(tx, id),
      actual: null,
      weeks: [],
      figures: null,
      verdict: null,
      notes: [],
    };
  });
}

const answer = (promotion: Promotion) => ({ version: promotion.version, body: promotionJson(promotion) });

async function readPromotion(context: Context, id: string): Promise<Promotion> {
  return context.db.read(context, async (tx) => (await findPromotion(tx, id)) ?? notFound('promotion', id));
}

async function planOf(context: Context, id: string) {
  const { resolved, data } = await context.db.read(context, async (tx) => {
    const promotion = (await findPromotion(tx, id)) ?? notFound('promotion', id);
    const terms = await resolveTerms(tx, inputOf(promotion));
    return { resolved: terms, data: await readPlanData(tx, terms, id) };
  });
  return (await buildPlan(context, resolved, data, id)).plan;
}

/** What was believed when the promotion was last submitted. */
async function planAsSubmitted(context: Context, id: string): Promise<Plan> {
  return context.db.read(
    context,
    async (tx) => (await submittedPlan(tx, id)) ?? notFound('submitted plan of promotion', id),
  );
}

async function conflictsOf(context: Context, id: string) {
  return context.db.read(context, async (tx) => {
    const promotion = (await findPromotion(tx, id)) ?? notFound('promotion', id);
    return findConflicts(tx, conflictScope(await resolveTerms(tx, inputOf(promotion)), id));
  });
}

async function historyOf(context: Context, id: string) {
  return context.db.read(context, async (tx) => {
    if (!(await findPromotion(tx, id))) notFound('promotion', id);
    const entries = await listHistory(tx, id);
    const people = await findPeople(tx, { ids: [...new Set(entries.map((entry) => entry.actorId))] });
    const nameOf = (actorId: string) => people.find((person) => person.id === actorId)?.name ?? 'TRADEAI';
    return entries.map(({ action, detail, actorId, at }) => ({
      at: at.toISOString(),
      actorName: nameOf(actorId),
      action,
      detail,
    }));
  });
}

const reasonBody = z.strictObject({ reason: noteSchema.min(1) });

/** An action on a promotion that takes no body beyond a comment. */
function action(
  name: string,
  summary: string,
  access: AnyRoute['access'],
  perform: (context: Context, id: string, ifMatch: number | undefined) => Promise<Promotion>,
): AnyRoute {
  return route({
    method: 'POST',
    path: `/promotions/:id/${name}`,
    summary,
    access,
    params: idParams,
    answers: { 200: promotionSchema },
    handle: async (context, { params, ifMatch }) => answer(await perform(context, params.id, ifMatch)),
  });
}

/** An action on a promotion that must say why. */
function reasoned(
  name: string,
  summary: string,
  access: AnyRoute['access'],
  perform: (context: Context, id: string, ifMatch: number | undefined, reason: string) => Promise<Promotion>,
): AnyRoute {
  return route({
    method: 'POST',
    path: `/promotions/:id/${name}`,
    summary,
    access,
    params: idParams,
    body: reasonBody,
    answers: { 200: promotionSchema },
    handle: async (context, { params, body, ifMatch }) =>
      answer(await perform(context, params.id, ifMatch, body.reason)),
  });
}

/** The promotions' routes. */
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
    handle: async (context, { body }) => answer(await planPromotion(context, body)),
  }),
  route({
    method: 'POST',
    path: '/promotions/preview',
    summary: 'Calculate what a promotion would sell and earn, without storing it',
    access: 'promotions:create',
    body: promotionBody,
    answers: { 200: planSchema },
    handle: async (context, { body }) => ({ body: await previewPromotion(context, body) }),
  }),
  route({
    method: 'GET',
    path: '/promotions/:id',
    summary: 'Read a promotion',
    access: 'promotions:read',
    params: idParams,
    answers: { 200: promotionSchema },
    handle: async (context, { params }) => answer(await readPromotion(context, params.id)),
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
      return answer(await changePromotion(context, before, ifMatch, { ...inputOf(before), ...given }));
    },
  }),
  route({
    method: 'GET',
    path: '/promotions/:id/plan',
    summary: 'What the promotion will sell and earn, every figure with its formula; as it was submitted on demand',
    access: 'promotions:read',
    params: idParams,
    query: z.strictObject({ as: z.literal('submitted').optional() }),
    answers: { 200: planSchema },
    handle: async (context, { params, query }) => ({
      body: query.as === 'submitted' ? await planAsSubmitted(context, params.id) : await planOf(context, params.id),
    }),
  }),
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
    method: 'GET',
    path: '/promotions/:id/versions',
    summary: 'Every version that was ever saved',
    access: 'promotions:read',
    params: idParams,
    answers: {
      200: z.object({
        items: z.array(
          z.object({
            version: z.int(),
            state: z.enum(promotionStates),
            body: z.record(z.string(), z.unknown()),
            recordedBy: idSchema,
            recordedAt: z.iso.datetime(),
          }),
        ),
      }),
    },
    handle: async (context, { params }) => {
      await readPromotion(context, params.id);
      const versions = await context.db.read(context, (tx) => listVersions(tx, params.id));
      return { body: { items: versions.map((one) => ({ ...one, recordedAt: one.recordedAt.toISOString() })) } };
    },
  }),
  route({
    method: 'GET',
    path: '/promotions/:id/history',
    summary: 'What happened to the promotion, oldest first',
    access: 'promotions:read',
    params: idParams,
    answers: {
      200: z.object({
        items: z.array(
          z.object({ at: z.iso.datetime(), actorName: z.string(), action: z.string(), detail: z.string() }),
        ),
      }),
    },
    handle: async (context, { params }) => ({ body: { items: await historyOf(context, params.id) } }),
  }),
  route({
    method: 'GET',
    path: '/promotions/:id/post-event',
    summary: 'What the promotion really earned, beside what was predicted',
    access: 'promotions:read',
    params: idParams,
    query: z.strictObject({ version: z.coerce.number().int().min(1).max(100_000).optional() }),
    answers: { 200: z.record(z.string(), z.unknown()) },
    handle: async (context, { params, query }) => {
      return { body: await postEventOf(context, params.id, query.version) };
    },
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
    handle: async (context, { params, body }) => answer(await copyPromotion(context, params.id, body ?? {})),
  }),
  action('submit', 'Submit a draft: reserves fund money and starts the approval', 'promotions:update', submitPromotion),
  route({
    method: 'POST',
    path: '/promotions/:id/recall',
    summary: 'Take one’s own submission back',
    access: 'promotions:update',
    params: idParams,
    body: z.strictObject({ comment: noteSchema.default('') }).optional(),
    answers: { 200: promotionSchema },
    handle: async (context, { params, body, ifMatch }) =>
      answer(await recallPromotion(context, params.id, ifMatch, body?.comment ?? '')),
  }),
  reasoned('cancel', 'Cancel a promotion and release its money', 'promotions:cancel', cancelPromotion),
  reasoned('hold', 'Put an approved or active promotion on hold', 'promotions:update', holdPromotion),
  action('resume', 'End a hold', 'promotions:update', resumePromotion),
  action('close', 'Close an ended promotion and release what it has not earned', 'promotions:update', closePromotion),
];
