import { z } from 'zod';
import type { Context } from '#context';
import { type AnyRoute, idParams, nameSchema, route } from '#http';
import { notFound } from '#problem';
import { decide } from '../decisions/decide.ts';
import { compileModel } from '../decisions/dmn/compile-model.ts';
import { decisionTableSchema } from '../decisions/dmn/table-schema.ts';
import { writeDmn } from '../decisions/dmn/write-dmn.ts';
import { valuesSchema } from '../instances/values-schema.ts';
import { workflowParts } from '../instances/workflow-parts.ts';
import { designing, processCodeSchema, versionJson, versionRoutes, versionSchema } from '../versions/version-routes.ts';
import { findVersion } from '../versions/version-store.ts';
import { checkShipped } from './check-shipped.ts';
import { contentOf, draftDecision } from './draft-decision.ts';
import { checkDecision, compiledByHash, type KeptDecision } from './kept-decision.ts';
import { publishDecision, retireDecision } from './publish-decision.ts';

const draftSchema = z.union([
  z.strictObject({
    ...{ code: processCodeSchema, title: nameSchema, table: decisionTableSchema },
    inputs: z.array(z.strictObject({ name: nameSchema, type: nameSchema.optional() })).max(50),
  }),
  z.strictObject({ code: processCodeSchema, title: nameSchema, dmn: z.string().min(1), decision: nameSchema }),
]);

const findingsSchema = z.array(
  z.object({ kind: z.string(), rows: z.array(z.int()), message: z.string(), blocks: z.boolean() }),
);

const shippedSchema = z.object({
  ...{ code: z.string(), title: z.string() },
  inputs: z.array(z.object({ name: z.string(), type: z.string().optional() })),
  table: decisionTableSchema,
});

const detailSchema = versionSchema.extend({
  decision: z.string(),
  /** As `dmn-model.ts` has it. */
  model: z.record(z.string(), z.unknown()),
  findings: findingsSchema,
});

const answerSchema = z.object({
  value: z.unknown(),
  tables: z.array(
    z.object({
      table: z.string(),
      inputs: z.array(z.object({ label: z.string(), value: z.unknown() })),
      matched: z.array(z.object({ id: z.string(), row: z.int() })),
      result: z.unknown(),
    }),
  ),
  /** Why something came to null. */
  notes: z.array(z.string()),
});

const find = async (context: Context, id: string) =>
  (await context.db.read(context, (tx) => findVersion<KeptDecision>(tx, 'decision', id))) ?? notFound('decision', id);

/** The routes of decisions that administrators keep. */
export const rulebookRoutes: readonly AnyRoute[] = [
  ...versionRoutes('decision', { publish: publishDecision, retire: retireDecision }),
  route({
    ...{ method: 'POST', path: '/workflows/decisions', ...designing },
    summary: 'Keep a draft of a decision: a table over inputs, or one of the decisions of a DMN file',
    body: draftSchema,
    answers: { 201: versionSchema },
    handle: async (context, { body }) => ({ body: versionJson(await draftDecision(context, body)) }),
  }),
  route({
    ...{ method: 'POST', path: '/workflows/decisions/check', ...designing },
    summary: 'Look a decision through that is not kept yet: what its author should see, and its answer to some inputs',
    body: z.strictObject({ draft: draftSchema, inputs: valuesSchema.optional() }),
    answers: { 200: z.object({ findings: findingsSchema, answer: answerSchema.nullable() }) },
    handle: async (context, { body: { draft, inputs } }) => {
      const { model: kept, unsupported } = await contentOf(draft);
      const findings = checkDecision(kept, unsupported);
      const options = { now: context.clock.now() };
      const answer = inputs ? decide(compileModel(kept.model), kept.decision, inputs, options) : null;
      return { body: { findings, answer } };
    },
  }),
  route({
    ...{ method: 'GET', path: '/workflows/decisions/shipped', ...designing },
    summary: 'List decisions that come with the product: each is in force until a version of its code is published',
    answers: { 200: z.object({ items: z.array(shippedSchema) }) },
    handle: async () => ({ body: { items: [...workflowParts().decisions] } }),
  }),
  route({
    ...{ method: 'GET', path: '/workflows/decisions/:id', ...designing },
    summary: 'Read a version of a decision: its model, and what its author should see',
    params: idParams,
    answers: { 200: detailSchema },
    handle: async (context, { params }) => {
      const { model: kept, unsupported, ...version } = await find(context, params.id);
      const { decision, model } = kept;
      const findings = [...checkDecision(kept, unsupported), ...checkShipped(version.code, kept)];
      return { body: { ...versionJson(version), decision, model, findings } };
    },
  }),
  route({
    ...{ method: 'GET', path: '/workflows/decisions/:id/dmn', ...designing },
    summary: 'Export a version of a decision as DMN',
    params: idParams,
    answers: { 200: z.object({ dmn: z.string() }) },
    handle: async (context, { params }) => {
      const { model, source } = await find(context, params.id);
      return { body: { dmn: await writeDmn(model.model, source ?? undefined) } };
    },
  }),
  route({
    ...{ method: 'POST', path: '/workflows/decisions/:id/try', ...designing },
    summary: 'Ask a version of a decision without anything coming of it: the answer, by which rows, and why not',
    params: idParams,
    body: z.strictObject({ inputs: valuesSchema }),
    answers: { 200: answerSchema },
    handle: async (context, { params, body }) => {
      const { hash, model } = await find(context, params.id);
      const compiled = compiledByHash(hash, model.model);
      return { body: decide(compiled, model.decision, body.inputs, { now: context.clock.now() }) };
    },
  }),
];
