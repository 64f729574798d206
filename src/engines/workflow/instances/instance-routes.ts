import { z } from 'zod';
import type { Context } from '#context';
import { type ListRequest, sql } from '#db';
import { type AnyRoute, idParams, idSchema, listQueryShape, nameSchema, noteSchema, pageOf, route } from '#http';
import { notFound } from '#problem';
import { layOut } from '../definitions/lay-out.ts';
import { writeBpmn } from '../definitions/write-bpmn.ts';
import { findDrawing } from '../versions/version-store.ts';
import { ballotsOf, type Task, tasksOf } from '../workflow-store.ts';
import { cancelInstance, retryIncident, signalInstance } from './act-on-instance.ts';
import { incidentsOf } from './incident-store.ts';
import type { InstanceState } from './instance-state.ts';
import * as instances from './instance-store.ts';
import { modelByHash, positionAtStep } from './running-model.ts';
import { valuesSchema } from './values-schema.ts';
import type { Tx } from './workflow-parts.ts';

const instanceShape = {
  id: idSchema,
  definition: z.string(),
  subjectType: z.string(),
  subjectId: idSchema,
  title: z.string(),
  state: z.enum(['running', 'completed', 'cancelled', 'failed']),
  outcome: z.string().nullable(),
  step: z.string().nullable(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  parentInstanceId: idSchema.nullable(),
};
const listedSchema = z.object({ ...instanceShape, incidents: z.int() });

const tokenSchema = z.object({ token: z.int(), node: z.string(), rests: z.enum(['outside', 'join', 'incident']) });
const happenedSchema = z.object({
  at: z.iso.datetime(),
  what: z.string(),
  node: z.string().nullable(),
  personId: idSchema.nullable(),
  outcome: z.string().nullable(),
  text: z.string().nullable(),
});
const detailSchema = z.object({
  ...instanceShape,
  /** What it runs on, as the step function has it: nodes and flows by id. */
  model: z.record(z.string(), z.unknown()),
  variables: z.record(z.string(), z.unknown()),
  tokens: z.array(tokenSchema),
  waits: z.array(z.object({ token: z.int(), event: z.string(), kind: z.string(), name: z.string().nullable() })),
  tasks: z.array(
    z.object({
      ...{ id: idSchema, step: z.string(), token: z.int().nullable(), state: z.string() },
      ...{ assigneeId: idSchema.nullable(), dueAt: z.iso.datetime(), outcome: z.string().nullable() },
      ballots: z.array(z.object({ personId: idSchema, outcome: z.string() })),
      /** Why it was opened, and who may take it. */
      routing: z.record(z.string(), z.unknown()),
    }),
  ),
  incidents: z.array(
    z.object({
      ...{ id: idSchema, token: z.int(), node: z.string(), message: z.string(), raisedAt: z.iso.datetime() },
      ...{ resolvedAt: z.iso.datetime().nullable(), resolvedBy: idSchema.nullable(), note: z.string().nullable() },
    }),
  ),
  history: z.array(happenedSchema),
});

const shown = ({ id, definition, subjectType, subjectId, title, ...row }: instances.InstanceRow) => ({
  ...{ id, definition, subjectType, subjectId, title, state: row.state, outcome: row.outcome, step: row.step },
  startedAt: row.startedAt.toISOString(),
  endedAt: row.endedAt?.toISOString() ?? null,
  parentInstanceId: row.parentInstanceId,
});

/** What happened to an instance, oldest first. */
function historyOf(
  row: instances.InstanceRow,
  tasks: readonly Task[],
  incidents: Awaited<ReturnType<typeof incidentsOf>>,
): z.infer<typeof happenedSchema>[] {
  const none = { node: null, personId: null, outcome: null, text: null };
  const history = [{ ...none, at: row.startedAt, what: 'started' }] as (Omit<z.infer<typeof happenedSchema>, 'at'> & {
    at: Date;
  })[];
  for (const { step, createdAt, completedAt, completedBy, outcome, comment } of tasks) {
    history.push({ ...none, at: createdAt, what: 'task.created', node: step });
    if (completedAt) {
      const decided = { node: step, personId: completedBy, outcome, text: comment };
      history.push({ at: completedAt, what: 'task.completed', ...decided });
    }
  }
  for (const { node, message, note, raisedAt, resolvedAt, resolvedBy } of incidents) {
    history.push({ ...none, at: raisedAt, what: 'incident.raised', node, text: message });
    if (resolvedAt)
      history.push({ ...none, at: resolvedAt, what: 'incident.resolved', node, personId: resolvedBy, text: note });
  }
  if (row.endedAt) history.push({ ...none, at: row.endedAt, what: row.state, outcome: row.outcome });
  return history
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .map(({ at, ...happened }) => ({ at: at.toISOString(), ...happened }));
}

const standing = ({ state, position, step, variables }: instances.InstanceRow): InstanceState =>
  position ?? positionAtStep(state === 'running' ? step : null, variables);

async function readDetail(tx: Tx, id: string): Promise<z.infer<typeof detailSchema>> {
  const row = (await instances.findInstance(tx, id)) ?? notFound('workflow instance', id);
  const tasks = await tasksOf(tx, id);
  const incidents = await incidentsOf(tx, id);
  const { model } = await modelByHash(row.hash, () => instances.readDefinition(tx, row.definition, row.hash));
  const position = standing(row);
  const tasksShown = [];
  for (const { id: taskId, step, token, state, assigneeId, dueAt, outcome, routing } of tasks) {
    const ballots = await ballotsOf(tx, taskId);
    const decided = { outcome, ballots, routing };
    tasksShown.push({ id: taskId, step, token, state, assigneeId, dueAt: dueAt.toISOString(), ...decided });
  }
  return {
    ...shown(row),
    model: { ...model },
    variables: position.runs[0]?.variables ?? {},
    tokens: position.tokens.map(({ id: token, node, rests = 'incident' }) => ({ token, node, rests })),
    waits: (await instances.waitsOf(tx, id)).map(({ token, event, kind, name }) => ({ token, event, kind, name })),
    tasks: tasksShown,
    incidents: incidents.map(({ instanceId: _instance, raisedAt, resolvedAt, ...incident }) => ({
      ...incident,
      raisedAt: raisedAt.toISOString(),
      resolvedAt: resolvedAt?.toISOString() ?? null,
    })),
    history: historyOf(row, tasks, incidents),
  };
}

/** What an instance runs on as a file with a diagram: that of its version, else one in columns. */
async function drawInstance(context: Context, id: string): Promise<string> {
  const whole = await context.db.read(context, async (tx) => {
    const { definition, hash } = (await instances.findInstance(tx, id)) ?? notFound('workflow instance', id);
    const { model } = await modelByHash(hash, () => instances.readDefinition(tx, definition, hash));
    const drawn = await findDrawing(tx, 'process', { code: definition, hash });
    const diagram = drawn?.diagram ?? layOut(model.body);
    return { ...model, diagram, ...(drawn?.source ? { source: drawn.source } : {}) };
  });
  return writeBpmn([whole]);
}

const doneSchema = z.object({ done: z.boolean() });

const listQuery = z.strictObject({
  ...listQueryShape,
  state: z.enum(['running', 'completed', 'cancelled', 'failed', 'all']).default('running'),
  definition: nameSchema.optional(),
  subjectId: idSchema.optional(),
  /** Only those that stopped for an administrator. */
  incident: z.enum(['true', 'false']).default('false'),
});

const listRoute = route({
  method: 'GET',
  path: '/workflows/instances',
  summary: 'List running and ended processes',
  access: 'workflows:act',
  query: listQuery,
  answers: { 200: pageOf(listedSchema) },
  handle: async (context, { query }) => {
    const { state, definition, subjectId } = query;
    const where = [
      ...(state === 'all' ? [] : [sql`instance.state = ${state}`]),
      ...(definition === undefined ? [] : [sql`instance.definition = ${definition}`]),
      ...(subjectId === undefined ? [] : [sql`instance.subject_id = ${subjectId}`]),
      ...(query.incident === 'true' ? [instances.hasIncident] : []),
    ];
    const page = await context.db.read(context, (tx) => instances.listInstances(tx, query as ListRequest, where));
    return {
      body: {
        items: page.items.map((row) => ({ ...shown(row), incidents: row.incidents })),
        nextCursor: page.nextCursor,
      },
    };
  },
});

/** The routes of running and ended processes. */
export const instanceRoutes: readonly AnyRoute[] = [
  listRoute,
  route({
    method: 'GET',
    path: '/workflows/instances/:id',
    summary: 'Read a process: where it stands, its tasks, incidents and history',
    access: 'workflows:act',
    params: idParams,
    answers: { 200: detailSchema },
    handle: async (context, { params }) => ({
      body: await context.db.read(context, (tx) => readDetail(tx, params.id)),
    }),
  }),
  route({
    method: 'GET',
    path: '/workflows/instances/:id/bpmn',
    summary: 'Read what a process runs on as BPMN 2.0 with its diagram; ids are those of its tokens and history',
    access: 'workflows:act',
    params: idParams,
    answers: { 200: z.object({ bpmn: z.string() }) },
    handle: async (context, { params }) => ({ body: { bpmn: await drawInstance(context, params.id) } }),
  }),
  route({
    method: 'POST',
    path: '/workflows/instances/:id/signal',
    summary:
      'Tell a process a message or signal that it waits for; done is false where it was told of that message before',
    access: 'workflows:design',
    params: idParams,
    body: z.strictObject({
      kind: z.enum(['message', 'signal']),
      name: nameSchema,
      correlation: nameSchema.optional(),
      content: valuesSchema.optional(),
      messageId: nameSchema.optional(),
    }),
    answers: { 200: doneSchema },
    handle: async (context, { params, body }) => ({ body: { done: await signalInstance(context, params.id, body) } }),
  }),
  route({
    method: 'POST',
    path: '/workflows/instances/:id/cancel',
    summary: 'End a process without an outcome',
    access: 'workflows:design',
    params: idParams,
    body: z.strictObject({ reason: noteSchema.min(1) }),
    answers: { 200: doneSchema },
    handle: async (context, { params, body }) => {
      await cancelInstance(context, params.id, body.reason);
      return { body: { done: true } };
    },
  }),
  route({
    method: 'POST',
    path: '/workflows/incidents/:id/retry',
    summary: 'Let a process go on where it stopped, with variables mended if need be',
    access: 'workflows:design',
    params: idParams,
    body: z.strictObject({ note: noteSchema.min(1), set: valuesSchema.optional() }),
    answers: { 200: doneSchema },
    handle: async (context, { params, body }) => {
      await retryIncident(context, params.id, body);
      return { body: { done: true } };
    },
  }),
];
