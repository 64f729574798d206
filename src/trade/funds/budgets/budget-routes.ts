import { z } from 'zod';
import {
  type AnyRoute,
  idParams,
  idSchema,
  listQuery,
  moneyAnswerSchema,
  moneySchema,
  noteSchema,
  pageOf,
  route,
} from '#http';
import { moneyFromNumeric, toJson } from '#money';
import { readFund } from '../change-funds.ts';
import { type BudgetRequest, listBudgetRequests } from './budget-request-store.ts';
import { requestBudget } from './request-budget.ts';

const requestSchema = z.object({
  ...{ id: idSchema, fundId: idSchema, amount: moneyAnswerSchema, note: z.string() },
  state: z.enum(['requested', 'approved', 'rejected', 'returned']),
  ...{ requestedBy: idSchema, requestedAt: z.iso.datetime() },
  ...{ decidedBy: idSchema.nullable(), decidedAt: z.iso.datetime().nullable(), comment: z.string() },
});

const requestJson = ({ amount, currency, ...request }: BudgetRequest) => ({
  ...request,
  amount: toJson(moneyFromNumeric(amount, currency)),
  requestedAt: request.requestedAt.toISOString(),
  decidedAt: request.decidedAt?.toISOString() ?? null,
});

/** Routes of requests for more budget. */
export const budgetRoutes: AnyRoute[] = [
  route({
    ...{ method: 'GET', path: '/funds/:id/budget-requests', access: 'funds:read', params: idParams },
    summary: 'Requests for more money for a fund, the latest first',
    query: listQuery,
    answers: { 200: pageOf(requestSchema) },
    handle: async (context, { params, query }) => {
      const fund = await readFund(context, params.id);
      const page = await context.db.read(context, (tx) => listBudgetRequests(tx, fund.id, query));
      return { body: { items: page.items.map(requestJson), nextCursor: page.nextCursor } };
    },
  }),
  route({
    ...{ method: 'POST', path: '/funds/:id/budget-requests', access: 'workflows:act', params: idParams },
    summary: 'Ask for more money for a fund: planning, finance and above a limit an executive decide',
    body: z.strictObject({ amount: moneySchema, note: noteSchema.default('') }),
    answers: { 201: requestSchema },
    handle: async (context, { params, body }) => ({ body: requestJson(await requestBudget(context, params.id, body)) }),
  }),
];
