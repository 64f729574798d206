import { z } from 'zod';
import { figureSchema, route } from '#http';
import type { Module } from '#module';
import type { CellFigure } from './cell-figure.ts';

const { unit, per, formula, formulaVersion, rows, sumOf } = figureSchema.shape;

const cellSchema = z.union([
  z.object({ figure: z.string() }),
  z.object({
    ...{ unit, per, formula, formulaVersion, rows, sumOf },
    inputs: z
      .array(z.object({ name: z.string(), field: z.string(), source: z.string(), figure: z.string().optional() }))
      .readonly(),
  }),
]);

/** The explanations of every list's cells, by `<list>.<column>`, as the modules declare them. */
export function figuresModule(cells: Readonly<Record<string, CellFigure>>): Module {
  return {
    name: 'figures',
    routes: [
      route({
        method: 'GET',
        path: '/figures',
        summary:
          'How the cells of lists explain themselves: by column, a formula over the row or the address of a figure',
        access: 'authenticated',
        answers: { 200: z.object({ cells: z.record(z.string(), cellSchema) }) },
        handle: async () => ({ body: { cells } }),
      }),
    ],
  };
}
