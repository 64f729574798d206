import { z } from 'zod';
import { type AnyRoute, dateSchema, idParams, idSchema, moneyAnswerSchema, route } from '#http';
import { planSchema } from './planning/plan-schema.ts';
import { readSellSheet } from './sell-sheet.ts';

const text = z.string().nullable();

const sellSheetSchema = z.object({
  ...{ code: z.string(), name: z.string(), customerName: z.string(), currency: z.string() },
  ...{ startsOn: dateSchema, endsOn: dateSchema, shipStartsOn: dateSchema, shipEndsOn: dateSchema },
  claimByOn: dateSchema,
  products: z.array(
    z.object({
      ...{
        id: idSchema,
        code: z.string(),
        name: z.string(),
        unitsPerCase: text,
        shelfPriceBefore: text,
        shelfPriceDuring: text,
      },
      ...{ cut: text, expectedUnits: text },
    }),
  ),
  retailer: planSchema.shape.retailer,
  payments: z.array(
    z.object({
      mechanic: z.string(),
      products: z.array(z.string()),
      rate: z.object({ amount: z.string(), currency: z.string(), per: z.string() }).nullable(),
      redemptionRate: text,
      lumpSum: moneyAnswerSchema.nullable(),
      stores: z.int().nullable(),
      lumpSumInAll: moneyAnswerSchema.nullable(),
      startsOn: dateSchema,
      endsOn: dateSchema,
    }),
  ),
});

/** What is shown to a retailer's buyer. */
export const sellSheetRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/promotions/:id/sell-sheet',
    summary: 'The event from the retailer’s side, to print for its buyer: nothing of our cost, profit or funds',
    access: 'promotions:read',
    params: idParams,
    answers: { 200: sellSheetSchema },
    handle: async (context, { params }) => ({ body: await readSellSheet(context, params.id) }),
  }),
];
