import { z } from 'zod';
import { sql } from '#db';
import { type AnyRoute, idSchema, listQueryShape, moneyAnswerSchema, noteSchema, pageOf, route } from '#http';
import { moneyFromNumeric, toJson } from '#money';
import type { SettlementPorts } from '../ports.ts';
import { itemKinds } from './domain/settlement-item.ts';
import { itemJson, itemSchema } from './item-json.ts';
import { listSettlements } from './item-store.ts';
import { settleItem, settleItems } from './settle-item.ts';

const settlementSchema = z.object({
  id: idSchema,
  itemId: idSchema,
  itemKind: z.enum(itemKinds),
  kind: z.enum(['credit_memo', 'check', 'offset', 'write_off', 'recovery']),
  amount: moneyAnswerSchema,
  journalId: idSchema.nullable(),
  note: z.string(),
  settledBy: idSchema,
  settledAt: z.iso.datetime(),
});

const settleBody = z.strictObject({
  itemKind: z.enum(itemKinds),
  itemId: idSchema,
  kind: z.enum(['credit_memo', 'check', 'offset']),
  /** Says that paying more than is owed is meant: the excess is accrued, and the note must say why. */
  beyondLiability: z.boolean().default(false),
  note: noteSchema.default(''),
});

/** Routes of settlements, for the ports that say who approved what. */
export function settlementRoutes(ports: SettlementPorts): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/settlements',
      summary: 'List settlements',
      access: 'claims:read',
      query: z.strictObject({ ...listQueryShape, itemId: idSchema.optional() }),
      answers: { 200: pageOf(settlementSchema) },
      handle: async (context, { query }) => {
        const where = query.itemId ? [sql`settlement.item_id = ${query.itemId}`] : [];
        const page = await context.db.read(context, (tx) => listSettlements(tx, query, where));
        const items = page.items.map((one) => ({
          ...one,
          amount: toJson(moneyFromNumeric(one.amount, one.currency)),
          settledAt: one.settledAt.toISOString(),
        }));
        return { body: { ...page, items } };
      },
    }),
    route({
      method: 'POST',
      path: '/settlements',
      summary: 'Settle the valid amount of a deduction or claim; If-Match is the item’s version',
      access: 'claims:settle',
      body: settleBody,
      answers: { 201: z.object({ id: idSchema, journalId: idSchema, item: itemSchema }) },
      handle: async (context, { body, ifMatch }) => {
        const { itemKind, itemId, kind: paidBy, beyondLiability, note } = body;
        const change = { kind: itemKind, id: itemId, ifMatch, paidBy, beyondLiability, note };
        const { item, settlementId, journalId } = await settleItem(context, ports, change);
        return { body: { id: settlementId, journalId, item: itemJson(item) } };
      },
    }),
    route({
      method: 'POST',
      path: '/settlements/together',
      summary:
        'Settle the valid amounts of several items in one journal, all of them or none; your limit covers their sum',
      access: 'claims:settle',
      body: z.strictObject({
        items: z
          .array(z.strictObject({ itemKind: z.enum(itemKinds), itemId: idSchema, version: z.int().optional() }))
          .min(1)
          .max(200),
        kind: settleBody.shape.kind,
        beyondLiability: settleBody.shape.beyondLiability,
        note: settleBody.shape.note,
      }),
      answers: {
        201: z.object({ journalId: idSchema, items: z.array(z.object({ id: idSchema, item: itemSchema })) }),
      },
      handle: async (context, { body }) => {
        const { items, kind: paidBy, beyondLiability, note } = body;
        const changes = items.map(({ itemKind, itemId, version }) => ({
          kind: itemKind,
          id: itemId,
          ifMatch: version,
        }));
        const settled = await settleItems(context, ports, changes, { paidBy, beyondLiability, note });
        return {
          body: {
            journalId: settled[0]?.journalId,
            items: settled.map(({ settlementId, item }) => ({ id: settlementId, item: itemJson(item) })),
          },
        };
      },
    }),
  ];
}
