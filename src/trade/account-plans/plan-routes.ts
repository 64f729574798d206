import { z } from 'zod';
import type { Context } from '#context';
import { sql } from '#db';
import type { Figure } from '#figure';
import {
  type AnyRoute,
  dateSchema,
  idParams,
  idSchema,
  listQuery,
  listQueryShape,
  moneyAnswerSchema,
  nameSchema,
  pageOf,
  route,
} from '#http';
import { notFound, Problem } from '#problem';
import { calculatePlan } from './calculate-plan.ts';
import { changePlan, createPlan } from './change-plan.ts';
import type { AccountPlan } from './domain/account-plan.ts';
import { planFigure } from './domain/plan-figure.ts';
import { planColumns, planLines } from './domain/plan-lines.ts';
import type { PeriodFigures, PlanFigures } from './domain/plan-result.ts';
import {
  contributionJson,
  originOf,
  planBody,
  planItemSchema,
  planJson,
  planSchema,
  planTermsShape,
  pnlJson,
  pnlSchema,
} from './plan-answers.ts';
import { figuresOf, findPlan, findSnapshot, listPlans, listSnapshots, type SnapshotHead } from './plan-store.ts';
import type { AccountPlanPorts } from './ports.ts';
import { breakdownWays, readBreakdown, readItemFigures } from './read-breakdown.ts';
import { readGapClosers } from './read-gap-closers.ts';
import { hasRows, readRows } from './read-rows.ts';

/** Which snapshot: by number, as of an instant, or the latest one. */
const whichShape = {
  snapshot: z.coerce.number().int().min(1).max(1_000_000).optional(),
  asOf: z.iso.datetime().optional(),
};

const answer = (plan: AccountPlan) => ({ version: plan.version, body: planJson(plan) });

async function readPlan(context: Context, id: string): Promise<AccountPlan> {
  return context.db.read(context, async (tx) => (await findPlan(tx, id)) ?? notFound('account plan', id));
}

function notCalculated({ refusal }: AccountPlan): never {
  throw new Problem('state.conflict', { detail: refusal ?? 'The plan has not been calculated yet.' });
}

async function readSnapshot(
  context: Context,
  id: string,
  { snapshot, asOf }: { snapshot?: number | undefined; asOf?: string | undefined },
): Promise<{ plan: AccountPlan; head: SnapshotHead }> {
  return context.db.read(context, async (tx) => {
    const plan = (await findPlan(tx, id)) ?? notFound('account plan', id);
    const which = snapshot !== undefined ? { number: snapshot } : asOf !== undefined ? { asOf } : 'latest';
    const head = await findSnapshot(tx, id, which);
    if (head) return { plan, head };
    return which === 'latest' ? notCalculated(plan) : notFound('snapshot', String(snapshot ?? asOf));
  });
}

const rowQuery = z.strictObject({
  line: z.enum(planLines).default('contribution'),
  column: z.enum(planColumns).default('latestEstimate'),
  period: z.coerce.number().int().min(1).max(13).optional(),
  ...whichShape,
});

/** Of the whole plan, or of one account, product or promotion of it. */
const figureQuery = rowQuery.extend({ by: z.enum(breakdownWays).optional(), of: idSchema.optional() });

/** The figures of a period by its number, or of the year. */
function figuresIn(head: SnapshotHead, figures: PlanFigures, period: number | undefined) {
  if (period === undefined) return figures.year;
  const at = head.inputs.periods.findIndex((one) => one.period === period);
  return figures.periods[at] ?? notFound('period', String(period));
}

async function figureOf(context: Context, id: string, query: z.output<typeof figureQuery>): Promise<Figure> {
  const { plan, head } = await readSnapshot(context, id, query);
  const { line, column, period } = query;
  if (query.by && query.of) {
    const figures = await readItemFigures(context, head, { by: query.by, id: query.of, period });
    return planFigure(figures, line, column, originOf(head, plan.currency));
  }
  const part = period === undefined ? '' : `&period=${period}`;
  const rows = `/api/v1/account-plans/${id}/rows?line=${line}&column=${column}&snapshot=${head.number}${part}`;
  const origin = originOf(head, plan.currency, hasRows(line, column) ? rows : undefined);
  return planFigure(figuresIn(head, head.figures, period), line, column, origin);
}

