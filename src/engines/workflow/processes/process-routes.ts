import { z } from 'zod';
import type { Context } from '#context';
import { type AnyRoute, codeSchema, currencySchema, idParams, idSchema, nameSchema, route } from '#http';
import { notFound } from '#problem';
import { layOut } from '../definitions/lay-out.ts';
import type { ProcessModel } from '../definitions/process-model.ts';
import { writeBpmn } from '../definitions/write-bpmn.ts';
import { valuesSchema } from '../instances/values-schema.ts';
import { workflowParts } from '../instances/workflow-parts.ts';
import { designing, versionJson, versionRoutes, versionSchema } from '../versions/version-routes.ts';
import { findInForce, findVersion } from '../versions/version-store.ts';
import { checkProcess } from './check-process.ts';
import { draftProcess } from './draft-process.ts';
import { draftSourceSchema } from './draft-source.ts';
import { drawingRoutes, findingsSchema, unsupportedSchema } from './drawing-routes.ts';
import { misfitOf } from './process-of-record.ts';
import { publishProcess, retireProcess } from './publish-process.ts';
import { shippedProcess } from './shipped-process.ts';
import { startProcess } from './start-process.ts';
import { tellMessage } from './tell-message.ts';

const detailSchema = versionSchema.extend({
  /** Variables, nodes and flows as `process-model.ts` has them. */
  model: z.record(z.string(), z.unknown()),
  /** Positions in pixels by id of node or flow. */
  diagram: z.record(z.string(), z.unknown()),
  ...{ unsupported: unsupportedSchema, findings: findingsSchema },
});

async function findWhole(context: Context, id: string) {
  const found = await context.db.read(context, (tx) => findVersion<ProcessModel>(tx, 'process', id));
  const { model, diagram, source, unsupported, ...version } = found ?? notFound('process', id);
  const drawn = diagram ?? layOut(model.body);
  return { version, model, whole: { ...model, diagram: drawn, unsupported, ...(source === null ? {} : { source }) } };
}

/** A process that ships, drawn, so that a version of one's own can begin with it. */
async function shippedJson(context: Context, code: string, title: string) {
  const model = shippedProcess(code) ?? notFound('process', code);
  const own = await context.db.read(context, (tx) => findInForce<ProcessModel>(tx, 'process', code));
  const misfit = own ? misfitOf(own) : null;
  return { code, title, bpmn: await writeBpmn([model]), ownId: own?.id ?? null, misfit };
}

/** Reading versions of processes. */
const readingRoutes: readonly AnyRoute[] = [
  route({
    ...{ method: 'GET', path: '/workflows/processes/shipped', ...designing },
    summary:
      'The processes that ship, as BPMN 2.0, each with the version of the tenant’s own that is in force in its place',
    answers: {
      200: z.object({
        items: z.array(
          z.object({
            ...{ code: z.string(), title: z.string(), bpmn: z.string(), ownId: idSchema.nullable() },
            /** Why records of the module do not begin on the own version. */
            misfit: z.string().nullable(),
          }),
        ),
      }),
    },
    handle: async (context) => {
      const shipped = workflowParts().processes.map(({ definition: { code, title } }) => ({ code, title }));
      return {
        body: { items: await Promise.all(shipped.map(({ code, title }) => shippedJson(context, code, title))) },
      };
    },
  }),
  route({
    ...{ method: 'GET', path: '/workflows/processes/:id', ...designing },
    summary: 'Read a version of a process: its model, diagram, and what keeps it from being published',
    params: idParams,
    answers: { 200: detailSchema },
    handle: async (context, { params }) => {
      const { version, model, whole } = await findWhole(context, params.id);
      const { diagram, unsupported } = whole;
      return { body: { ...versionJson(version), model, diagram, unsupported, findings: checkProcess(whole) } };
    },
  }),
  route({
    ...{ method: 'GET', path: '/workflows/processes/:id/bpmn', ...designing },
    summary: 'Export a version of a process as BPMN 2.0 with its diagram',
    params: idParams,
    answers: { 200: z.object({ bpmn: z.string() }) },
    handle: async (context, { params }) => ({
      body: { bpmn: await writeBpmn([(await findWhole(context, params.id)).whole]) },
    }),
  }),
];

/** Changing and starting processes. */
const changingRoutes: readonly AnyRoute[] = [
  route({
    ...{ method: 'POST', path: '/workflows/processes', ...designing },
    summary: 'Keep drafts from a BPMN 2.0 file, one of each process in it, or one from steps in order',
    body: draftSourceSchema,
    answers: { 201: z.object({ items: z.array(versionSchema) }) },
    handle: async (context, { body }) => ({ body: { items: (await draftProcess(context, body)).map(versionJson) } }),
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

const messageRoute = route({
  ...{ method: 'POST', path: '/workflows/messages', ...designing },
  summary:
    'Tell a message from outside: the process that waits for it goes on, or one begins; told twice it does nothing twice',
  body: z.strictObject({
    ...{ name: nameSchema, correlation: nameSchema.optional(), messageId: nameSchema },
    variables: valuesSchema.default({}),
  }),
  answers: { 200: z.object({ instanceId: idSchema, began: z.boolean(), repeated: z.boolean() }) },
  handle: async (context, { body }) => ({ body: await tellMessage(context, body) }),
});

/** The routes of processes that administrators draw. */
export const processRoutes: readonly AnyRoute[] = [
  ...versionRoutes('process', { publish: publishProcess, retire: retireProcess }),
  ...drawingRoutes,
  ...readingRoutes,
  ...changingRoutes,
  messageRoute,
];
