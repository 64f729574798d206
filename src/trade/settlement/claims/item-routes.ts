import { z } from 'zod';
import { todayIn } from '#clock';
import { sql } from '#db';
import {
  type AnyRoute,
  codeSchema,
  currencySchema,
  dateSchema,
  figureSchema,
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
import type { ClaimsPorts } from './claims-ports.ts';
import { type ItemKind, itemStates } from './domain/settlement-item.ts';
import { itemJson, itemSchema, storedSuggestionJson, suggestionJson, suggestionSchema } from './item-json.ts';
import { ageBuckets, inBucket, listItems, readAgeing } from './item-list-store.ts';
import { findItem, findParts, type SettlementItem } from './item-store.ts';
import { readOwedMatches } from './owed-match.ts';
import { suggestItemMatches } from './suggest-matches.ts';

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
const matchSchema = z.object({
  tacticId: idSchema,
  promotionId: idSchema,
  promotionCode: z.string(),
  mechanic: z.string(),
  /** What of the item the tactic answers for. */
  amount: moneyAnswerSchema,
  earned: moneyAnswerSchema.nullable(),
  settled: moneyAnswerSchema.nullable(),
  claimByOn: dateSchema.nullable(),
  openLiability: figureSchema.nullable(),
});
const queuedSchema = itemSchema.extend({
  customerCode: z.string(),
  customerName: z.string(),
  priority: figureSchema,
  proposal: suggestionSchema.nullable(),
});

const anyState = `(${itemStates.join('|')})`;
const severalStates = new RegExp(`^${anyState}(,${anyState}){0,${itemStates.length}}$`);

/** `text` as a pattern that matches it anywhere, taken literally. */
const containing = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** An item as the answer to a change of it. */
export const itemAnswer = (item: SettlementItem) => ({ version: item.version, body: itemJson(item) });

function listRoute(kind: ItemKind): AnyRoute {
  return route({
    method: 'GET',
    path: `/${kind}s`,
    summary: `List ${kind}s, most recoverable money with the least days to its dispute deadline first; split ones by their parts`,
    access: 'claims:read',
    query: z.strictObject({
      ...listQueryShape,
      state: z.enum(itemStates).optional(),
      /** Several states, separated by commas. */
      states: z.string().regex(severalStates, 'must be states, separated by commas').optional(),
      customerId: idSchema.optional(),
      search: codeSchema.optional(),
      flagged: z.enum(['true']).optional(),
      /** Those that ageing counts in a bucket. */
      ageing: z.enum(ageBuckets).optional(),
      currency: currencySchema.optional(),
    }),
    answers: { 200: pageOf(queuedSchema) },
    handle: async (context, { query }) => {
      const today = todayIn(context.clock, context.tenant.timeZone);
      const states = [...(query.state ? [query.state] : []), ...(query.states?.split(',') ?? [])];
      const where = [
        sql`item.kind = ${kind} and item.split_at is null`,
        ...(states.length > 0 ? [sql`item.state = any(${states})`] : []),
        ...(query.customerId ? [sql`item.customer_id = ${query.customerId}`] : []),
        ...(query.search
          ? [sql`(item.reference ilike ${containing(query.search)} or item.note ilike ${containing(query.search)})`]
          : []),
        ...(query.flagged ? [sql`item.flags <> '[]'::jsonb`] : []),
        ...(query.ageing ? [inBucket(query.ageing, today)] : []),
        ...(query.currency ? [sql`item.currency = ${query.currency}`] : []),
      ];
      const page = await context.db.read(context, (tx) => listItems(tx, { ...query, today }, where));
      const items = page.items.map(({ customerCode, customerName, priority, proposal, ...item }) => ({
        ...{ ...itemJson(item), customerCode, customerName, priority },
        proposal: proposal && storedSuggestionJson(proposal, item.amount.currency),
      }));
      return { body: { ...page, items } };
    },
  });
}

function ageingRoute(kind: ItemKind): AnyRoute {
  return route({
    method: 'GET',
    path: `/${kind}s/ageing`,
    summary: `Open ${kind}s by the days to their deadline: the claim-by date of what they are matched to, else their own`,
    access: 'claims:read',
    answers: {
      200: z.object({
        on: dateSchema,
        items: z.array(
          z.object({ bucket: z.enum(ageBuckets), currency: z.string(), count: z.int(), open: moneyAnswerSchema }),
        ),
      }),
    },
    handle: async (context) => {
      const on = todayIn(context.clock, context.tenant.timeZone);
      const buckets = await context.db.read(context, (tx) => readAgeing(tx, kind, on));
      return { body: { on, items: buckets.map((one) => ({ ...one, open: toJson(one.open) })) } };
    },
  });
}

/** Routes that capture and read deductions or claims; suggestions ask promotions through the ports. */
export function itemRoutes(kind: ItemKind, ports: ClaimsPorts): AnyRoute[] {
  return [
    listRoute(kind),
    ageingRoute(kind),
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
          const matches = (await readOwedMatches(tx, item)).map(({ amount, earned, settled, ...match }) => ({
            ...{
              ...match,
              amount: toJson(amount),
              earned: earned && toJson(earned),
              settled: settled && toJson(settled),
            },
          }));
          const parts = (await findParts(tx, item.id)).map(itemJson);
          return { version: item.version, body: { ...itemJson(item), matches, parts } };
        }),
    }),
    route({
      method: 'GET',
      path: `/${kind}s/:id/suggestions`,
      summary: `Tactics that may answer for a ${kind}, alone or together, the most probable first, with reasons`,
      access: 'claims:read',
      params: idParams,
      answers: {
        200: z.object({
          items: z.array(suggestionSchema),
          /** Whether the first one is probable enough to be proposed. */
          proposed: z.boolean(),
          /** Why nothing is proposed. */
          abstained: z.string().nullable(),
          /** Probability that no tactic answers for it. */
          noneConfidence: z.string(),
          modelVersion: z.int(),
        }),
      },
      handle: async (context, { params }) => {
        const answer = await suggestItemMatches(context, ports, kind, params.id);
        return {
          body: {
            items: answer.suggestions.map((one) => suggestionJson(one, answer.currency)),
            proposed: answer.first !== null,
            abstained: answer.abstained,
            noneConfidence: answer.noneConfidence.toFixed(4),
            modelVersion: answer.version,
          },
        };
      },
    }),
    route({
      method: 'POST',
      path: `/${kind}s`,
      summary: `Capture a ${kind}: categorised by the customer's reason codes, flagged where it looks like a repeat or an audit claim`,
      access: 'claims:write',
      body: captureBody,
      answers: { 201: itemSchema },
      handle: async (context, { body }) => itemAnswer(await captureItem(context, { ...body, kind })),
    }),
  ];
}