const breakdownItem = z.object({
  id: idSchema,
  code: z.string(),
  name: z.string(),
  plan: z.record(z.string(), z.union([moneyAnswerSchema, z.string()]).nullable()),
  actual: z.record(z.string(), z.union([moneyAnswerSchema, z.string()]).nullable()).nullable(),
});

const closerItem = z.object({
  ...{ promotionId: idSchema, code: z.string(), name: z.string(), startsOn: dateSchema, endsOn: dateSchema },
  ...{ volume: z.string(), tradeSpend: moneyAnswerSchema, contribution: moneyAnswerSchema },
  remaining: moneyAnswerSchema.nullable(),
  figures: z.record(z.string(), z.record(z.string(), z.unknown())),
});

const refusedItem = z.object({ promotionId: idSchema, code: z.string(), name: z.string(), reason: z.string() });

/** What people read and state of plans. */
function statedRoutes(): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/account-plans',
      summary: 'List account plans with the contribution of their year',
      access: 'promotions:read',
      query: z.strictObject({
        ...listQueryShape,
        customerId: idSchema.optional(),
        fiscalYear: z.coerce.number().int().optional(),
      }),
      answers: { 200: pageOf(planItemSchema) },
      handle: async (context, { query }) => {
        const where = [
          ...(query.customerId ? [sql`plan.customer_id = ${query.customerId}`] : []),
          ...(query.fiscalYear ? [sql`plan.fiscal_year = ${query.fiscalYear}`] : []),
        ];
        const page = await context.db.read(context, (tx) => listPlans(tx, query, where));
        const items = page.items.map(({ year, ...plan }) => ({
          ...planJson(plan),
          contribution: contributionJson(year ? figuresOf<PeriodFigures>(year) : null, plan.currency),
        }));
        return { body: { items, nextCursor: page.nextCursor } };
      },
    }),
    route({
      method: 'POST',
      path: '/account-plans',
      summary: 'Open the plan of a customer for a fiscal year; it is calculated right after',
      access: 'promotions:create',
      body: planBody,
      answers: { 201: planSchema },
      handle: async (context, { body }) => answer(await createPlan(context, body)),
    }),
    route({
      method: 'GET',
      path: '/account-plans/:id',
      summary: 'Read an account plan',
      access: 'promotions:read',
      params: idParams,
      answers: { 200: planSchema },
      handle: async (context, { params }) => answer(await readPlan(context, params.id)),
    }),
    route({
      method: 'PATCH',
      path: '/account-plans/:id',
      summary: 'Change a plan’s name, targets or baselines: the next snapshot',
      access: 'promotions:update',
      params: idParams,
      body: z.strictObject({ name: nameSchema.optional(), ...planTermsShape }),
      answers: { 200: planSchema },
      handle: async (context, { params, body, ifMatch }) => {
        const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
        return answer(await changePlan(context, params.id, ifMatch, given));
      },
    }),
  ];
}

