import { z } from 'zod';
import { dateSchema, figureSchema, idSchema, moneyAnswerSchema } from '#http';

const units = z.string();

const weekSchema = z.object({
  weekStart: dateSchema,
  fiscalWeek: z.string().nullable(),
  productId: idSchema,
  baselineUnits: units,
  predictedUnits: units,
  incrementalUnits: units,
  low: units,
  high: units,
  promoted: z.boolean(),
});

const productSchema = z.object({
  productId: idSchema,
  baselineUnits: units,
  predictedUnits: units,
  incrementalUnits: units,
  low: units,
  high: units,
  spend: moneyAnswerSchema,
  basePrice: z.string(),
  shelfPrice: z.string(),
  depth: z.string(),
});

/** What a promotion would sell, spend and earn. Units are decimal strings of POS units. */
export const planSchema = z.object({
  promotionId: idSchema.nullable(),
  currency: z.string(),
  modelVersion: z.string().nullable(),
  baselineVersion: z.string().nullable(),
  formulaVersion: z.string(),
  refusal: z.string().nullable(),
  weeks: z.array(weekSchema),
  products: z.array(productSchema),
  totals: z
    .object({
      baselineUnits: units,
      predictedUnits: units,
      incrementalUnits: units,
      incrementalLow: units,
      incrementalHigh: units,
      baselineCases: units,
      incrementalCases: units,
      dipUnits: units.nullable(),
      cannibalisationUnits: units.nullable(),
      haloUnits: units.nullable(),
      liftPercent: z.string().nullable(),
    })
    .nullable(),
  spend: moneyAnswerSchema,
  spendByTactic: z.array(
    z.object({
      tacticId: idSchema,
      mechanic: z.string(),
      volumeBasis: z.string().nullable(),
      volume: z.string().nullable(),
      unit: z.string().nullable(),
      rate: z.object({ amount: z.string(), currency: z.string(), per: z.string() }).nullable(),
      assumption: z.string().nullable(),
      spend: moneyAnswerSchema,
      figure: figureSchema.optional(),
      splits: z.array(z.object({ fundId: idSchema, amount: moneyAnswerSchema, fx: z.string().optional() })),
      customerId: idSchema.optional(),
      productId: idSchema.nullish(),
    }),
  ),
  figures: z.record(z.string(), figureSchema),
  retailer: z
    .object({
      marginBefore: moneyAnswerSchema,
      marginAfter: moneyAnswerSchema,
      percentBefore: z.string().nullable(),
      percentAfter: z.string().nullable(),
      note: z.string(),
      /** Absent from plans that were kept before it was told. */
      figures: z.record(z.string(), figureSchema).optional(),
    })
    .nullable(),
  funds: z.array(
    z.object({
      fundId: idSchema,
      name: z.string(),
      available: moneyAnswerSchema,
      needed: moneyAnswerSchema,
      after: moneyAnswerSchema,
    }),
  ),
  conflicts: z.array(
    z.object({
      promotionId: idSchema,
      code: z.string(),
      name: z.string(),
      customerId: idSchema,
      customerName: z.string(),
      startsOn: dateSchema,
      endsOn: dateSchema,
      state: z.string(),
      productIds: z.array(idSchema),
      policy: z.enum(['block', 'warn']),
      reason: z.string(),
    }),
  ),
  guardrails: z.array(
    z.object({
      ...{ rule: z.string(), severity: z.enum(['block', 'warn']), message: z.string() },
      /** The row of the business rules that says so; version 0 is the one that ships. */
      by: z.object({ decision: z.string(), version: z.int(), row: z.int(), rowId: z.string() }).optional(),
    }),
  ),
});
