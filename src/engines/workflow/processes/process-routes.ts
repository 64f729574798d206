import { z } from 'zod';
import { type ListRequest, sql } from '#db';
import {
  type AnyRoute,
  codeSchema,
  currencySchema,
  decimalSchema,
  idParams,
  idSchema,
  listQueryShape,
  nameSchema,
  pageOf,
  route,
} from '#http';
import { permissions } from '#module';
import { notFound } from '#problem';
import { layOut } from '../definitions/lay-out.ts';
import { writeBpmn } from '../definitions/write-bpmn.ts';
import type { Condition } from '../domain/definition.ts';
import { valuesSchema } from '../instances/values-schema.ts';
import { checkProcess } from './check-process.ts';
import { draftProcess } from './draft-process.ts';
import { findProcess, listProcesses, type ProcessRow } from './process-store.ts';
import { publishProcess, retireProcess } from './publish-process.ts';
import { startProcess } from './start-process.ts';

/** Who designs processes sees all of them. */
const designing = { access: 'workflows:design', reach: 'tenant' } as const;

const processShape = {
  ...{ id: idSchema, code: z.string(), version: z.int(), title: z.string(), hash: z.string() },
  state: z.enum(['draft', 'published', 'retired']),
  ...{ madeAt: z.iso.datetime(), madeBy: idSchema },
  ...{ publishedAt: z.iso.datetime().nullable(), publishedBy: idSchema.nullable() },
  ...{ retiredAt: z.iso.datetime().nullable(), retiredBy: idSchema.nullable() },
};
const processSchema = z.object(processShape);
const detailSchema = z.object({
  ...processShape,
  /** Variables, nodes and flows as `process-model.ts` has them. */
  model: z.record(z.string(), z.unknown()),
  /** Positions in pixels by id of node or flow. */
  diagram: z.record(z.string(), z.unknown()),
  unsupported: z.array(
    z.object({
      ...{ element: z.string(), id: z.string().nullable(), name: z.string().nullable() },
      ...{ why: z.string(), blocks: z.boolean() },
    }),
  ),
  /** What keeps it from being published, each with the way that shows it. */
  findings: z.array(
    z.object({
      ...{ kind: z.string(), elements: z.array(z.string()), path: z.array(z.string()), message: z.string() },
    }),
  ),
});

const shown = (row: ProcessRow) => ({
  ...{ id: row.id, code: row.code, version: row.version, title: row.title, hash: row.hash, state: row.state },
  ...{ madeAt: row.madeAt.toISOString(), madeBy: row.madeBy },
  ...{ publishedAt: row.publishedAt?.toISOString() ?? null, publishedBy: row.publishedBy },
  ...{ retiredAt: row.retiredAt?.toISOString() ?? null, retiredBy: row.retiredBy },
});

/** A name that conditions can use. */
const wordSchema = z.string().regex(/^[a-z][a-z0-9_]{0,59}$/i, 'must be letters, digits and _');
const conditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ variable: wordSchema, is: z.enum(['above', 'below', 'atLeast']), value: decimalSchema }),
    z.strictObject({ variable: wordSchema, is: z.literal('null') }),
    z.strictObject({ any: z.array(conditionSchema).min(1).max(20) }),
  ]),
);
const stepSchema = z.strictObject({
  ...{ name: wordSchema, title: nameSchema, when: conditionSchema.optional() },
  candidates: z.strictObject({
    permission: z.enum(permissions),
    roles: z.array(codeSchema).min(1).max(50).optional(),
    limitCovers: wordSchema.optional(),
  }),
  dueHours: z.int().min(1).max(8_784),
});
const stepsSchema = z.strictObject({
  code: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be small letters, digits and single hyphens')
    .max(60),
  title: nameSchema,
  steps: z.array(stepSchema).min(1).max(50),
});

