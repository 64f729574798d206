import { z } from 'zod';
import { codeSchema, decimalSchema, nameSchema } from '#http';
import { permissions } from '#module';
import type { Condition } from '../domain/definition.ts';
import { processCodeSchema } from '../versions/version-routes.ts';

/** A name that conditions can use. */
const wordSchema = z.string().regex(/^[a-z][a-z0-9_]{0,59}$/i, 'must be letters, digits and _');
const conditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ variable: wordSchema, is: z.enum(['above', 'below', 'atLeast']), value: decimalSchema }),
    z.strictObject({ variable: wordSchema, is: z.literal('null') }),
    z.strictObject({ any: z.array(conditionSchema).min(1).max(20) }),
  ]),
);
const stepSchema = z.strictObject({
  ...{ name: wordSchema, title: nameSchema, when: conditionSchema.optional() },
  candidates: z.strictObject({
    permission: z.enum(permissions),
    roles: z.array(codeSchema).min(1).max(50).optional(),
    limitCovers: wordSchema.optional(),
  }),
  dueHours: z.int().min(1).max(8_784),
});
const stepsSchema = z.strictObject({
  code: processCodeSchema,
  title: nameSchema,
  steps: z.array(stepSchema).min(1).max(50),
});

/** What drafts are made of: a BPMN 2.0 file, or steps in order. */
export const draftSourceSchema = z.union([
  z.strictObject({ bpmn: z.string().min(1) }),
  z.strictObject({ steps: stepsSchema }),
]);
