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
import { readFund } from './change-funds.ts';
import { proposeTransfer } from './transfer-approval.ts';
import { listTransfers, type Transfer } from './transfer-store.ts';

const transferSchema = z.object({
  id: idSchema,
  fromFundId: idSchema,
  toFundId: idSchema,
  amount: moneyAnswerSchema,
  note: z.string(),
  state: z.enum(['proposed', 'approved', 'rejected', 'returned']),
  proposedBy: idSchema,
  proposedAt: z.iso.datetime(),
  decidedBy: idSchema.nullable(),
  decidedAt: z.iso.datetime().nullable(),
  comment: z.string(),
});

const transferJson = ({ amount, currency, ...transfer }: Transfer) => ({
  ...transfer,
  amount: toJson(moneyFromNumeric(amount, currency)),
  proposedAt: transfer.proposedAt.toISOString(),
  decidedAt: transfer.decidedAt?.toISOString() ?? null,
});

/** Routes of transfers between funds. */
export const transferRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/funds/:id/transfers',
    summary: 'Transfers out of and into a fund',
    access: 'funds:read',
    params: idParams,
    query: listQuery,
    answers: { 200: pageOf(transferSchema) },
    handle: async (context, { params, query }) => {
      const fund = await readFund(context, params.id);
      const page = await context.db.read(context, (tx) => listTransfers(tx, fund.id, query));
      return { body: { items: page.items.map(transferJson), nextCursor: page.nextCursor } };
    },
  }),
  route({
    method: 'POST',
    path: '/funds/:id/transfers',
    summary: 'Propose a transfer to another fund; somebody else decides',
    access: 'funds:transfer',
    params: idParams,
    body: z.strictObject({ toFundId: idSchema, amount: moneySchema, note: noteSchema.default('') }),
    answers: { 201: transferSchema },
    handle: async (context, { params, body }) => ({
      body: transferJson(await proposeTransfer(context, params.id, body)),
    }),
  }),
];
