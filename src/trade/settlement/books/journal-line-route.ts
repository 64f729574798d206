import { z } from 'zod';
import { sql } from '#db';
import { type AnyRoute, idSchema, listQueryShape, moneyAnswerSchema, pageOf, route } from '#http';
import { moneyFromNumeric, toJson } from '#money';
import { journalAccounts } from './domain/journal.ts';
import { listJournalLines } from './journal-line-store.ts';

const lineSchema = z.object({
  ...{ journalId: idSchema, position: z.int(), account: z.enum(journalAccounts) },
  ...{ glAccount: z.string().nullable(), costCentre: z.string().nullable(), side: z.enum(['debit', 'credit']) },
  ...{ customerCode: z.string(), amount: moneyAnswerSchema, customerId: idSchema },
  ...{ promotionId: idSchema.nullable(), tacticId: idSchema.nullable() },
});

const optionalText = z.string().max(100).optional();

/** The lines of many journals: what a balance of the close report was summed from. */
export const journalLineRoute: AnyRoute = route({
  method: 'GET',
  path: '/journals/lines',
  summary: 'List lines over all journals, of an account, a period, a side or one journal',
  access: 'accruals:read',
  query: z.strictObject({
    ...listQueryShape,
    journalId: idSchema.optional(),
    periodId: idSchema.optional(),
    account: z.enum(journalAccounts).optional(),
    glAccount: optionalText,
    costCentre: optionalText,
    side: z.enum(['debit', 'credit']).optional(),
    opening: z.literal('false').optional().describe('Without the balances that were taken over at go-live'),
  }),
  answers: { 200: pageOf(lineSchema) },
  handle: async (context, { query }) => {
    const where = [
      ...(query.journalId ? [sql`line.journal_id = ${query.journalId}`] : []),
      ...(query.periodId ? [sql`journal.period_id = ${query.periodId}`] : []),
      ...(query.account ? [sql`line.account = ${query.account}`] : []),
      ...(query.glAccount ? [sql`line.gl_account = ${query.glAccount}`] : []),
      ...(query.costCentre ? [sql`line.cost_centre = ${query.costCentre}`] : []),
      ...(query.side ? [sql`line.side = ${query.side}`] : []),
      ...(query.opening ? [sql`journal.kind <> 'opening'`] : []),
    ];
    const page = await context.db.read(context, (tx) => listJournalLines(tx, query, where));
    const items = page.items.map(({ id, currency, amount, ...line }) => ({
      ...{ journalId: id, ...line, amount: toJson(moneyFromNumeric(amount, currency)) },
    }));
    return { body: { ...page, items } };
  },
});
