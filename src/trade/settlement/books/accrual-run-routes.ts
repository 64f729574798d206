import { z } from 'zod';
import { sql } from '#db';
import { type AnyRoute, idParams, idSchema, listQueryShape, pageOf, route } from '#http';
import { cancelRun } from './accrual-run.ts';
import { type AccrualRun, listRuns } from './accrual-run-store.ts';

const runSchema = z.object({
  id: idSchema,
  periodId: idSchema,
  state: z.enum(['running', 'finished', 'interrupted', 'cancelled']),
  startedBy: idSchema,
  startedAt: z.iso.datetime(),
  heartbeatAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  batches: z.int(),
  tactics: z.int(),
  movements: z.int(),
});

const runJson = (run: AccrualRun) => ({
  ...run,
  startedAt: run.startedAt.toISOString(),
  heartbeatAt: run.heartbeatAt.toISOString(),
  finishedAt: run.finishedAt?.toISOString() ?? null,
});

/** Routes of the runs that prepare accruals. */
export const accrualRunRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/accruals/runs',
    summary: 'List the runs that prepared accruals, and how far the one under way is',
    access: 'accruals:read',
    reach: 'tenant',
    query: z.strictObject({ ...listQueryShape, periodId: idSchema.optional() }),
    answers: { 200: pageOf(runSchema) },
    handle: async (context, { query }) => {
      const where = query.periodId ? [sql`accrual_run.period_id = ${query.periodId}`] : [];
      const page = await context.db.read(context, (tx) => listRuns(tx, query, where));
      return { body: { ...page, items: page.items.map(runJson) } };
    },
  }),
  route({
    method: 'POST',
    path: '/accruals/runs/:id/cancel',
    summary: 'Stop a run after the batch at hand; what it booked stands',
    access: 'accruals:post',
    reach: 'tenant',
    params: idParams,
    answers: { 200: runSchema },
    handle: async (context, { params }) => ({ body: runJson(await cancelRun(context, params.id)) }),
  }),
];
