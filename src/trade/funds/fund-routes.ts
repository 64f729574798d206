import { z } from 'zod';
import { todayIn } from '#clock';
import type { Context } from '#context';
import { type RawBuilder, sql } from '#db';
import {
  type AnyRoute,
  codeSchema,
  currencySchema,
  dateSchema,
  idParams,
  idSchema,
  listQueryShape,
  moneyAnswerSchema,
  moneySchema,
  nameSchema,
  noteSchema,
  pageOf,
  positiveDecimalSchema,
  route,
} from '#http';
import { toJson, zero } from '#money';
import { changeFund, depositFund, openFund, readFund } from './change-funds.ts';
import { readCheckbooks } from './checkbook-store.ts';
import { type Fund, fundKinds } from './domain/fund.ts';
import { alarmsOf, fundAlarms } from './domain/fund-alarm.ts';
import { listFunds } from './fund-store.ts';

const fundSchema = z.object({
  id: idSchema,
  code: z.string(),
  name: z.string(),
  kind: z.enum(fundKinds),
  currency: z.string(),
  customerId: idSchema.nullable(),
  productId: idSchema.nullable(),
  validFrom: dateSchema,
  validTo: dateSchema,
  sourceFrom: dateSchema.nullable(),
  sourceTo: dateSchema.nullable(),
  windowPeriods: z.int().nullable(),
  budgeted: moneyAnswerSchema,
  available: moneyAnswerSchema,
  alarms: z.array(z.enum(fundAlarms)),
  version: z.int(),
});

const fundBody = z.strictObject({
  code: codeSchema,
  name: nameSchema,
  kind: z.enum(fundKinds),
  currency: currencySchema,
  customerId: idSchema.nullish(),
  productId: idSchema.nullish(),
  validFrom: dateSchema,
  validTo: dateSchema,
  amount: positiveDecimalSchema.optional(),
  sourceFrom: dateSchema.nullish(),
  sourceTo: dateSchema.nullish(),
  windowPeriods: z.int().min(1).max(26).nullish(),
  rate: z.strictObject({ per: z.enum(['case', 'percent']), amount: positiveDecimalSchema }).optional(),
});

async function withMoney(context: Context, funds: readonly Fund[]) {
  const ids = funds.map(({ id }) => id);
  const books = await context.db.read(context, (tx) => readCheckbooks(tx, ids));
  const today = todayIn(context.clock, context.tenant.timeZone);
  return funds.map((fund) => {
    const book = books.get(fund.id);
    const { budgeted, available } = book ?? { budgeted: zero(fund.currency), available: zero(fund.currency) };
    const alarms = alarmsOf(fund, { budgeted, available }, today);
    return { ...fund, budgeted: toJson(budgeted), available: toJson(available), alarms };
  });
}

async function answerFund(context: Context, fund: Fund) {
  const [body] = await withMoney(context, [fund]);
  return { version: fund.version, body };
}

/** The funds' routes. */
export const fundRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/funds',
    summary: 'List funds with what they have available',
    access: 'funds:read',
    query: z.strictObject({
      ...listQueryShape,
      search: z.string().max(100).optional(),
      kind: z.enum(fundKinds).optional(),
    }),
    answers: { 200: pageOf(fundSchema) },
    handle: async (context, { query }) => {
      const where: RawBuilder<unknown>[] = [];
      if (query.search)
        where.push(sql`(fund.name ilike ${`%${query.search}%`} or fund.code ilike ${`%${query.search}%`})`);
      if (query.kind) where.push(sql`fund.kind = ${query.kind}`);
      const page = await context.db.read(context, (tx) => listFunds(tx, query, where));
      return { body: { items: await withMoney(context, page.items), nextCursor: page.nextCursor } };
    },
  }),
  route({
    method: 'POST',
    path: '/funds',
    summary: 'Open a fund, with its first deposit',
    access: 'funds:write',
    body: fundBody,
    answers: { 201: fundSchema },
    handle: async (context, { body }) => answerFund(context, await openFund(context, body)),
  }),
  route({
    method: 'GET',
    path: '/funds/:id',
    summary: 'Read a fund',
    access: 'funds:read',
    params: idParams,
    answers: { 200: fundSchema },
    handle: async (context, { params }) => answerFund(context, await readFund(context, params.id)),
  }),
  route({
    method: 'PATCH',
    path: '/funds/:id',
    summary: 'Change a fund’s name or validity',
    access: 'funds:write',
    params: idParams,
    body: z.strictObject({
      name: nameSchema.optional(),
      validFrom: dateSchema.optional(),
      validTo: dateSchema.optional(),
    }),
    answers: { 200: fundSchema },
    handle: async (context, { params, body, ifMatch }) =>
      answerFund(context, await changeFund(context, params.id, ifMatch, body)),
  }),
  route({
    method: 'POST',
    path: '/funds/:id/entries',
    summary: 'Deposit into a fund, or take out with a negative amount',
    access: 'funds:write',
    params: idParams,
    body: z.strictObject({ amount: moneySchema, note: noteSchema.default('') }),
    answers: { 201: z.object({ ok: z.literal(true) }) },
    handle: async (context, { params, body }) => {
      await depositFund(context, params.id, body.amount, body.note);
      return { body: { ok: true } };
    },
  }),
];
