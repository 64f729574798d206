import { z } from 'zod';
import { type AnyRoute, dateSchema, idSchema, instantSchema, listQueryShape, moneySchema, pageOf, route } from '#http';
import { listPrices } from './price-store.ts';
import { recordPrice } from './record-price.ts';

const writable = {
  productId: idSchema,
  listPrice: moneySchema,
  cost: moneySchema,
  validFrom: dateSchema,
  validTo: dateSchema.nullable().optional(),
};
const priceSchema = z.object({
  ...writable,
  id: idSchema,
  validTo: dateSchema.nullable(),
  recordedAt: z.iso.datetime(),
});

const list = route({
  method: 'GET',
  path: '/prices',
  summary:
    'List prices and costs per case, last recorded first; `date`: only those that cover it; `on`: the one in force for each product on that day, as known by `recordedBy`',
  access: 'products:read',
  query: z.strictObject({
    ...listQueryShape,
    productId: idSchema.optional(),
    date: dateSchema.optional(),
    on: dateSchema.optional(),
    recordedBy: instantSchema.optional(),
  }),
  answers: { 200: pageOf(priceSchema) },
  handle: async (context, { query }) => {
    const { productId, date, on, recordedBy, ...request } = query;
    return {
      body: await context.db.read(context, (tx) => listPrices(tx, { productId, date, on, recordedBy }, request)),
    };
  },
});

const record = route({
  method: 'POST',
  path: '/prices',
  summary: 'Record a price beside the earlier ones',
  access: 'products:write',
  body: z.strictObject(writable),
  answers: { 201: priceSchema },
  handle: async (context, { body }) => ({ body: await recordPrice(context, body) }),
});

/** `/prices`. */
export const priceRoutes: readonly AnyRoute[] = [list, record];
