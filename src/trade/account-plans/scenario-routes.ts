import { z } from 'zod';
import type { Context } from '#context';
import { sql } from '#db';
import type { Figure } from '#figure';
import {
  type AnyRoute,
  dateSchema,
  decimalSchema,
  idParams,
  idSchema,
  listQueryShape,
  nameSchema,
  pageOf,
  positiveDecimalSchema,
  route,
} from '#http';
import { notFound } from '#problem';
import { promotionBody } from '#promotions';
import { adoptScenario } from './adopt-scenario.ts';
import { changeScenario, createScenario, eventsOf, readScenario } from './change-scenario.ts';
import { targetLines } from './domain/account-plan.ts';
import { differenceFigure, planFigure, withoutValue } from './domain/plan-figure.ts';
import { type PlanLine, planLines } from './domain/plan-lines.ts';
import { type AdoptedEdit, scenarioStates } from './domain/scenario.ts';
import { baselineChangeSchema, linesJson, originOf, pnlSchema } from './plan-answers.ts';
import { findPlan, findSnapshot } from './plan-store.ts';
import { type CountedScenario, listScenarios, readAdoption } from './scenario-store.ts';

/** Most edits of one scenario: beyond it people lose sight, and predictions take minutes. */
const mostEdits = 100;

const editSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('add'), promotion: promotionBody }),
  z.strictObject({ kind: z.literal('include'), promotionId: idSchema }),
  z.strictObject({ kind: z.literal('move'), promotionId: idSchema, startsOn: dateSchema }),
  z.strictObject({ kind: z.literal('drop'), promotionId: idSchema }),
  z.strictObject({
    ...{ kind: z.literal('change'), promotionId: idSchema, tacticId: idSchema },
    ...{ rate: positiveDecimalSchema.optional(), lumpSum: positiveDecimalSchema.optional() },
    passThrough: positiveDecimalSchema.optional(),
  }),
  z.strictObject({
    ...{ kind: z.literal('target'), period: z.int().min(1).max(13), line: z.enum(targetLines) },
    amount: decimalSchema.nullable(),
  }),
  baselineChangeSchema.extend({ kind: z.literal('baseline') }),
]);
const edits = z.array(editSchema).max(mostEdits);

const adoptionSchema = z.object({
  position: z.int(),
  state: z.enum(['waiting', 'done', 'refused']),
  promotionId: idSchema.nullable(),
  detail: z.string(),
});

const headSchema = z.object({
  ...{ id: idSchema, planId: idSchema, snapshot: z.int(), name: z.string(), state: z.enum(scenarioStates) },
  ...{ version: z.int(), edits: z.array(z.record(z.string(), z.unknown())), createdBy: idSchema },
  ...{ createdAt: z.iso.datetime(), updatedAt: z.iso.datetime() },
  ...{ adoptedBy: idSchema.nullable(), adoptedAt: z.iso.datetime().nullable() },
});

const scenarioSchema = headSchema.extend({
  currency: z.string(),
  lines: pnlSchema.shape.lines,
  /** Promotions that it adds or changes, as far as they could be predicted. */
  predictions: z.array(
    z.object({
      ...{ key: z.string(), name: z.string(), modelVersion: z.string().nullable(), refusal: z.string().nullable() },
    }),
  ),
  adoption: z.array(adoptionSchema),
});

function headJson({ figures: _figures, ...scenario }: CountedScenario) {
  return {
    ...scenario,
    createdAt: scenario.createdAt.toISOString(),
    updatedAt: scenario.updatedAt.toISOString(),
    adoptedAt: scenario.adoptedAt?.toISOString() ?? null,
  };
}

async function answer(context: Context, scenario: CountedScenario, given?: AdoptedEdit[]) {
  const { currency, adoption } = await context.db.read(context, async (tx) => ({
    currency: (await findPlan(tx, scenario.planId))?.currency ?? notFound('account plan', scenario.planId),
    adoption: given ?? (await readAdoption(tx, scenario.id)),
  }));
  const predictions = (await eventsOf(context, scenario.id)).map(({ key, name, modelVersion, refusal }) => {
    return { key, name, modelVersion, refusal };
  });
  const body = { ...headJson(scenario), currency, lines: linesJson(scenario.figures, currency), predictions, adoption };
  return { version: scenario.version, body };
}

/** The figures of the year by line. */
const byLine = (figureOf: (line: PlanLine) => Figure): Record<PlanLine, Figure> =>
  Object.fromEntries(planLines.map((line) => [line, figureOf(line)])) as Record<PlanLine, Figure>;

