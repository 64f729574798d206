import { z } from 'zod';
import {
  type AnyRoute,
  dateSchema,
  idParams,
  idSchema,
  listQuery,
  nameSchema,
  noteSchema,
  pageOf,
  positiveDecimalSchema,
  route,
} from '#http';
import type { Outcome } from '../life/outcome.ts';
import { inputOf } from '../planning/promotion-terms.ts';
import type { PromotionPorts } from '../ports.ts';
import { promotionJson, promotionSchema } from '../promotion-schemas.ts';
import { type BulkAction, editInBulk } from './bulk-edit.ts';
import { type CopySource, copyToTargets } from './copy-promotion.ts';
import { retireTemplate, saveTemplate } from './save-template.ts';
import { listTemplates, type Template } from './template-store.ts';

/** Promotions in one call: each is calculated, so that more would keep the caller waiting; the screen sends five at a time. */
const maxItems = 50;
const maxShiftDays = 731;

const outcomesSchema = z.object({
  items: z.array(
    z.object({
      outcome: z.string(),
      promotion: promotionSchema.nullable(),
      problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
    }),
  ),
});

const outcomesJson = (outcomes: readonly Outcome[]) => ({
  items: outcomes.map((one) => ({ ...one, promotion: one.promotion && promotionJson(one.promotion) })),
});

const reason = noteSchema.min(1);
const actionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('shift'), days: z.int().min(-maxShiftDays).max(maxShiftDays), reason }),
  z.strictObject({
    kind: z.literal('rate'),
    percent: z.string().regex(/^-?\d{1,3}(\.\d{1,4})?$/, 'must be a decimal string'),
    reason,
  }),
  z.strictObject({ kind: z.literal('cancel'), reason }),
  z.strictObject({ kind: z.literal('submit') }),
]);

const bulk = (ports: PromotionPorts): AnyRoute =>
  route({
    method: 'POST',
    path: '/promotions/bulk',
    summary: 'Shift, re-rate, submit or cancel many promotions: each is done whole or refused with its reason',
    access: 'promotions:update',
    body: z.strictObject({
      items: z
        .array(z.strictObject({ id: idSchema, version: z.int().min(1).optional() }))
        .min(1)
        .max(maxItems),
      action: actionSchema,
    }),
    answers: { 200: outcomesSchema },
    handle: async (context, { body }) => ({
      body: outcomesJson(await editInBulk(context, ports, body.items, body.action as BulkAction)),
    }),
  });

const copies = route({
  method: 'POST',
  path: '/promotions/copies',
  summary: 'Copy a promotion or a template to several customers and dates: a draft each, or refused with its reason',
  access: 'promotions:create',
  body: z.strictObject({
    source: z.union([z.strictObject({ promotionId: idSchema }), z.strictObject({ templateId: idSchema })]),
    targets: z
      .array(
        z.strictObject({
          customerId: idSchema.optional(),
          startsOn: dateSchema.optional(),
          name: nameSchema.optional(),
          fundSplit: z
            .array(z.strictObject({ fundId: idSchema, share: positiveDecimalSchema }))
            .min(1)
            .max(10)
            .optional(),
        }),
      )
      .min(1)
      .max(maxItems),
  }),
  answers: { 200: outcomesSchema },
  handle: async (context, { body }) => ({
    body: outcomesJson(await copyToTargets(context, body.source as CopySource, body.targets)),
  }),
});

const templateSchema = z.object({
  id: idSchema,
  name: z.string(),
  sourcePromotionId: idSchema,
  terms: z.record(z.string(), z.unknown()),
  createdBy: idSchema,
  createdAt: z.iso.datetime(),
});

const templateJson = (template: Template) => ({
  ...template,
  terms: inputOf(template.terms),
  createdAt: template.createdAt.toISOString(),
});

const templates: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/promotions/templates',
    summary: 'Templates to copy from, by name',
    access: 'promotions:read',
    query: listQuery,
    answers: { 200: pageOf(templateSchema) },
    handle: async (context, { query }) => {
      const page = await context.db.read(context, (tx) => listTemplates(tx, query));
      return { body: { ...page, items: page.items.map(templateJson) } };
    },
  }),
  route({
    method: 'POST',
    path: '/promotions/templates',
    summary: 'Keep the terms of a promotion as a template',
    access: 'promotions:create',
    body: z.strictObject({ promotionId: idSchema, name: nameSchema }),
    answers: { 201: templateSchema },
    handle: async (context, { body }) => ({
      body: templateJson(await saveTemplate(context, body.promotionId, body.name)),
    }),
  }),
  route({
    method: 'POST',
    path: '/promotions/templates/:id/retire',
    summary: 'Take a template out of use',
    access: 'promotions:create',
    params: idParams,
    answers: { 204: null },
    handle: async (context, { params }) => {
      await retireTemplate(context, params.id);
      return {};
    },
  }),
];

/** Work on many promotions at once, and the templates to copy from. */
export const bulkRoutes = (ports: PromotionPorts): AnyRoute[] => [bulk(ports), copies, ...templates];
