import { z } from 'zod';
import type { Context } from '#context';
import { sql } from '#db';
import {
  type AnyRoute,
  dateSchema,
  decimalSchema,
  idParams,
  idSchema,
  listQueryShape,
  maxPageSize,
  pageOf,
  positiveDecimalSchema,
  route,
} from '#http';
import { customerLeaves, findCustomers, productLeaves } from '#master-data';
import { notFound } from '#problem';
import { listHoldOut, listModelProducts } from './list-model-rows.ts';
import { findModel, listModels, type ModelVersion } from './model-store.ts';
import { named } from './name-rows.ts';
import { findObservedEvents } from './observed-event-store.ts';
import { predictBaselines } from './predict-baselines.ts';
import { recordSales } from './record-sales.ts';
import { SCORED_METHODS } from './response-model/response-calibration.ts';
import { listSalesFacts } from './sales-facts.ts';
import { listShipments } from './shipment-store.ts';
import { trainPromotionModel } from './train-promotion-model.ts';

const modelSchema = z.object({
  id: idSchema,
  kind: z.literal('promotion-response'),
  number: z.int(),
  status: z.enum(['fitting', 'fitted', 'failed']),
  salesRows: z.number().nullable(),
  trainedFrom: dateSchema.nullable(),
  trainedThrough: dateSchema.nullable(),
  metrics: z.unknown(),
  parameters: z.unknown(),
  reason: z.string().nullable(),
  requestedBy: idSchema,
  requestedAt: z.iso.datetime(),
  fittedAt: z.iso.datetime().nullable(),
  supersededAt: z.iso.datetime().nullable(),
});

const modelJson = ({ requestedAt, fittedAt, supersededAt, ...model }: ModelVersion) => ({
  ...model,
  requestedAt: requestedAt.toISOString(),
  fittedAt: fittedAt?.toISOString() ?? null,
  supersededAt: supersededAt?.toISOString() ?? null,
});

const heldOutSchema = z.object({
  customerId: idSchema,
  customerName: z.string(),
  productId: idSchema,
  productName: z.string(),
  weeks: z.int(),
  actual: z.string(),
  forecast: z.string(),
  absoluteError: z.string(),
});

const modelProductSchema = z.object({
  productId: idSchema,
  productName: z.string(),
  promotionalElasticity: z.string(),
  regularElasticity: z.string(),
  feature: z.string(),
  display: z.string(),
  featureDisplay: z.string(),
});

const salesSchema = z.object({
  customerId: idSchema,
  productId: idSchema,
  periodStart: dateSchema,
  units: z.string(),
  revenue: z.string(),
  price: z.string().nullable(),
  basePrice: z.string().nullable(),
  feature: z.boolean(),
  display: z.boolean(),
  priceReduction: z.boolean(),
  currency: z.string(),
  source: z.string(),
  recordedAt: z.iso.datetime(),
});

const shipmentSchema = z.object({
  customerId: idSchema,
  customerName: z.string(),
  productId: idSchema,
  productName: z.string(),
  periodStart: dateSchema,
  cases: z.string(),
  revenue: z.string(),
  currency: z.string(),
  source: z.string(),
  recordedAt: z.iso.datetime(),
});

/** Facts in one request; more belong into an import. */
const mostFacts = 2_000;
const priceSchema = positiveDecimalSchema.refine((price) => Number(price) > 0, 'must be above zero');
const newFactSchema = z.strictObject({
  customerId: idSchema,
  productId: idSchema,
  periodStart: dateSchema,
  units: positiveDecimalSchema,
  revenue: decimalSchema,
  price: priceSchema.optional(),
  basePrice: priceSchema.optional(),
  feature: z.boolean().optional(),
  display: z.boolean().optional(),
  priceReduction: z.boolean().optional(),
});

const observedSchema = z.object({
  customerId: idSchema,
  productId: idSchema,
  startsOn: dateSchema,
  endsOn: dateSchema,
  weeks: z.int(),
  feature: z.boolean(),
  display: z.boolean(),
  priceReduction: z.boolean(),
  stores: z.int(),
  storesReporting: z.int(),
  units: z.string(),
  depth: z.string().nullable(),
});

const baselinesSchema = z.object({
  items: z.array(
    z.object({
      productId: idSchema,
      weekStart: dateSchema,
      fiscalWeek: z.string().nullable(),
      baselineUnits: z.string(),
      low: z.string(),
      high: z.string(),
    }),
  ),
  baselineVersion: z.string(),
  modelVersion: idSchema,
});

const scopeShape = {
  customerId: idSchema.optional(),
  productId: idSchema.optional(),
  from: dateSchema.optional(),
  to: dateSchema.optional(),
};

/** Leaf customers and SKUs below the ids of a query; throws `not_found` for ids that are not the tenant's. */
async function leavesOf(context: Context, query: { customerId?: string | undefined; productId?: string | undefined }) {
  return context.db.read(context, async (tx) => {
    const customerIds = query.customerId ? await customerLeaves(tx, query.customerId) : undefined;
    if (customerIds?.length === 0) notFound('customer', query.customerId!);
    const productIds = query.productId ? await productLeaves(tx, query.productId) : undefined;
    if (productIds?.length === 0) notFound('product', query.productId!);
    return { customerIds, productIds };
  });
}

const factsQuery = z.strictObject({ ...scopeShape, limit: listQueryShape.limit, cursor: listQueryShape.cursor });

