import { z } from 'zod';
import {
  type AnyRoute,
  codeSchema,
  idParams,
  idSchema,
  moneySchema,
  noteSchema,
  positiveDecimalSchema,
  route,
} from '#http';
import type { ItemKind } from './domain/settlement-item.ts';
import { itemJson, itemSchema } from './item-json.ts';
import { itemAnswer } from './item-routes.ts';
import { recoverItem, writeOffItem } from './settle-item.ts';
import { validateItem } from './validate-item.ts';
import { categoriseItem, concedeDispute, disputeItem, matchItem, sendToResearch, splitItem } from './work-item.ts';

const noteBody = z.strictObject({ note: noteSchema.min(1) });
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

/** Routes by which people work on deductions or claims. */
export function workRoutes(kind: ItemKind): AnyRoute[] {
  const action = { method: 'POST', access: 'claims:write', params: idParams } as const;
  return [
    route({
      ...action,
      path: `/${kind}s/:id/categorise`,
      summary: `Say what a ${kind} is for`,
      body: z.strictObject({ category: codeSchema, reasonCode: codeSchema.optional() }),
      answers: { 200: itemSchema },
      handle: async (context, { params, body, ifMatch }) =>
        itemAnswer(await categoriseItem(context, { kind, ...params, ...body, ifMatch })),
    }),
    route({
      ...action,
      path: `/${kind}s/:id/research`,
      summary: `Send a ${kind} to research`,
      body: noteBody,
      answers: { 200: itemSchema },
      handle: async (context, { params, body, ifMatch }) =>
        itemAnswer(await sendToResearch(context, { kind, ...params, ...body, ifMatch })),
    }),
    route({
      ...action,
      path: `/${kind}s/:id/match`,
      summary: `Match a ${kind} to the tactics that answer for it; replaces earlier matches`,
      body: matchesBody,
      answers: { 200: itemSchema },
      handle: async (context, { params, body, ifMatch }) =>
        itemAnswer(await matchItem(context, { kind, ...params, ...body, ifMatch })),
    }),
    route({
      ...action,
      path: `/${kind}s/:id/validate`,
      summary: `Say how much of a ${kind} is valid; what is owed for a deed needs its proof, or a reason`,
      body: z.strictObject({
        validAmount: moneySchema,
        note: noteSchema.default(''),
        withoutProof: noteSchema.min(1).optional(),
      }),
      answers: { 200: itemSchema },
      handle: async (context, { params, body, ifMatch }) =>
        itemAnswer(await validateItem(context, { kind, ...params, ...body, ifMatch })),
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

const recoverRoute = route({
  method: 'POST',
  path: '/deductions/:id/recover',
  summary: 'Record that the customer paid a disputed deduction back, all that is open or an amount of it',
  access: 'claims:settle',
  params: idParams,
  body: noteBody.extend({ amount: moneySchema.optional() }),
  answers: { 200: itemSchema },
  handle: async (context, { params, body, ifMatch }) =>
    itemAnswer(await recoverItem(context, { kind: 'deduction', ...params, ...body, ifMatch })),
});

const notedEnds: AnyRoute[] = (
  [
    ['dispute', 'claims:write', 'Dispute what is not valid of a deduction', disputeItem],
    ['concede', 'claims:write', 'Give up a dispute that was lost: the deduction is reviewed anew', concedeDispute],
    ['write-off', 'claims:writeoff', 'Write off what is open of a deduction, within your limit', writeOffItem],
  ] as const
).map(([name, access, summary, act]) =>
  route({
    ...{ method: 'POST', path: `/deductions/:id/${name}`, access, summary, params: idParams, body: noteBody },
    answers: { 200: itemSchema },
    handle: async (context, { params, body, ifMatch }) =>
      itemAnswer(await act(context, { kind: 'deduction', ...params, ...body, ifMatch })),
  }),
);

/** Routes by which a deduction ends that is not paid. */
export const deductionEnds: readonly AnyRoute[] = [...notedEnds, recoverRoute];
