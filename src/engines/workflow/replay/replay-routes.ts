import { z } from 'zod';
import type { ListRequest } from '#db';
import { type AnyRoute, idParams, idSchema, listQueryShape, nameSchema, pageOf, route } from '#http';
import { notFound } from '#problem';
import { designing } from '../versions/version-routes.ts';
import { findVersion, type Kind } from '../versions/version-store.ts';
import { differences } from './compare-approval.ts';
import * as store from './replay-store.ts';
import { cancelReplay, requestReplay } from './request-replay.ts';

const count = z.int();
const tally = { approvals: count, moreSteps: count, fewerSteps: count, breaches: count };
const summarySchema = z.object({
  ...{ approvals: count, same: count, stepsThen: count, stepsNow: count },
  differences: z.record(z.string(), count),
  breaches: z.record(z.string(), count),
  steps: z.array(
    z.object({
      step: z.string(),
      before: count,
      after: count,
      added: count,
      dropped: count,
      alone: count,
      nobody: count,
    }),
  ),
  rows: z.array(z.object({ row: count, ...tally })),
  people: z.array(z.object({ personId: idSchema, took: count, still: count, could: count })),
  groups: z.array(z.object({ group: z.string(), ...tally })),
  stopped: z.array(z.object({ why: z.string(), approvals: count })),
});

const replaySchema = z.object({
  ...{ id: idSchema, kind: z.enum(['decision', 'process']), versionId: idSchema, code: z.string(), version: count },
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  ...{ groupBy: z.string().nullable(), requestedBy: idSchema, requestedAt: z.iso.datetime() },
  ...{ endedAt: z.iso.datetime().nullable(), approvals: count, replayed: count, failure: z.string().nullable() },
  /** Null until it is done. */
  summary: summarySchema.nullable(),
});

const outcome = z.string().nullable();
const listedSchema = z.object({
  /** Of the instance. */
  id: idSchema,
  ...{ definition: z.string(), title: z.string(), subjectType: z.string(), subjectId: idSchema },
  ...{ endedAt: z.iso.datetime(), group: z.string().nullable(), stepsThen: count, stepsNow: count },
  ...{ outcomeThen: outcome, outcomeNow: outcome, rows: z.array(count), differences: z.array(z.enum(differences)) },
  breaches: z.array(z.object({ kind: z.string(), step: z.string().nullable(), people: z.array(idSchema) })),
  steps: z.array(
    z.object({
      ...{ step: z.string(), is: z.enum(['kept', 'added', 'dropped']), by: idSchema.nullable() },
      ...{ barred: z.string().nullable(), may: count, people: z.array(idSchema) },
    }),
  ),
  stopped: z.string().nullable(),
});

const replayJson = ({ requestedAt, endedAt, ...replay }: store.Replay) => ({
  ...replay,
  requestedAt: requestedAt.toISOString(),
  endedAt: endedAt?.toISOString() ?? null,
});

/** Replays of the versions of a kind. */
function replaysOf(kind: Kind): AnyRoute[] {
  const path = kind === 'process' ? '/workflows/processes/:id/replays' : '/workflows/decisions/:id/replays';
  return [
    route({
      ...{ method: 'POST', path, ...designing },
      summary: `Play a version of a ${kind} over all past approvals, beside the server's work`,
      params: idParams,
      /** `groupBy`: what of an instance's summary approvals are counted by, beside all else. */
      body: z.strictObject({ groupBy: nameSchema.optional() }),
      answers: { 202: replaySchema },
      handle: async (context, { params, body }) => ({
        body: replayJson(await requestReplay(context, kind, params.id, body.groupBy ?? null)),
      }),
    }),
    route({
      ...{ method: 'GET', path, ...designing },
      summary: `List replays of a version of a ${kind}, the latest first`,
      params: idParams,
      query: z.strictObject(listQueryShape),
      answers: { 200: pageOf(replaySchema) },
      handle: async (context, { params, query }) => {
        const page = await context.db.read(context, async (tx) => {
          if (!(await findVersion(tx, kind, params.id))) notFound(kind, params.id);
          return store.listReplays(tx, query as ListRequest, params.id);
        });
        return { body: { ...page, items: page.items.map(replayJson) } };
      },
    }),
  ];
}

/** The routes of replays. */
export const replayRoutes: readonly AnyRoute[] = [
  ...replaysOf('decision'),
  ...replaysOf('process'),
  route({
    ...{ method: 'GET', path: '/workflows/replays/:id', ...designing },
    summary: 'Read a replay: how far it is, and what it came to',
    params: idParams,
    answers: { 200: replaySchema },
    handle: async (context, { params }) => {
      const found = await context.db.read(context, (tx) => store.findReplay(tx, params.id));
      return { body: replayJson(found ?? notFound('replay', params.id)) };
    },
  }),
  route({
    ...{ method: 'GET', path: '/workflows/replays/:id/approvals', ...designing },
    summary: 'List past approvals that come out otherwise: who took them, who could, what breaks the rules of then',
    params: idParams,
    query: z.strictObject({
      ...listQueryShape,
      difference: z.enum(differences).optional(),
      ...{ breach: nameSchema.optional(), step: nameSchema.optional(), group: nameSchema.optional() },
      row: z.coerce.number().int().min(1).max(10_000).optional(),
    }),
    answers: { 200: pageOf(listedSchema) },
    handle: async (context, { params, query }) => {
      const { limit, cursor, sort, ...filter } = query;
      const page = await context.db.read(context, async (tx) => {
        if (!(await store.findReplay(tx, params.id))) notFound('replay', params.id);
        return store.listReplayed(tx, params.id, { limit, cursor, sort }, filter);
      });
      const items = page.items.map(({ endedAt, ...one }) => ({ ...one, endedAt: endedAt.toISOString() }));
      return { body: { ...page, items } };
    },
  }),
  route({
    ...{ method: 'POST', path: '/workflows/replays/:id/cancel', ...designing },
    summary: 'Break a replay off',
    params: idParams,
    answers: { 200: replaySchema },
    handle: async (context, { params }) => ({ body: replayJson(await cancelReplay(context, params.id)) }),
  }),
];
