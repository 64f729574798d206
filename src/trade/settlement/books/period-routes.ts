import { z } from 'zod';
import {
  type AnyRoute,
  dateSchema,
  idParams,
  idSchema,
  listQuery,
  moneyAnswerSchema,
  noteSchema,
  pageOf,
  route,
} from '#http';
import { type Money, toJson } from '#money';
import type { SettlementPorts } from '../ports.ts';
import { closePeriod, openPeriod, reopenPeriod, softClosePeriod } from './change-period.ts';
import { readChecklist } from './close-checklist.ts';
import { closeReportCsv, readCloseReport } from './close-report.ts';
import { readWaivers } from './close-store.ts';
import { closeCheckKeys } from './domain/close-check.ts';
import { journalAccounts } from './domain/journal.ts';
import { type FiscalPeriod, findPeriod, listPeriods } from './period-store.ts';

const periodSchema = z.object({
  id: idSchema,
  fiscalYear: z.int(),
  period: z.int(),
  startsOn: dateSchema,
  endsOn: dateSchema,
  state: z.enum(['open', 'soft_closed', 'closed']),
  reopenAskedBy: idSchema.nullable(),
  version: z.int(),
});

const waiverSchema = z.strictObject({ check: z.enum(closeCheckKeys), reason: noteSchema.min(1) });
const checkSchema = z.object({
  key: z.enum(closeCheckKeys),
  title: z.string(),
  passed: z.boolean(),
  hard: z.boolean(),
  found: z.string(),
  items: z.array(z.string()),
});
const waivedSchema = z.object({
  check: z.string(),
  found: z.string(),
  reason: z.string(),
  waivedBy: idSchema,
  waivedAt: z.iso.datetime(),
});
const rollShape = {
  opening: moneyAnswerSchema,
  earned: moneyAnswerSchema,
  settled: moneyAnswerSchema,
  released: moneyAnswerSchema,
  closing: moneyAnswerSchema,
  journals: moneyAnswerSchema,
};
const reportSchema = z.object({
  period: periodSchema,
  currencies: z.array(
    z.object({
      currency: z.string(),
      total: z.object(rollShape),
      liabilities: z.array(
        z.object({ customerId: idSchema, customerCode: z.string(), mechanic: z.string(), ...rollShape }),
      ),
      accounts: z.array(
        z.object({
          account: z.enum(journalAccounts),
          glAccount: z.string().nullable(),
          costCentre: z.string().nullable(),
          opening: moneyAnswerSchema,
          debits: moneyAnswerSchema,
          credits: moneyAnswerSchema,
          closing: moneyAnswerSchema,
        }),
      ),
      ties: z.boolean(),
    }),
  ),
});

/** Money as JSON throughout a value. */
const inJson = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, each) => (isMoney(each) ? toJson(each) : each)));
const isMoney = (value: unknown): value is Money =>
  typeof value === 'object' && value !== null && 'minor' in value && 'currency' in value;

const answer = (period: FiscalPeriod) => ({ version: period.version, body: period });
const reasonBody = z.strictObject({ reason: noteSchema.min(1) });

/** Routes of the fiscal periods, for the ports that closing asks. */
export const periodRoutes = (ports: SettlementPorts): AnyRoute[] => [
  route({
    method: 'GET',
    path: '/periods',
    summary: 'List the fiscal periods that the books know',
    access: 'accruals:read',
    query: listQuery,
    answers: { 200: pageOf(periodSchema) },
    handle: async (context, { query }) => ({ body: await context.db.read(context, (tx) => listPeriods(tx, query)) }),
  }),
  route({
    method: 'POST',
    path: '/periods',
    summary: 'Enter the fiscal period of a date into the books; the same period again changes nothing',
    access: 'accruals:post',
    reach: 'tenant',
    body: z.strictObject({ on: dateSchema }),
    answers: { 200: periodSchema },
    handle: async (context, { body }) => answer(await openPeriod(context, body.on)),
  }),
  route({
    method: 'POST',
    path: '/periods/:id/soft-close',
    summary: 'Soft close: settlements go to the next open period, accruals still go in',
    access: 'periods:close',
    params: idParams,
    answers: { 200: periodSchema },
    handle: async (context, { params, ifMatch }) => answer(await softClosePeriod(context, { ...params, ifMatch })),
  }),
  route({
    method: 'POST',
    path: '/periods/:id/close',
    summary:
      'Close: from now on the period takes nothing; 422 names the checks that fail, some can be waived with a reason',
    access: 'periods:close',
    params: idParams,
    body: z.strictObject({ waive: z.array(waiverSchema).max(closeCheckKeys.length).default([]) }).optional(),
    answers: { 200: periodSchema },
    handle: async (context, { params, body, ifMatch }) =>
      answer(await closePeriod(context, ports, { ...params, ...body, ifMatch })),
  }),
  route({
    method: 'GET',
    path: '/periods/:id/checklist',
    summary: 'What closing the period asks, what was found, and what was waived before',
    access: 'accruals:read',
    reach: 'tenant',
    params: idParams,
    answers: { 200: z.object({ period: periodSchema, checks: z.array(checkSchema), waived: z.array(waivedSchema) }) },
    handle: async (context, { params }) => {
      const body = await context.db.read(context, async (tx) => {
        const period = await findPeriod(tx, params.id);
        const waived = (await readWaivers(tx, period.id)).map((each) => ({
          ...each,
          waivedAt: each.waivedAt.toISOString(),
        }));
        return { period, checks: await readChecklist(tx, ports, period), waived };
      });
      return { version: body.period.version, body };
    },
  }),
  route({
    method: 'GET',
    path: '/periods/:id/report',
    summary: 'The close report: liabilities and accounts rolled forward and tied to the journals; CSV with format=csv',
    access: 'accruals:read',
    reach: 'tenant',
    params: idParams,
    query: z.strictObject({ format: z.enum(['json', 'csv']).default('json') }),
    answers: { 200: reportSchema.or(z.string()) },
    handle: async (context, { params, query, reply }) => {
      const report = await context.db.read(context, (tx) => readCloseReport(tx, params.id));
      if (query.format === 'json') return { body: inJson(report) };
      const { fiscalYear, period } = report.period;
      reply.header('content-type', 'text/csv; charset=utf-8');
      reply.header('content-disposition', `attachment; filename="close-report-${fiscalYear}-P${period}.csv"`);
      return { body: closeReportCsv(report) };
    },
  }),
  route({
    method: 'POST',
    path: '/periods/:id/reopen',
    summary: 'Reopen a closed period: asked for by one person, done by another',
    access: 'periods:close',
    params: idParams,
    body: reasonBody,
    answers: { 200: periodSchema },
    handle: async (context, { params, body, ifMatch }) =>
      answer(await reopenPeriod(context, { ...params, ...body, ifMatch })),
  }),
];
