import { z } from 'zod';
import type { Context } from '#context';
import { type RawBuilder, sql } from '#db';
import { type AnyRoute, dateSchema, idParams, idSchema, listQueryShape, moneyAnswerSchema, pageOf, route } from '#http';
import { moneyFromNumeric, toJson } from '#money';
import type { SettlementPorts } from '../ports.ts';
import { accrualRunRoutes } from './accrual-run-routes.ts';
import { findRun } from './accrual-run-store.ts';
import { openLiability } from './domain/settlement-ledger.ts';
import { listAccrualEntries, listLiabilities, readTieOut } from './liability-store.ts';
import { prepareAccruals } from './prepare-accruals.ts';
import { proposalRoute } from './proposal-route.ts';

const liabilitySchema = z.object({
  tacticId: idSchema,
  promotionId: idSchema,
  promotionCode: z.string(),
  customerId: idSchema,
  mechanic: z.string(),
  claimByOn: dateSchema,
  earned: moneyAnswerSchema,
  settled: moneyAnswerSchema,
  released: moneyAnswerSchema,
  /** The part of earned that rests on forecast volumes, until the actual ones arrive. */
  forecast: moneyAnswerSchema,
  openLiability: moneyAnswerSchema,
});

const entrySchema = z.object({
  id: idSchema,
  kind: z.enum(['earn', 'settle', 'release']),
  tacticId: idSchema,
  promotionId: idSchema,
  periodId: idSchema,
  journalId: idSchema,
  amount: moneyAnswerSchema,
  /** Of what was earned to date, so much rested on forecast volumes after this entry. */
  forecast: moneyAnswerSchema,
  recordedAt: z.iso.datetime(),
});

const tieOutSchema = z.object({
  items: z.array(
    z.object({
      currency: z.string(),
      subLedger: moneyAnswerSchema,
      tactics: moneyAnswerSchema,
      journals: moneyAnswerSchema,
      agrees: z.boolean(),
    }),
  ),
});

const optionally = (value: string | undefined, condition: (value: string) => RawBuilder<unknown>) =>
  value === undefined ? [] : [condition(value)];

const entryQueryShape = {
  ...listQueryShape,
  kind: entrySchema.shape.kind.optional(),
  tacticId: idSchema.optional(),
  periodId: idSchema.optional(),
  journalId: idSchema.optional(),
  customerId: idSchema.optional(),
  mechanic: z.string().max(100).optional(),
};

/** A page of entries that a query asks for, of those that meet `conditions`. */
async function entryPage(
  context: Context,
  query: z.output<z.ZodObject<typeof entryQueryShape>>,
  conditions: RawBuilder<unknown>[],
): Promise<z.input<ReturnType<typeof pageOf<typeof entrySchema>>>> {
  const where = [
    ...optionally(query.tacticId, (id) => sql`entry.tactic_id = ${id}`),
    ...optionally(query.periodId, (id) => sql`entry.period_id = ${id}`),
    ...optionally(query.journalId, (id) => sql`entry.journal_id = ${id}`),
    ...optionally(query.customerId, (id) => sql`liability.customer_id = ${id}`),
    ...optionally(query.mechanic, (mechanic) => sql`liability.mechanic = ${mechanic}`),
    ...optionally(query.kind, (kind) => sql`entry.kind = ${kind}`),
    ...conditions,
  ];
  const page = await context.db.read(context, (tx) => listAccrualEntries(tx, query, where));
  const items = page.items.map(({ currency, recordedAt, ...entry }) => ({
    ...entry,
    amount: toJson(moneyFromNumeric(entry.amount, currency)),
    forecast: toJson(moneyFromNumeric(entry.forecast, currency)),
    recordedAt: recordedAt.toISOString(),
  }));
  return { ...page, items };
}

/** Routes of accruals, for the ports that feed them. */
export function accrualRoutes(ports: SettlementPorts): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/accruals',
      summary: 'List what each tactic earned, settled, released and still owes',
      access: 'accruals:read',
      query: z.strictObject({
        ...listQueryShape,
        promotionId: idSchema.optional(),
        customerId: idSchema.optional(),
      }),
      answers: { 200: pageOf(liabilitySchema) },
      handle: async (context, { query }) => {
        const where = [
          ...optionally(query.promotionId, (id) => sql`liability.promotion_id = ${id}`),
          ...optionally(query.customerId, (id) => sql`liability.customer_id = ${id}`),
        ];
        const page = await context.db.read(context, (tx) => listLiabilities(tx, query, where));
        const items = page.items.map((liability) => ({
          ...liability,
          ...{ earned: toJson(liability.earned), settled: toJson(liability.settled) },
          ...{ released: toJson(liability.released), forecast: toJson(liability.forecast) },
          openLiability: toJson(openLiability(liability)),
        }));
        return { body: { ...page, items } };
      },
    }),
    route({
      method: 'GET',
      path: '/accruals/entries',
      summary: 'List the entries of the accrual sub-ledger',
      access: 'accruals:read',
      query: z.strictObject({
        ...entryQueryShape,
        opening: z.literal('false').optional().describe('Without the balances that were taken over at go-live'),
      }),
      answers: { 200: pageOf(entrySchema) },
      handle: async (context, { query }) => {
        const withoutOpening = sql`not exists (select from settlement.journal where journal.id = entry.journal_id
          and journal.kind = 'opening')`;
        return {
          body: await entryPage(
            context,
            query,
            optionally(query.opening, () => withoutOpening),
          ),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/accruals/runs/:id/entries',
      summary: 'List the entries that a run booked',
      access: 'accruals:read',
      reach: 'tenant',
      params: idParams,
      query: z.strictObject(entryQueryShape),
      answers: { 200: pageOf(entrySchema) },
      handle: async (context, { params, query }) => {
        await context.db.read(context, (tx) => findRun(tx, params.id));
        const ofRun = sql`exists (select from settlement.journal where journal.id = entry.journal_id
          and journal.run_id = ${params.id})`;
        return { body: await entryPage(context, query, [ofRun]) };
      },
    }),
    route({
      method: 'GET',
      path: '/accruals/tie-out',
      summary: 'Open liability per currency by sub-ledger, by tactics and by journals: all three agree',
      access: 'accruals:read',
      reach: 'tenant',
      answers: { 200: tieOutSchema },
      handle: async (context) => {
        const rows = await context.db.read(context, readTieOut);
        const items = rows.map(({ currency, ...sums }) => {
          const [subLedger, tactics, journals] = [sums.subLedger, sums.tactics, sums.journals].map((amount) =>
            toJson(moneyFromNumeric(amount, currency)),
          );
          const agrees = subLedger?.amount === tactics?.amount && tactics?.amount === journals?.amount;
          return { currency, subLedger, tactics, journals, agrees };
        });
        return { body: { items } };
      },
    }),
    route({
      method: 'POST',
      path: '/accruals',
      summary: 'Prepare the accruals and releases of a period as journals',
      access: 'accruals:post',
      reach: 'tenant',
      body: z.strictObject({ periodId: idSchema }),
      answers: { 201: z.object({ journalIds: z.array(idSchema) }) },
      handle: async (context, { body }) => ({
        body: { journalIds: await prepareAccruals(context, ports, body.periodId) },
      }),
    }),
    ...accrualRunRoutes,
    proposalRoute(ports),
  ];
}
