import { z } from 'zod';
import { isCurrency } from '#money';

/** Largest page of a list. */
export const maxPageSize = 200;

/** A UUID in a path or body. */
export const idSchema = z.uuid();
/** Path parameters with one id. */
export const idParams = z.strictObject({ id: idSchema });
/** A business date, `YYYY-MM-DD`, that exists. */
export const dateSchema = z.iso.date();
/** An instant of the past or present, ISO 8601: the years that business dates have, which a database can hold. */
export const instantSchema = z.iso.datetime().refine((text) => /^(19|20|21)/.test(text), 'must lie in 1900 to 2199');
/**
 * No control characters and none that are invisible: they turn the reading direction or hide a difference between two
 * names. The two joiners stay, which Persian, Indic scripts and emoji need.
 */
export const visibleText = /^(?:[^\p{Cc}\p{Cf}]|\u200c|\u200d)*$/u;
const visibleMessage = 'must not hold control or invisible formatting characters';
/** A short text for people: trimmed, no control or invisible characters. */
export const nameSchema = z.string().trim().min(1).max(200).regex(visibleText, visibleMessage);
/** A longer text for people. */
export const noteSchema = z
  .string()
  .trim()
  .max(4_000)
  .regex(/^[^\0]*$/, 'must not hold NUL');
/** A code from another system: no control or invisible characters. */
export const codeSchema = z.string().trim().min(1).max(100).regex(visibleText, visibleMessage);
/** An ISO 4217 currency code. */
export const currencySchema = z.string().length(3).refine(isCurrency, 'is not an ISO 4217 currency');
const digitLimits = (before: number, after: number) => `at most ${before} digits before and ${after} after the point`;
/** A decimal number as a string: up to 12 digits before and 6 after the point. */
export const decimalSchema = z
  .string()
  .regex(/^-?\d{1,12}(\.\d{1,6})?$/, `must be a decimal string of ${digitLimits(12, 6)}`);
/** A decimal string that is not negative. */
export const positiveDecimalSchema = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,6})?$/, `must be a decimal string, not negative, of ${digitLimits(12, 6)}`);
/** Money in a request: an exact decimal string and a currency. */
export const moneySchema = z.strictObject({
  amount: z.string().regex(/^-?\d{1,15}(\.\d{1,3})?$/, `must be a decimal string of ${digitLimits(15, 3)}`),
  currency: currencySchema,
});
/** Money in an answer: as in a request, but sums may have grown beyond what one request may state. */
export const moneyAnswerSchema = moneySchema.extend({ amount: z.string().regex(/^-?\d+(\.\d+)?$/) });

const figureValueSchema = z.union([moneyAnswerSchema, z.string()]).nullable();
/** A figure in an answer: the value with what it was made from (`#figure`). */
export const figureSchema = z.object({
  value: figureValueSchema,
  low: figureValueSchema.optional(),
  high: figureValueSchema.optional(),
  unit: z.enum(['money', 'ratio', 'points', 'units']),
  per: z.string().optional(),
  formula: z.string(),
  formulaVersion: z.string(),
  inputs: z.array(
    z.object({
      name: z.string(),
      value: z.string().nullable(),
      source: z.string(),
      figure: z
        .string()
        .optional()
        .describe('The address of the figure that the input is: a path, and a place behind #'),
    }),
  ),
  notEstimated: z.array(z.string()).optional(),
  rows: z.string().optional().describe('The path that lists the rows behind the figure'),
  sumOf: z.string().optional().describe('The field of the rows whose sum the value is'),
});

/** Query members of every list. */
export const listQueryShape = {
  limit: z.coerce.number().int().min(1).max(maxPageSize).default(50),
  cursor: z.string().max(1_000).optional(),
  sort: z.string().max(60).optional(),
};
/** The plain list query, without filters. */
export const listQuery = z.strictObject(listQueryShape);

/** A page of `item`. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}
