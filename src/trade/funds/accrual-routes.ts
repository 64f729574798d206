import { z } from 'zod';
import type { Context } from '#context';
import {
  type AnyRoute,
  dateSchema,
  idParams,
  idSchema,
  listQuery,
  moneyAnswerSchema,
  pageOf,
  positiveDecimalSchema,
  route,
} from '#http';
import { moneyFromNumeric, toJson } from '#money';
import { notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import { insertRate, listAccruedWeeks, type RecordedRate, ratesOf } from './accrual-store.ts';
import { readFund } from './change-funds.ts';
import { type FundRate, rateProblem } from './domain/accrual.ts';
import { filledByShipments } from './domain/fund.ts';
import { lockFunds } from './fund-store.ts';
import { trueUpFund } from './true-up-fund.ts';

/** A rate as people state it. */
export const rateBody = z.strictObject({
  per: z.enum(['case', 'percent']),
  amount: positiveDecimalSchema,
  validFrom: dateSchema,
});

const rateSchema = z.object({
  id: idSchema,
  per: z.enum(['case', 'percent']),
  amount: z.string(),
  validFrom: dateSchema,
  recordedBy: idSchema,
  recordedAt: z.iso.datetime(),
});

const weekSchema = z.object({
  weekStart: dateSchema,
  cases: z.string(),
  per: z.enum(['case', 'percent']),
  rate: z.string(),
  amount: moneyAnswerSchema,
  accruedAt: z.iso.datetime(),
});

const rateJson = (rate: RecordedRate) => ({ ...rate, recordedAt: rate.recordedAt.toISOString() });

/** Records a dated rate of a fund that shipments fill. Throws `rule.violated`. */
async function recordRate(context: Context, fundId: string, rate: FundRate): Promise<RecordedRate> {
  return context.db.transact(context, async (tx) => {
    const [fund = notFound('fund', fundId)] = await lockFunds(tx, [fundId]);
    if (!filledByShipments.includes(fund.kind))
      throw new Problem('rule.violated', { detail: `${fund.code} is ${fund.kind}: shipments do not fill it.` });
    const wrong = rateProblem(rate);
    if (wrong)
      throw new Problem('rule.violated', {
        detail: `The rate ${wrong}.`,
        errors: [{ path: 'amount', message: wrong }],
      });
    const recorded = await insertRate(tx, fundId, rate);
    await recordAudit(tx, { action: 'fund.rate-set', entityType: 'fund', entityId: fundId, after: { ...rate } });
    return recorded;
  });
}

/** Routes of deposits that shipments make. */
export const accrualRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/funds/:id/rates',
    summary: 'The dated rates at which shipments fill a fund',
    access: 'funds:read',
    params: idParams,
    answers: { 200: z.object({ items: z.array(rateSchema) }) },
    handle: async (context, { params }) => {
      const fund = await readFund(context, params.id);
      const rates = await context.db.read(context, (tx) => ratesOf(tx, fund.id));
      return { body: { items: rates.map(rateJson) } };
    },
  }),
  route({
    method: 'POST',
    path: '/funds/:id/rates',
    summary: 'Set the rate at which shipments fill a fund from a day on',
    access: 'funds:write',
    params: idParams,
    body: rateBody,
    answers: { 201: rateSchema },
    handle: async (context, { params, body }) => ({ body: rateJson(await recordRate(context, params.id, body)) }),
  }),
  route({
    method: 'GET',
    path: '/funds/:id/accruals',
    summary: 'What each week’s shipments have put into a fund',
    access: 'funds:read',
    params: idParams,
    query: listQuery,
    answers: { 200: pageOf(weekSchema) },
    handle: async (context, { params, query }) => {
      const fund = await readFund(context, params.id);
      const page = await context.db.read(context, (tx) => listAccruedWeeks(tx, fund.id, query));
      const items = page.items.map(({ id: _id, ...week }) => ({
        ...week,
        amount: toJson(moneyFromNumeric(week.amount, fund.currency)),
        accruedAt: week.accruedAt.toISOString(),
      }));
      return { body: { items, nextCursor: page.nextCursor } };
    },
  }),
  route({
    method: 'POST',
    path: '/funds/:id/true-up',
    summary: 'Bring what shipments put into a fund up to date',
    access: 'funds:write',
    params: idParams,
    answers: { 200: z.object({ deposited: moneyAnswerSchema, weeks: z.int() }) },
    handle: async (context, { params }) => {
      const { deposited, weeks } = await trueUpFund(context, params.id);
      return { body: { deposited: toJson(deposited), weeks } };
    },
  }),
];