/** What plans come to. */
function figureRoutes(ports: AccountPlanPorts): AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/account-plans/:id/calculate',
      summary: 'Calculate a plan anew from everything that it counts',
      access: 'promotions:update',
      params: idParams,
      answers: { 200: planSchema },
      handle: async (context, { params }) => answer(await calculatePlan(context, ports, params.id)),
    }),
    route({
      method: 'GET',
      path: '/account-plans/:id/pnl',
      summary:
        'The customer P&L by fiscal period: target, plan, latest estimate, actual, gap; also as of a past instant',
      access: 'promotions:read',
      params: idParams,
      query: z.strictObject(whichShape),
      answers: { 200: pnlSchema },
      handle: async (context, { params, query }) => {
        const { plan, head } = await readSnapshot(context, params.id, query);
        return { body: pnlJson(head, plan.currency) };
      },
    }),
    route({
      method: 'GET',
      path: '/account-plans/:id/figure',
      summary:
        'One figure of a plan, or of an account, product or promotion of it, with its formula, inputs and versions',
      access: 'promotions:read',
      params: idParams,
      query: figureQuery,
      answers: { 200: z.record(z.string(), z.unknown()) },
      handle: async (context, { params, query }) => ({ body: await figureOf(context, params.id, query) }),
    }),
    route({
      method: 'GET',
      path: '/account-plans/:id/rows',
      summary: 'The rows that a figure was made from, the largest first',
      access: 'promotions:read',
      params: idParams,
      query: rowQuery.extend({
        line: z.enum(planLines).default('volume'),
        limit: listQueryShape.limit,
        cursor: listQueryShape.cursor,
      }),
      answers: { 200: pageOf(z.record(z.string(), z.unknown())) },
      handle: async (context, { params, query }) => {
        const { head } = await readSnapshot(context, params.id, query);
        figuresIn(head, head.figures, query.period);
        return { body: await readRows(context, head, query) };
      },
    }),
    route({
      method: 'GET',
      path: '/account-plans/:id/breakdown',
      summary: 'A plan by account, product or promotion',
      access: 'promotions:read',
      params: idParams,
      query: z.strictObject({
        by: z.enum(breakdownWays).default('account'),
        period: z.coerce.number().int().min(1).max(13).optional(),
        snapshot: whichShape.snapshot,
      }),
      answers: { 200: z.object({ snapshot: z.int(), items: z.array(breakdownItem) }) },
      handle: async (context, { params, query }) => {
        const { head } = await readSnapshot(context, params.id, query);
        const items = await readBreakdown(context, head, query.by, query.period);
        return { body: { snapshot: head.number, items } };
      },
    }),
    route({
      method: 'GET',
      path: '/account-plans/:id/gap-closers',
      summary: 'Drafts that the plan does not count yet and that add contribution, the largest first',
      access: 'promotions:read',
      params: idParams,
      answers: {
        200: z.object({
          ...{ snapshot: z.int(), missing: moneyAnswerSchema.nullable() },
          ...{ items: z.array(closerItem), leftOut: z.int(), refused: z.array(refusedItem) },
        }),
      },
      handle: async (context, { params }) => {
        const plan = await readPlan(context, params.id);
        return { body: (await readGapClosers(context, params.id)) ?? notCalculated(plan) };
      },
    }),
    route({
      method: 'GET',
      path: '/account-plans/:id/snapshots',
      summary: 'Every snapshot of a plan with the versions of its inputs, the latest first',
      access: 'promotions:read',
      params: idParams,
      query: listQuery,
      answers: {
        200: pageOf(
          z.object({
            ...{ snapshot: z.int(), planVersion: z.int(), recordedBy: idSchema, recordedAt: z.iso.datetime() },
            inputs: z.record(z.string(), z.unknown()),
            contribution: planItemSchema.shape.contribution,
          }),
        ),
      },
      handle: async (context, { params, query }) => {
        const { currency } = await readPlan(context, params.id);
        const page = await context.db.read(context, (tx) => listSnapshots(tx, params.id, query));
        const items = page.items.map(({ number, planVersion, recordedBy, recordedAt, inputs, figures }) => ({
          ...{ snapshot: number, planVersion, recordedBy, recordedAt: recordedAt.toISOString(), inputs },
          contribution: contributionJson(figures.year, currency),
        }));
        return { body: { items, nextCursor: page.nextCursor } };
      },
    }),
  ];
}

/** The routes of account plans. */
export const planRoutes = (ports: AccountPlanPorts): AnyRoute[] => [...statedRoutes(), ...figureRoutes(ports)];
