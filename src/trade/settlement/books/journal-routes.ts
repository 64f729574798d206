import { Readable } from 'node:stream';
import { z } from 'zod';
import { sql } from '#db';
import { type AnyRoute, idParams, idSchema, listQueryShape, moneyAnswerSchema, pageOf, route } from '#http';
import { moneyFromNumeric, toJson } from '#money';
import { approveJournal, exportJournal, postJournal } from './change-journal.ts';
import { journalAccounts } from './domain/journal.ts';
import { journalFileCsv, journalFileJson } from './journal-file.ts';
import { countLines, findJournal, type Journal, lineBatches, listJournals, readLines } from './journal-store.ts';

const states = ['preparing', 'prepared', 'approved', 'posted', 'exported'] as const;
const journalSchema = z.object({
  id: idSchema,
  kind: z.enum(['accrual', 'release', 'settlement', 'write_off', 'opening']),
  periodId: idSchema,
  fiscalYear: z.int(),
  period: z.int(),
  total: moneyAnswerSchema,
  postingOn: z.iso.date(),
  state: z.enum(states),
  runId: idSchema.nullable(),
  glMapping: z.int().nullable(),
  preparedBy: idSchema,
  preparedAt: z.iso.datetime(),
  approvedBy: idSchema.nullable(),
  postedBy: idSchema.nullable(),
  postedAt: z.iso.datetime().nullable(),
  exportedAt: z.iso.datetime().nullable(),
  version: z.int(),
});
const lineSchema = z.object({
  position: z.int(),
  account: z.enum(journalAccounts),
  side: z.enum(['debit', 'credit']),
  amount: moneyAnswerSchema,
  customerId: idSchema,
  customerCode: z.string(),
  promotionId: idSchema.nullable(),
  tacticId: idSchema.nullable(),
  glAccount: z.string().nullable(),
  costCentre: z.string().nullable(),
});
/** Lines of one answer; the export holds all. */
const maxLines = 1_000;
const fullSchema = journalSchema.extend({ lines: z.array(lineSchema), lineCount: z.int() });

const journalJson = (journal: Journal) => ({
  ...journal,
  total: toJson(moneyFromNumeric(journal.total, journal.currency)),
  preparedAt: journal.preparedAt.toISOString(),
  postedAt: journal.postedAt?.toISOString() ?? null,
  exportedAt: journal.exportedAt?.toISOString() ?? null,
});

const stepRoute = (name: 'approve' | 'post', summary: string, step: typeof approveJournal) =>
  route({
    method: 'POST',
    path: `/journals/:id/${name}`,
    summary,
    access: 'accruals:post',
    params: idParams,
    answers: { 200: journalSchema },
    handle: async (context, { params, ifMatch }) => {
      const journal = await step(context, { ...params, ifMatch });
      return { version: journal.version, body: journalJson(journal) };
    },
  });

/** Routes of the journals. */
export const journalRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/journals',
    summary: 'List journals',
    access: 'accruals:read',
    query: z.strictObject({ ...listQueryShape, state: z.enum(states).optional(), periodId: idSchema.optional() }),
    answers: { 200: pageOf(journalSchema) },
    handle: async (context, { query }) => {
      const where = [
        ...(query.state ? [sql`journal.state = ${query.state}`] : []),
        ...(query.periodId ? [sql`journal.period_id = ${query.periodId}`] : []),
      ];
      const page = await context.db.read(context, (tx) => listJournals(tx, query, where));
      return { body: { ...page, items: page.items.map(journalJson) } };
    },
  }),
  route({
    method: 'GET',
    path: '/journals/:id',
    summary: 'Read a journal with its first 1,000 lines; the export holds all',
    access: 'accruals:read',
    params: idParams,
    answers: { 200: fullSchema },
    handle: async (context, { params }) => {
      const { journal, ...rest } = await context.db.read(context, async (tx) => {
        const found = await findJournal(tx, params.id);
        return {
          journal: found,
          lines: await readLines(tx, found, { limit: maxLines }),
          lineCount: await countLines(tx, found),
        };
      });
      const lines = rest.lines.map((line) => ({ ...line, amount: toJson(line.amount) }));
      return { version: journal.version, body: { ...journalJson(journal), ...rest, lines } };
    },
  }),
  stepRoute('approve', 'Approve a journal that somebody else prepared', approveJournal),
  stepRoute('post', 'Post an approved journal while its period is not closed', postJournal),
  route({
    method: 'POST',
    path: '/journals/:id/export',
    summary: 'Export a posted journal as ERP-neutral JSON, or as CSV with format=csv; again: the same file',
    access: 'accruals:post',
    params: idParams,
    query: z.strictObject({ format: z.enum(['json', 'csv']).default('json') }),
    // CSV is text: no schema of JSON fits both.
    answers: { 200: null },
    handle: async (context, { params, query, ifMatch, reply }) => {
      // The same file comes out however often it is asked for: no answer is kept for a repeated key.
      const unkept: typeof context = Object.assign(Object.create(context), { idempotency: undefined });
      const journal = await exportJournal(unkept, { ...params, ifMatch });
      const lines = lineBatches(context, journal);
      const isCsv = query.format === 'csv';
      reply.header('content-disposition', `attachment; filename="journal-${journal.id}.${query.format}"`);
      reply.header('content-type', isCsv ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8');
      const body = Readable.from(isCsv ? journalFileCsv(journal, lines) : journalFileJson(journal, lines));
      return { version: journal.version, body };
    },
  }),
];
