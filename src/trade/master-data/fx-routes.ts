import { z } from 'zod';
import {
  type AnyRoute,
  codeSchema,
  currencySchema,
  dateSchema,
  idSchema,
  listQueryShape,
  nameSchema,
  pageOf,
  route,
} from '#http';
import { listFxRates, type RecordedFxRate } from './fx-store.ts';
import { recordFxRate } from './record-fx-rate.ts';

const writable = {
  type: codeSchema,
  from: currencySchema,
  to: currencySchema,
  on: dateSchema,
  source: nameSchema.optional(),
  rate: z.string().regex(/^\d{1,7}(\.\d{1,10})?$/, 'must be a decimal string, not negative'),
};
const fxRateSchema = z.object({
  ...writable,
  source: z.string(),
  id: idSchema,
  recordedBy: idSchema,
  recordedAt: z.iso.datetime(),
});

const fxRateJson = (rate: RecordedFxRate) => ({ ...rate, recordedAt: rate.recordedAt.toISOString() });

/** `/fx-rates`. */
export const fxRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/fx-rates',
    summary: 'Exchange rates by type, currencies and day, the youngest first',
    access: 'funds:read',
    query: z.strictObject({
      ...listQueryShape,
      type: codeSchema.optional(),
      from: currencySchema.optional(),
      to: currencySchema.optional(),
    }),
    answers: { 200: pageOf(fxRateSchema) },
    handle: async (context, { query }) => {
      const { type, from, to, ...request } = query;
      const page = await context.db.read(context, (tx) => listFxRates(tx, { type, from, to }, request));
      return { body: { ...page, items: page.items.map(fxRateJson) } };
    },
  }),
  route({
    method: 'POST',
    path: '/fx-rates',
    summary: 'Record an exchange rate beside the earlier ones: one `from` is `rate` of `to`, from a day on',
    access: 'funds:write',
    reach: 'tenant',
    body: z.strictObject(writable),
    answers: { 201: fxRateSchema },
    handle: async (context, { body }) => ({ body: fxRateJson(await recordFxRate(context, body)) }),
  }),
];