async function readDetail(row: ProcessRow & { whole: Parameters<typeof checkProcess>[0] }) {
  const { diagram, source: _source, unsupported = [], ...model } = row.whole;
  return {
    ...shown(row),
    model,
    diagram: diagram ?? layOut(model.body),
    unsupported,
    findings: checkProcess(row.whole),
  };
}

/** Reading versions of processes. */
const readingRoutes: readonly AnyRoute[] = [
  route({
    ...{ method: 'GET', path: '/workflows/processes', ...designing },
    summary: 'List versions of the processes that administrators draw',
    query: z.strictObject({
      ...listQueryShape,
      code: nameSchema.optional(),
      state: z.enum(['draft', 'published', 'retired', 'all']).default('all'),
    }),
    answers: { 200: pageOf(processSchema) },
    handle: async (context, { query }) => {
      const where = [
        ...(query.code === undefined ? [] : [sql`process.code = ${query.code}`]),
        ...(query.state === 'all' ? [] : [sql`process.state = ${query.state}`]),
      ];
      const page = await context.db.read(context, (tx) => listProcesses(tx, query as ListRequest, where));
      return { body: { ...page, items: page.items.map(shown) } };
    },
  }),
  route({
    ...{ method: 'GET', path: '/workflows/processes/:id', ...designing },
    summary: 'Read a version of a process: its model, diagram, and what keeps it from being published',
    params: idParams,
    answers: { 200: detailSchema },
    handle: async (context, { params }) => {
      const found = await context.db.read(context, (tx) => findProcess(tx, params.id));
      return { body: await readDetail(found ?? notFound('process', params.id)) };
    },
  }),
  route({
    ...{ method: 'GET', path: '/workflows/processes/:id/bpmn', ...designing },
    summary: 'Export a version of a process as BPMN 2.0 with its diagram',
    params: idParams,
    answers: { 200: z.object({ bpmn: z.string() }) },
    handle: async (context, { params }) => {
      const found = await context.db.read(context, (tx) => findProcess(tx, params.id));
      return { body: { bpmn: await writeBpmn([(found ?? notFound('process', params.id)).whole]) } };
    },
  }),
];

/** Changing and starting processes. */
const changingRoutes: readonly AnyRoute[] = [
  route({
    ...{ method: 'POST', path: '/workflows/processes', ...designing },
    summary: 'Keep drafts from a BPMN 2.0 file, one of each process in it, or one from steps in order',
    body: z.union([z.strictObject({ bpmn: z.string().min(1) }), z.strictObject({ steps: stepsSchema })]),
    answers: { 201: z.object({ items: z.array(processSchema) }) },
    handle: async (context, { body }) => ({ body: { items: (await draftProcess(context, body)).map(shown) } }),
  }),
  route({
    ...{ method: 'POST', path: '/workflows/processes/:id/publish', ...designing },
    summary: 'Put a version in force; an unsound one is refused with the path that shows it',
    params: idParams,
    answers: { 200: processSchema },
    handle: async (context, { params }) => ({ body: shown(await publishProcess(context, params.id)) }),
  }),
  route({
    ...{ method: 'POST', path: '/workflows/processes/:id/retire', ...designing },
    summary: 'Take a version out of force; what runs on it goes on',
    params: idParams,
    answers: { 200: processSchema },
    handle: async (context, { params }) => ({ body: shown(await retireProcess(context, params.id)) }),
  }),
  route({
    ...{ method: 'POST', path: '/workflows/instances', ...designing },
    summary: 'Start a published process; whoever starts it decides none of it',
    body: z.strictObject({
      ...{ process: codeSchema, title: nameSchema, variables: valuesSchema.default({}) },
      ...{ currency: currencySchema.optional(), at: codeSchema.optional() },
    }),
    answers: { 201: z.object({ id: idSchema }) },
    handle: async (context, { body }) => ({ body: { id: await startProcess(context, body) } }),
  }),
];

/** The routes of processes that administrators draw. */
export const processRoutes: readonly AnyRoute[] = [...readingRoutes, ...changingRoutes];
