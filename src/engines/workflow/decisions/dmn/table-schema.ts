import { z } from 'zod';
import { maxExpressionCharacters } from '../feel/parse-feel.ts';
import { type DecisionTable, hitPolicies } from './dmn-model.ts';

/** Larger tables are data, not decisions; 500 rows is what is measured. */
const maxRows = 2_000;
const maxColumns = 50;

const noNul = [/^[^\0]*$/, 'must not hold NUL'] as const;
const feel = z
  .string()
  .trim()
  .max(maxExpressionCharacters)
  .regex(...noNul);
const label = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(...noNul);
const optional = {
  id: label.optional(),
  label: label.optional(),
  type: label.optional(),
  values: feel.min(1).optional(),
};

/** A decision table as a screen sends it: as wide in every row as its columns say, every row with an id of its own. */
export const decisionTableSchema = z
  .strictObject({
    kind: z.literal('table'),
    hitPolicy: z.enum(hitPolicies),
    inputs: z.array(z.strictObject({ ...optional, expression: feel.min(1) })).max(maxColumns),
    outputs: z
      .array(z.strictObject({ ...optional, name: label.optional(), default: feel.min(1).optional() }))
      .min(1)
      .max(maxColumns),
    annotations: z
      .array(
        z
          .string()
          .max(200)
          .regex(...noNul),
      )
      .max(maxColumns),
    rules: z
      .array(
        z.strictObject({
          id: label,
          conditions: z.array(feel.min(1)).max(maxColumns),
          results: z.array(feel.min(1)).max(maxColumns),
          notes: z
            .array(
              z
                .string()
                .max(2_000)
                .regex(...noNul),
            )
            .max(maxColumns),
        }),
      )
      .max(maxRows),
  })
  .superRefine((table, context) => {
    const seen = new Set<string>();
    const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (table.outputs.length > 1 && table.outputs.some(({ name }) => name === undefined)) {
      refuse(['outputs'], 'Several outputs need names.');
    }
    for (const [index, { id, conditions, results }] of table.rules.entries()) {
      const isWide = conditions.length === table.inputs.length && results.length === table.outputs.length;
      if (!isWide) refuse(['rules', index], 'A row has one cell a column.');
      if (seen.has(id)) refuse(['rules', index, 'id'], 'Another row has this id.');
      seen.add(id);
    }
  }) satisfies z.ZodType<DecisionTable>;
