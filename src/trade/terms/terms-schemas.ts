import { z } from 'zod';
import {
  codeSchema,
  currencySchema,
  dateSchema,
  figureSchema,
  idSchema,
  moneyAnswerSchema,
  nameSchema,
  noteSchema,
  positiveDecimalSchema,
} from '#http';
import { termBases, termKinds, termPayments, tierMeasures, tierMethods } from './domain/term-line.ts';
import { waterfallSteps } from './domain/waterfall-steps.ts';

/** Most lines and tiers that an agreement of a version may have. */
const mostLines = 100;
const mostSteps = 20;

const tiersSchema = z.strictObject({
  method: z.enum(tierMethods),
  measure: z.enum(tierMeasures),
  steps: z
    .array(z.strictObject({ from: positiveDecimalSchema, rate: positiveDecimalSchema }))
    .min(1)
    .max(mostSteps),
});

const lineShape = {
  code: codeSchema,
  kind: z.enum(termKinds),
  basis: z.enum(termBases),
  rate: positiveDecimalSchema.nullable(),
  tiers: tiersSchema.nullable(),
  condition: noteSchema.nullable(),
  payment: z.enum(termPayments),
};

const lineBody = z.strictObject({
  ...lineShape,
  rate: lineShape.rate.default(null),
  tiers: lineShape.tiers.default(null),
  condition: lineShape.condition.default(null),
});

const contentShape = {
  name: nameSchema,
  validFrom: dateSchema,
  validTo: dateSchema.nullable(),
  note: noteSchema,
  lines: z.array(lineBody).min(1).max(mostLines),
};

/** The type of an exchange rate, and the day whose rate it is; the first day where absent. */
const fxBody = z.strictObject({ type: codeSchema, on: dateSchema.nullish() }).nullable();

/** Body of `POST /terms`. */
export const agreementBody = z.strictObject({
  ...contentShape,
  code: codeSchema,
  customerId: idSchema,
  productId: idSchema.nullable().default(null),
  currency: currencySchema,
  validTo: contentShape.validTo.default(null),
  note: contentShape.note.default(''),
  fx: fxBody.default(null),
});

/** Body of `PATCH /terms/:id`. */
export const changeBody = z.strictObject({ ...contentShape, fx: fxBody }).partial();

const personSchema = idSchema.nullable();

/** A version of an agreement. */
export const versionSchema = z.object({
  ...{ id: idSchema, number: z.int(), state: z.enum(['draft', 'agreed', 'superseded', 'declined']) },
  ...contentShape,
  lines: z.array(z.object(lineShape)),
  ...{ madeBy: idSchema, madeAt: z.iso.datetime(), agreedBy: personSchema, agreedAt: z.iso.datetime().nullable() },
  supersededAt: z.iso.datetime().nullable(),
  fx: z
    .object({ type: z.string(), on: dateSchema, from: z.string(), to: z.string(), rate: z.string(), rateId: idSchema })
    .nullable(),
});

/** An agreement with what is in force and what waits for a yes. */
export const agreementSchema = z.object({
  id: idSchema,
  code: z.string(),
  customerId: idSchema,
  productId: idSchema.nullable(),
  currency: z.string(),
  version: z.int(),
  current: versionSchema.nullable(),
  draft: versionSchema.nullable(),
});

/** The last word on a condition in a fiscal period. */
export const conditionSchema = z.object({
  ...{ lineCode: z.string(), fiscalYear: z.int(), period: z.int(), startsOn: dateSchema, endsOn: dateSchema },
  ...{ met: z.boolean(), note: z.string(), recordedBy: idSchema, recordedAt: z.iso.datetime() },
});

/** Body of `POST /terms/:id/conditions`. */
export const conditionBody = z.strictObject({
  lineCode: codeSchema,
  fiscalYear: z.int().min(1900).max(2200),
  period: z.int().min(1).max(13),
  met: z.boolean(),
  note: noteSchema.default(''),
});

const tierSchema = z.object({ from: z.string(), rate: z.string() }).nullable();

/** Where the tiered lines of an agreement stand in a fiscal year. */
export const attainmentSchema = z.object({
  ...{ agreementId: idSchema, fiscalYear: z.int(), startsOn: dateSchema, endsOn: dateSchema, currency: z.string() },
  through: dateSchema.nullable(),
  /** How the rest of the year was estimated; null where it was not. */
  method: z.string().nullable(),
  lines: z.array(
    z.object({
      line: z.object(lineShape),
      attained: tierSchema,
      expected: tierSchema,
      low: tierSchema,
      high: tierSchema,
      next: tierSchema,
      thresholds: z.array(z.object({ from: z.string(), rate: z.string() })).nullable(),
      figures: z.object({
        ...{ volume: figureSchema, expectedVolume: figureSchema, missing: figureSchema },
        ...{ rebate: figureSchema, expectedRebate: figureSchema, accrued: figureSchema },
      }),
    }),
  ),
});

const stepSchema = z.object({
  step: z.enum(waterfallSteps),
  amount: figureSchema,
  ofList: figureSchema,
  perCase: figureSchema,
});
const partShape = { cases: z.string(), steps: z.array(stepSchema) };

/** A waterfall by fiscal period and in total. */
export const waterfallSchema = z.object({
  customerId: idSchema,
  productId: idSchema.nullable(),
  currency: z.string(),
  periods: z.array(
    z.object({ fiscalYear: z.int(), period: z.int(), startsOn: dateSchema, endsOn: dateSchema, ...partShape }),
  ),
  total: z.object(partShape),
  notes: z.array(z.string()),
});

/** What was shipped at one price under the same terms. */
export const waterfallRowSchema = z.object({
  ...{ customerId: idSchema, productId: idSchema, fiscalYear: z.int(), period: z.int(), cases: z.string() },
  listPrice: moneyAnswerSchema,
  terms: z.array(
    z.object({ code: z.string(), agreementId: idSchema, kind: z.enum(termKinds), perCase: z.string().nullable() }),
  ),
});