/** Sales facts, shipments, observed events and models. */
export const performanceRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/sales',
    summary: 'Sales facts of a customer and product, or of all below them',
    access: 'analytics:read',
    query: factsQuery.extend({
      promoted: z.literal('true').optional().describe('Weeks with a flag of a promotion only'),
    }),
    answers: { 200: pageOf(salesSchema) },
    handle: async (context, { query }) => {
      const leaves = await leavesOf(context, query);
      const page = await context.db.read(context, (tx) => listSalesFacts(tx, { ...query, ...leaves }));
      const items = page.items.map((fact) => ({ ...fact, recordedAt: fact.recordedAt.toISOString() }));
      return { body: { ...page, items } };
    },
  }),
  route({
    method: 'POST',
    path: '/sales',
    summary: 'Record sales facts, all or none; a changed one keeps what stood there as a revision',
    access: 'customers:write',
    body: z.strictObject({ facts: z.array(newFactSchema).min(1).max(mostFacts) }),
    answers: { 200: z.object({ stored: z.int(), unchanged: z.int() }) },
    handle: async (context, { body }) => ({ body: await recordSales(context, body.facts) }),
  }),
  route({
    method: 'GET',
    path: '/shipments',
    summary: 'Cases shipped by week to a customer of a product, or to all below them',
    access: 'analytics:read',
    query: factsQuery,
    answers: { 200: pageOf(shipmentSchema) },
    handle: async (context, { query }) => {
      const leaves = await leavesOf(context, query);
      const page = await named(
        context,
        await context.db.read(context, (tx) => listShipments(tx, { ...query, ...leaves })),
      );
      const items = page.items.map((fact) => ({ ...fact, recordedAt: fact.recordedAt.toISOString() }));
      return { body: { ...page, items } };
    },
  }),
  route({
    method: 'GET',
    path: '/baselines',
    summary: 'Units per product and week with no promotion, past or future, by the model in force',
    access: 'analytics:read',
    query: z.strictObject({ customerId: idSchema, productId: idSchema, from: dateSchema, to: dateSchema }),
    answers: { 200: baselinesSchema },
    handle: async (context, { query }) => {
      const { customerIds = [], productIds = [] } = await leavesOf(context, query);
      return { body: await predictBaselines(context, { ...query, customerIds, productIds }) };
    },
  }),
  route({
    method: 'GET',
    path: '/performance/observed-events',
    summary: 'Past promotions as the flags in the sales tell them, the youngest first',
    access: 'analytics:read',
    query: z.strictObject({
      ...scopeShape,
      limit: z.coerce.number().int().min(1).max(maxPageSize).default(maxPageSize),
    }),
    answers: { 200: pageOf(observedSchema) },
    handle: async (context, { query }) => {
      const leaves = await leavesOf(context, query);
      const items = await context.db.read(context, async (tx) => {
        // Events are observed at the parent of stores.
        const stores = leaves.customerIds && (await findCustomers(tx, { ids: leaves.customerIds }));
        const customerIds = stores && [...new Set(stores.map(({ id, parentId }) => parentId ?? id))];
        return findObservedEvents(tx, { ...query, productIds: leaves.productIds, customerIds });
      });
      return { body: { items, nextCursor: null } };
    },
  }),
  route({
    method: 'GET',
    path: '/ml/models',
    summary: 'Model versions with their accuracy, the youngest first',
    access: 'analytics:read',
    query: z.strictObject({ ...listQueryShape, status: modelSchema.shape.status.optional() }),
    answers: { 200: pageOf(modelSchema) },
    handle: async (context, { query }) => {
      const where = query.status ? [sql`status = ${query.status}`] : [];
      const page = await context.db.read(context, (tx) => listModels(tx, query, where));
      return { body: { ...page, items: page.items.map(modelJson) } };
    },
  }),
  route({
    method: 'GET',
    path: '/ml/models/:id',
    summary: 'One model version',
    access: 'analytics:read',
    params: idParams,
    answers: { 200: modelSchema },
    handle: async (context, { params }) => {
      const model = await context.db.read(context, (tx) => findModel(tx, params.id));
      return { body: modelJson(model ?? notFound('model', params.id)) };
    },
  }),
  route({
    method: 'GET',
    path: '/ml/models/:id/hold-out',
    summary: 'The series that a model version was scored on, with actual and forecast units of weeks it had not seen',
    access: 'analytics:read',
    params: idParams,
    query: z.strictObject({
      method: z.enum(SCORED_METHODS).default('model'),
      limit: listQueryShape.limit,
      cursor: listQueryShape.cursor,
    }),
    answers: { 200: pageOf(heldOutSchema) },
    handle: async (context, { params, query }) => ({ body: await listHoldOut(context, params.id, query) }),
  }),
  route({
    method: 'GET',
    path: '/ml/models/:id/products',
    summary: 'What a model version says of each product: elasticities, and the lift of feature and display',
    access: 'analytics:read',
    params: idParams,
    query: z.strictObject({ limit: listQueryShape.limit, cursor: listQueryShape.cursor }),
    answers: { 200: pageOf(modelProductSchema) },
    handle: async (context, { params, query }) => ({ body: await listModelProducts(context, params.id, query) }),
  }),
  route({
    method: 'POST',
    path: '/ml/models/promotion-response/train',
    summary: 'Fit the promotion response model on the sales as they stand',
    access: 'ml:train',
    answers: { 202: modelSchema },
    handle: async (context) => ({ body: modelJson(await trainPromotionModel(context)) }),
  }),
];
