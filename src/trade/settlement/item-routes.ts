import { z } from 'zod';
import { todayIn } from '#clock';
import { sql } from '#db';
import {
  type AnyRoute,
  codeSchema,
  dateSchema,
  idParams,
  idSchema,
  listQueryShape,
  moneyAnswerSchema,
  moneySchema,
  noteSchema,
  pageOf,
  positiveDecimalSchema,
  route,
} from '#http';
import { toJson } from '#money';
import { captureItem } from './capture-item.ts';
import { type ItemKind, itemStates } from './domain/settlement-item.ts';
import { itemJson, itemSchema } from './item-json.ts';
import { findItem, findParts, listItems, readMatches, type SettlementItem } from './item-store.ts';
import { recoverItem, writeOffItem } from './settle-item.ts';
import { suggestItemMatches } from './suggest-matches.ts';
import { categoriseItem, disputeItem, matchItem, sendToResearch, splitItem, validateItem } from './work-item.ts';

const captureBody = z.strictObject({
  customerId: idSchema,
  reference: codeSchema,
  amount: moneySchema,
  tax: positiveDecimalSchema.optional(),
  takenOn: dateSchema,
  disputeByOn: dateSchema.optional(),
  reasonCode: codeSchema.nullish(),
  note: noteSchema.optional(),
});
const noteBody = z.strictObject({ note: noteSchema.min(1) });
const matchSchema = z.object({ tacticId: idSchema, promotionId: idSchema, amount: moneyAnswerSchema });
const suggestionSchema = matchSchema.extend({
  promotionCode: z.string(),
  mechanic: z.string(),
  score: z.int(),
  reasons: z.array(z.string()),
});
const matchesBody = z.strictObject({
  matches: z
    .array(z.strictObject({ tacticId: idSchema, amount: moneySchema }))
    .min(1)
    .max(200),
});
const splitBody = z.strictObject({
  parts: z
    .array(
      z.strictObject({
        amount: moneySchema,
        tax: positiveDecimalSchema.optional(),
        note: noteSchema.optional(),
      }),
    )
    .max(200),
});

const answer = (item: SettlementItem) => ({ version: item.version, body: itemJson(item) });

function listRoute(kind: ItemKind): AnyRoute {
  return route({
    method: 'GET',
    path: `/${kind}s`,
    summary: `List ${kind}s, most open money with the least days to its dispute deadline first; split ones by their parts`,
    access: 'claims:read',
    query: z.strictObject({
      ...listQueryShape,
      state: z.enum(itemStates).optional(),
      customerId: idSchema.optional(),
      search: codeSchema.optional(),
    }),
    answers: { 200: pageOf(itemSchema.extend({ priority: z.string() })) },
    handle: async (context, { query }) => {
      const today = todayIn(context.clock, context.tenant.timeZone);
      const where = [
        sql`item.kind = ${kind} and item.split_at is null`,
        ...(query.state ? [sql`item.state = ${query.state}`] : []),
        ...(query.customerId ? [sql`item.customer_id = ${query.customerId}`] : []),
        ...(query.search ? [sql`item.reference ilike ${`%${query.search}%`}`] : []),
      ];
      const page = await context.db.read(context, (tx) => listItems(tx, { ...query, today }, where));
      return { body: { ...page, items: page.items.map((item) => ({ ...itemJson(item), priority: item.priority })) } };
    },
  });
}