/** A plan beside scenarios of it: figures of the year with their differences to the first column. */
async function compare(context: Context, planId: string, scenarioIds: readonly string[]) {
  const { plan, latest } = await context.db.read(context, async (tx) => ({
    plan: (await findPlan(tx, planId)) ?? notFound('account plan', planId),
    latest: (await findSnapshot(tx, planId, 'latest')) ?? notFound('snapshot of account plan', planId),
  }));
  const columns = [
    {
      id: null as string | null,
      name: 'Plan',
      state: null as string | null,
      edits: 0,
      head: latest,
      figures: latest.figures,
    },
  ];
  for (const id of scenarioIds) {
    const scenario = await readScenario(context, id);
    if (scenario.planId !== planId) notFound('scenario', id);
    const head = await context.db.read(
      context,
      async (tx) =>
        (await findSnapshot(tx, planId, { number: scenario.snapshot })) ??
        notFound('snapshot', String(scenario.snapshot)),
    );
    const { name, state, figures } = scenario;
    columns.push({ id, name, state, edits: scenario.edits.length, head, figures });
  }
  return columns.map(({ figures, head, ...column }) => {
    const origin = originOf(head, plan.currency);
    // Facts have moved on since: the scenario was counted on an earlier snapshot.
    const notComparable =
      head.number !== latest.number
        ? `not comparable: counted on snapshot ${head.number}, the plan on snapshot ${latest.number}`
        : null;
    const gapOf = (line: PlanLine) => planFigure(figures.year, line, 'gap', origin);
    return {
      ...{ ...column, snapshot: head.number, notComparable },
      figures: {
        plan: byLine((line) => planFigure(figures.year, line, 'plan', origin)),
        latestEstimate: byLine((line) => planFigure(figures.year, line, 'latestEstimate', origin)),
        gap: byLine((line) => (notComparable ? withoutValue(gapOf(line), notComparable) : gapOf(line))),
        difference: byLine((line) => {
          const between = { before: latest.figures.year, after: figures.year };
          const of = { currency: plan.currency, before: `snapshot ${latest.number}`, after: column.name };
          const difference = differenceFigure(between, line, of);
          return notComparable ? withoutValue(difference, notComparable) : difference;
        }),
      },
    };
  });
}

/** Columns beside the plan, at most: more are not read side by side. */
const mostCompared = 4;

/** Up to four scenarios, separated by commas. */
const idList = z
  .string()
  .max(200)
  .transform((text) => text.split(',').filter((id) => id !== ''))
  .pipe(z.array(idSchema).max(mostCompared));

/** The latest open scenarios of a plan. */
async function openScenarios(context: Context, planId: string): Promise<string[]> {
  const where = [sql`scenario.plan_id = ${planId}`, sql`scenario.state = 'open'`];
  const page = await context.db.read(context, (tx) => listScenarios(tx, { limit: mostCompared }, where));
  return page.items.map(({ id }) => id).reverse();
}

/** The routes of scenarios. */
export const scenarioRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/account-plans/:id/comparison',
    summary:
      'A plan beside up to four scenarios of it (the latest open ones, where none is named), by the figures of the year',
    access: 'promotions:read',
    params: idParams,
    query: z.strictObject({ scenarios: idList.optional() }),
    answers: {
      200: z.object({
        columns: z.array(
          z.object({
            ...{ id: idSchema.nullable(), name: z.string(), state: z.enum(scenarioStates).nullable(), edits: z.int() },
            ...{ snapshot: z.int() },
            // Why gap and differences have no value; null where they have.
            ...{ notComparable: z.string().nullable(), figures: z.record(z.string(), z.unknown()) },
          }),
        ),
      }),
    },
    handle: async (context, { params, query }) => {
      const ids = query.scenarios ?? (await openScenarios(context, params.id));
      return { body: { columns: await compare(context, params.id, ids) } };
    },
  }),
  route({
    method: 'GET',
    path: '/scenarios',
    summary: 'List scenarios, the latest first',
    access: 'promotions:read',
    query: z.strictObject({
      ...listQueryShape,
      planId: idSchema.optional(),
      state: z.enum(scenarioStates).optional(),
    }),
    answers: { 200: pageOf(headSchema) },
    handle: async (context, { query }) => {
      const where = [
        ...(query.planId ? [sql`scenario.plan_id = ${query.planId}`] : []),
        ...(query.state ? [sql`scenario.state = ${query.state}`] : []),
      ];
      const page = await context.db.read(context, (tx) => listScenarios(tx, query, where));
      return { body: { items: page.items.map(headJson), nextCursor: page.nextCursor } };
    },
  }),
  route({
    method: 'POST',
    path: '/scenarios',
    summary: 'Copy a plan into a scenario, with edits of its own or those of another scenario',
    access: 'promotions:create',
    body: z.strictObject({ planId: idSchema, name: nameSchema, edits: edits.optional(), copyOf: idSchema.optional() }),
    answers: { 201: scenarioSchema },
    handle: async (context, { body }) => answer(context, await createScenario(context, body)),
  }),
  route({
    method: 'GET',
    path: '/scenarios/:id',
    summary: 'Read a scenario with its figures and, once adopted, what became of its edits',
    access: 'promotions:read',
    params: idParams,
    answers: { 200: scenarioSchema },
    handle: async (context, { params }) => answer(context, await readScenario(context, params.id)),
  }),
  route({
    method: 'PATCH',
    path: '/scenarios/:id',
    summary: 'Change a scenario’s name or edits, or put it on the plan’s latest snapshot',
    access: 'promotions:update',
    params: idParams,
    body: z.strictObject({ name: nameSchema.optional(), edits: edits.optional(), rebase: z.boolean().optional() }),
    answers: { 200: scenarioSchema },
    handle: async (context, { params, body, ifMatch }) =>
      answer(context, await changeScenario(context, params.id, ifMatch, body)),
  }),
  route({
    method: 'POST',
    path: '/scenarios/:id/adopt',
    summary: 'Adopt a scenario, once: its promotions become drafts, its targets and baselines the plan’s',
    access: 'promotions:create',
    params: idParams,
    answers: { 200: scenarioSchema },
    handle: async (context, { params, ifMatch }) => {
      const { scenario, edits: adoption } = await adoptScenario(context, params.id, ifMatch);
      return answer(context, scenario, adoption);
    },
  }),
];
