import { z } from 'zod';
import { type AnyRoute, dateSchema, idParams, idSchema, listQuery, noteSchema, pageOf, route } from '#http';
import { closePeriod, openPeriod, reopenPeriod, softClosePeriod } from './change-period.ts';
import { type FiscalPeriod, listPeriods } from './period-store.ts';

const periodSchema = z.object({
  id: idSchema,
  fiscalYear: z.int(),
  period: z.int(),
  startsOn: dateSchema,
  endsOn: dateSchema,
  state: z.enum(['open', 'soft_closed', 'closed']),
  reopenAskedBy: idSchema.nullable(),
  version: z.int(),
});

const answer = (period: FiscalPeriod) => ({ version: period.version, body: period });
const reasonBody = z.strictObject({ reason: noteSchema.min(1) });

/** Routes of the fiscal periods. */
export const periodRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/periods',
    summary: 'List the fiscal periods that the books know',
    access: 'accruals:read',
    query: listQuery,
    answers: { 200: pageOf(periodSchema) },
    handle: async (context, { query }) => ({ body: await context.db.read(context, (tx) => listPeriods(tx, query)) }),
  }),
  route({
    method: 'POST',
    path: '/periods',
    summary: 'Enter the fiscal period of a date into the books; the same period again changes nothing',
    access: 'accruals:post',
    body: z.strictObject({ on: dateSchema }),
    answers: { 200: periodSchema },
    handle: async (context, { body }) => answer(await openPeriod(context, body.on)),
  }),
  route({
    method: 'POST',
    path: '/periods/:id/soft-close',
    summary: 'Soft close: settlements go to the next open period, accruals still go in',
    access: 'periods:close',
    params: idParams,
    answers: { 200: periodSchema },
    handle: async (context, { params, ifMatch }) => answer(await softClosePeriod(context, { ...params, ifMatch })),
  }),
  route({
    method: 'POST',
    path: '/periods/:id/close',
    summary: 'Close: from now on the period takes nothing',
    access: 'periods:close',
    params: idParams,
    answers: { 200: periodSchema },
    handle: async (context, { params, ifMatch }) => answer(await closePeriod(context, { ...params, ifMatch })),
  }),
  route({
    method: 'POST',
    path: '/periods/:id/reopen',
    summary: 'Reopen a closed period: asked for by one person, done by another',
    access: 'periods:close',
    params: idParams,
    body: reasonBody,
    answers: { 200: periodSchema },
    handle: async (context, { params, body, ifMatch }) =>
      answer(await reopenPeriod(context, { ...params, ...body, ifMatch })),
  }),
];