function readRoutes(kind: ItemKind): AnyRoute[] {
  return [
    listRoute(kind),
    route({
      method: 'GET',
      path: `/${kind}s/:id`,
      summary: `Read a ${kind} with its matches and the parts it was split into`,
      access: 'claims:read',
      params: idParams,
      answers: { 200: itemSchema.extend({ matches: z.array(matchSchema), parts: z.array(itemSchema) }) },
      handle: async (context, { params }) =>
        context.db.read(context, async (tx) => {
          const item = await findItem(tx, kind, params.id);
          const matches = (await readMatches(tx, item)).map((match) => ({ ...match, amount: toJson(match.amount) }));
          const parts = (await findParts(tx, item.id)).map(itemJson);
          return { version: item.version, body: { ...itemJson(item), matches, parts } };
        }),
    }),
    route({
      method: 'GET',
      path: `/${kind}s/:id/suggestions`,
      summary: `Tactics that may answer for a ${kind}, best first, with reasons`,
      access: 'claims:read',
      params: idParams,
      answers: { 200: z.object({ items: z.array(suggestionSchema) }) },
      handle: async (context, { params }) => {
        const found = await suggestItemMatches(context, kind, params.id);
        return { body: { items: found.map((one) => ({ ...one, amount: toJson(one.amount) })) } };
      },
    }),
    route({
      method: 'POST',
      path: `/${kind}s`,
      summary: `Capture a ${kind}`,
      access: 'claims:write',
      body: captureBody,
      answers: { 201: itemSchema },
      handle: async (context, { body }) => answer(await captureItem(context, { ...body, kind })),
    }),
  ];
}

function workRoutes(kind: ItemKind): AnyRoute[] {
  const action = { method: 'POST', access: 'claims:write', params: idParams } as const;
  return [
    route({
      ...action,
      path: `/${kind}s/:id/categorise`,
      summary: `Say what a ${kind} is for`,
      body: z.strictObject({ category: codeSchema, reasonCode: codeSchema.optional() }),
      answers: { 200: itemSchema },
      handle: async (context, { params, body, ifMatch }) =>
        answer(await categoriseItem(context, { kind, ...params, ...body, ifMatch })),
    }),
    route({
      ...action,
      path: `/${kind}s/:id/research`,
      summary: `Send a ${kind} to research`,
      body: noteBody,
      answers: { 200: itemSchema },
      handle: async (context, { params, body, ifMatch }) =>
        answer(await sendToResearch(context, { kind, ...params, ...body, ifMatch })),
    }),
    route({
      ...action,
      path: `/${kind}s/:id/match`,
      summary: `Match a ${kind} to the tactics that answer for it; replaces earlier matches`,
      body: matchesBody,
      answers: { 200: itemSchema },
      handle: async (context, { params, body, ifMatch }) =>
        answer(await matchItem(context, { kind, ...params, ...body, ifMatch })),
    }),
    route({
      ...action,
      path: `/${kind}s/:id/validate`,
      summary: `Say how much of a ${kind} is valid`,
      body: z.strictObject({ validAmount: moneySchema, note: noteSchema.default('') }),
      answers: { 200: itemSchema },
      handle: async (context, { params, body, ifMatch }) =>
        answer(await validateItem(context, { kind, ...params, ...body, ifMatch })),
    }),
    route({
      ...action,
      path: `/${kind}s/:id/split`,
      summary: `Split a ${kind} into parts that sum to it exactly`,
      body: splitBody,
      answers: { 201: z.object({ items: z.array(itemSchema) }) },
      handle: async (context, { params, body, ifMatch }) => {
        const parts = await splitItem(context, { kind, ...params, ...body, ifMatch });
        return { body: { items: parts.map(itemJson) } };
      },
    }),
  ];
}

const deductionEnds: AnyRoute[] = (
  [
    ['dispute', 'claims:write', 'Dispute what is not valid of a deduction', disputeItem],
    ['recover', 'claims:settle', 'Record that the customer paid a disputed deduction back', recoverItem],
    ['write-off', 'claims:writeoff', 'Write off what is open of a deduction, within your limit', writeOffItem],
  ] as const
).map(([name, access, summary, act]) =>
  route({
    ...{ method: 'POST', path: `/deductions/:id/${name}`, access, summary, params: idParams, body: noteBody },
    answers: { 200: itemSchema },
    handle: async (context, { params, body, ifMatch }) =>
      answer(await act(context, { kind: 'deduction', ...params, ...body, ifMatch })),
  }),
);

/** Routes of deductions and claims. */
export const itemRoutes: AnyRoute[] = [
  ...readRoutes('deduction'),
  ...workRoutes('deduction'),
  ...deductionEnds,
  ...readRoutes('claim'),
  ...workRoutes('claim'),
];
