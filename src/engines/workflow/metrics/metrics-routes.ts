import { z } from 'zod';
import { type AnyRoute, codeSchema, dateSchema, idSchema, listQueryShape, pageOf, route } from '#http';
import { designing } from '../versions/version-routes.ts';
import { glanceAt } from './metrics-store.ts';
import { listCohort } from './path-store.ts';
import { cohortOfAsked, readMetrics, readPaths, spanOf } from './read-metrics.ts';

const spreadSchema = z.object({ p50: z.int().nullable(), p90: z.int().nullable(), total: z.int() });
const endingSchema = z.object({
  state: z.enum(['completed', 'cancelled', 'failed']),
  ...{ outcome: z.string().nullable(), count: z.int() },
});
const periodShape = { from: dateSchema, to: dateSchema };
const periodQuery = { from: dateSchema.optional(), to: dateSchema.optional() };
const hashSchema = z.string().regex(/^[0-9a-f]{64}$/, 'is a content hash');
const askedQuery = { ...periodQuery, process: codeSchema, hash: hashSchema.optional() };

const stepSchema = z.object({
  ...{ step: z.string(), opened: z.int(), decided: z.int(), withdrawn: z.int(), late: z.int() },
  ...{ cycleMs: spreadSchema, waitingMs: spreadSchema, workingMs: spreadSchema },
  ...{ businessCycleMs: spreadSchema, businessWaitingMs: spreadSchema },
});
const metricsSchema = z.object({
  ...periodShape,
  /** How many ended in the period; `instances` of them, the newest, were counted. */
  ...{ ended: z.int(), instances: z.int(), cycleMs: spreadSchema, businessCycleMs: spreadSchema },
  endings: z.array(endingSchema),
  versions: z.array(z.object({ hash: z.string(), version: z.int().nullable(), instances: z.int() })),
  steps: z.array(stepSchema),
  stepOutcomes: z.array(z.object({ step: z.string(), outcome: z.string(), count: z.int() })),
  load: z.array(
    z.object({
      ...{ personId: idSchema.nullable(), decided: z.int(), voted: z.int(), late: z.int(), cycleMs: spreadSchema },
    }),
  ),
  queues: z.array(
    z.object({
      ...{ step: z.string(), open: z.int(), taken: z.int(), late: z.int(), oldestAt: z.iso.datetime() },
      ageMs: spreadSchema,
    }),
  ),
});
const pathsSchema = z.object({
  ...periodShape,
  ways: z.int(),
  variants: z.array(
    z.object({
      ...{ key: z.string(), steps: z.array(z.string()), length: z.int(), ending: z.string(), instances: z.int() },
      cycleMs: spreadSchema,
    }),
  ),
  follows: z.array(z.object({ from: z.string().nullable(), to: z.string().nullable(), count: z.int() })),
  repeats: z.array(z.object({ step: z.string(), instances: z.int(), extra: z.int() })),
  returns: z.array(
    z.object({ ending: z.string(), step: z.string().nullable(), instances: z.int(), gapMs: spreadSchema }),
  ),
  rounds: z.array(z.object({ rounds: z.int(), subjects: z.int() })),
});

/** What processes took and where they wait; it names people and what they did, so it is for those who design processes. */
export const metricsRoutes: readonly AnyRoute[] = [
  route({
    ...{ method: 'GET', path: '/workflows/metrics', ...designing },
    summary:
      'Read what ended of every process in a period and how long it took; the last 90 days unless told otherwise',
    query: z.strictObject(periodQuery),
    answers: {
      200: z.object({
        ...periodShape,
        items: z.array(
          z.object({
            ...{ process: z.string(), ended: z.int(), running: z.int(), cycleMs: spreadSchema },
            endings: z.array(endingSchema),
          }),
        ),
      }),
    },
    handle: async (context, { query }) => {
      const { span, ...period } = spanOf(context, query);
      return { body: { ...period, items: await context.db.read(context, (tx) => glanceAt(tx, span.from, span.to)) } };
    },
  }),
  route({
    ...{ method: 'GET', path: '/workflows/metrics/steps', ...designing },
    summary:
      'Read what each step of a process took of those that ended in a period, who carried it, and what waits now',
    query: z.strictObject({ ...askedQuery, calendar: codeSchema.optional() }),
    answers: { 200: metricsSchema },
    handle: async (context, { query }) => {
      const { span: _span, ...period } = spanOf(context, query);
      const { queues, ...metrics } = await context.db.read(context, (tx) => readMetrics(tx, query));
      const waiting = queues.map((queue) => ({ ...queue, oldestAt: queue.oldestAt.toISOString() }));
      return { body: { ...period, ...metrics, queues: waiting } };
    },
  }),
  route({
    ...{ method: 'GET', path: '/workflows/metrics/paths', ...designing },
    summary: 'Read the ways that instances of a process took: variants, what followed what, and what was done again',
    query: z.strictObject(askedQuery),
    answers: { 200: pathsSchema },
    handle: async (context, { query }) => {
      const { span: _span, ...period } = spanOf(context, query);
      return { body: { ...period, ...(await context.db.read(context, (tx) => readPaths(tx, query))) } };
    },
  }),
  route({
    ...{ method: 'GET', path: '/workflows/metrics/instances', ...designing },
    summary: 'List the instances behind a figure: of one way, that were late at a step, or came to it again',
    query: z.strictObject({
      ...{ ...listQueryShape, ...askedQuery },
      way: z
        .string()
        .regex(/^[0-9a-f]{32}$/, 'is the key of a way')
        .optional(),
      ...{ step: codeSchema.optional(), next: codeSchema.optional() },
      what: z.enum(['decided', 'late', 'again']).default('decided'),
    }),
    answers: {
      200: pageOf(
        z.object({
          ...{ id: idSchema, title: z.string(), subjectType: z.string(), subjectId: idSchema, state: z.string() },
          ...{ outcome: z.string().nullable(), startedAt: z.iso.datetime(), endedAt: z.iso.datetime() },
        }),
      ),
    },
    handle: async (context, { query }) => {
      const { limit, cursor, sort, way, step, next, what, ...asked } = query;
      const page = await context.db.read(context, (tx) =>
        listCohort(tx, cohortOfAsked(context, asked), { way, step, next, what }, { limit, cursor, sort }),
      );
      const items = page.items.map(({ startedAt, endedAt, ...row }) => ({
        ...{ ...row, startedAt: startedAt.toISOString(), endedAt: endedAt.toISOString() },
      }));
      return { body: { ...page, items } };
    },
  }),
];
