import { z } from 'zod';
import type { Context } from '#context';
import { type RawBuilder, sql } from '#db';
import {
  type AnyRoute,
  codeSchema,
  currencySchema,
  dateSchema,
  idParams,
  idSchema,
  listQuery,
  listQueryShape,
  moneyAnswerSchema,
  moneySchema,
  nameSchema,
  noteSchema,
  pageOf,
  positiveDecimalSchema,
  route,
} from '#http';
import { moneyFromNumeric, toJson } from '#money';
import { notFound } from '#problem';
import { changeFund, depositFund, openFund, readFund, transferFunds } from './change-funds.ts';
import type { Checkbook } from './domain/checkbook.ts';
import { type Fund, fundKinds } from './domain/fund.ts';
import { findFunds, listEntries, listFunds, readCheckbooks } from './fund-store.ts';

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
  available: moneyAnswerSchema,
  version: z.int(),
});

const checkbookSchema = z.object({
  fundId: idSchema,
  currency: z.string(),
  asOf: z.iso.datetime(),
  budgeted: moneyAnswerSchema,
  planned: moneyAnswerSchema,
  reserved: moneyAnswerSchema,
  committed: moneyAnswerSchema,
  earned: moneyAnswerSchema,
  paid: moneyAnswerSchema,
  available: moneyAnswerSchema,
});

const entrySchema = z.object({
  id: idSchema,
  kind: z.string(),
  fromFundId: idSchema,
  fromAccount: z.string(),
  toFundId: idSchema,
  toAccount: z.string(),
  amount: moneyAnswerSchema,
  promotionId: idSchema.nullable(),
  tacticId: idSchema.nullable(),
  note: z.string(),
  actorId: idSchema,
  occurredAt: z.iso.datetime(),
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
});

async function withAvailable(context: Context, funds: readonly Fund[]) {
  const books = await context.db.read(context, (tx) =>
    readCheckbooks(
      tx,
      funds.map((fund) => fund.id),
    ),
  );
  return funds.map((fund) => {
    const book = books.get(fund.id);
    return { ...fund, available: toJson(book?.available ?? { minor: 0n, currency: fund.currency }) };
  });
}

async function answerFund(context: Context, fund: Fund) {
  const [body] = await withAvailable(context, [fund]);
  return { version: fund.version, body };
}

function checkbookJson(fundId: string, currency: string, asOf: string, book: Checkbook) {
  const columns = Object.fromEntries(Object.entries(book).map(([name, amount]) => [name, toJson(amount)]));
  return { fundId, currency, asOf, ...columns };
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
      return { body: { items: await withAvailable(context, page.items), nextCursor: page.nextCursor } };
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
    method: 'GET',
    path: '/funds/:id/checkbook',
    summary: 'The checkbook of a fund, now or as of a past instant',
    access: 'funds:read',
    params: idParams,
    query: z.strictObject({ asOf: z.iso.datetime().optional() }),
    answers: { 200: checkbookSchema },
    handle: async (context, { params, query }) => {
      const fund = await readFund(context, params.id);
      const books = await context.db.read(context, (tx) => readCheckbooks(tx, [fund.id], query.asOf));
      const book = books.get(fund.id) ?? notFound('fund', fund.id);
      const asOf = query.asOf ?? context.clock.now().toISOString();
      return { body: checkbookJson(fund.id, fund.currency, asOf, book) };
    },
  }),
  route({
    method: 'GET',
    path: '/funds/:id/entries',
    summary: 'The ledger entries of a fund',
    access: 'funds:read',
    params: idParams,
    query: listQuery,
    answers: { 200: pageOf(entrySchema) },
    handle: async (context, { params, query }) => {
      const page = await context.db.read(context, async (tx) => {
        if ((await findFunds(tx, [params.id])).length === 0) notFound('fund', params.id);
        return listEntries(tx, params.id, query);
      });
      const items = page.items.map((entry) => ({
        ...entry,
        amount: toJson(moneyFromNumeric(entry.amount, entry.currency)),
        occurredAt: entry.occurredAt.toISOString(),
      }));
      return { body: { items, nextCursor: page.nextCursor } };
    },
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
  route({
    method: 'POST',
    path: '/funds/:id/transfers',
    summary: 'Transfer money to another fund',
    access: 'funds:transfer',
    params: idParams,
    body: z.strictObject({ toFundId: idSchema, amount: moneySchema, note: noteSchema.default('') }),
    answers: { 201: z.object({ ok: z.literal(true) }) },
    handle: async (context, { params, body }) => {
      await transferFunds(context, params.id, body);
      return { body: { ok: true } };
    },
  }),
];
