import { z } from 'zod';
import type { Context } from '#context';
import { type ListRequest, sql } from '#db';
import { type AnyRoute, idParams, idSchema, listQueryShape, nameSchema, pageOf, route } from '#http';
import { keepInForce } from './change-version.ts';
import { type PublishingState, readPublishing, setPublishing } from './four-eyes.ts';
import { type Kind, listVersions, type Version } from './version-store.ts';

/** Who designs processes and decisions sees all of them. */
export const designing = { access: 'workflows:design', reach: 'tenant' } as const;

/** What versions of one process or decision share. */
export const processCodeSchema = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be small letters, digits and single hyphens')
  .max(60);

/** A version as routes answer it. */
export const versionSchema = z.object({
  ...{ id: idSchema, code: z.string(), version: z.int(), title: z.string(), hash: z.string() },
  state: z.enum(['draft', 'published', 'retired']),
  ...{ madeAt: z.iso.datetime(), madeBy: idSchema },
  ...{ publishedAt: z.iso.datetime().nullable(), publishedBy: idSchema.nullable() },
  ...{ retiredAt: z.iso.datetime().nullable(), retiredBy: idSchema.nullable() },
  /** Who asks that it goes out of force, or a retired one into it again; somebody else says yes by doing the same. */
  ...{ askedAt: z.iso.datetime().nullable(), askedBy: idSchema.nullable() },
});

/** A version as {@link versionSchema} has it. */
export const versionJson = (row: Version) => ({
  ...{ id: row.id, code: row.code, version: row.version, title: row.title, hash: row.hash, state: row.state },
  ...{ madeAt: row.madeAt.toISOString(), madeBy: row.madeBy },
  ...{ publishedAt: row.publishedAt?.toISOString() ?? null, publishedBy: row.publishedBy },
  ...{ retiredAt: row.retiredAt?.toISOString() ?? null, retiredBy: row.retiredBy },
  ...{ askedAt: row.askedAt?.toISOString() ?? null, askedBy: row.askedBy },
});

/** What is done with versions of a kind, by id. */
interface VersionActs {
  publish(context: Context, id: string): Promise<Version>;
  retire(context: Context, id: string): Promise<Version>;
}

/** The routes that versions of every kind have: the list, coming into force and going out of it. */
export function versionRoutes(kind: Kind, { publish, retire }: VersionActs): AnyRoute[] {
  const path = kind === 'process' ? '/workflows/processes' : '/workflows/decisions';
  return [
    route({
      ...{ method: 'GET', path, ...designing },
      summary: `List versions of each ${kind} that administrators keep`,
      query: z.strictObject({
        ...listQueryShape,
        code: nameSchema.optional(),
        state: z.enum(['draft', 'published', 'retired', 'all']).default('all'),
      }),
      answers: { 200: pageOf(versionSchema) },
      handle: async (context, { query }) => {
        const where = [
          ...(query.code === undefined ? [] : [sql`code = ${query.code}`]),
          ...(query.state === 'all' ? [] : [sql`state = ${query.state}`]),
        ];
        const page = await context.db.read(context, (tx) => listVersions(tx, kind, query as ListRequest, where));
        return { body: { ...page, items: page.items.map(versionJson) } };
      },
    }),
    route({
      ...{ method: 'POST', path: `${path}/:id/publish`, ...designing },
      summary: `Put a version of a ${kind} in force; one that cannot be used is refused with what shows it`,
      params: idParams,
      answers: { 200: versionSchema },
      handle: async (context, { params }) => ({ body: versionJson(await publish(context, params.id)) }),
    }),
    route({
      ...{ method: 'POST', path: `${path}/:id/retire`, ...designing },
      summary: `Take a version of a ${kind} out of force, or ask a second person to`,
      params: idParams,
      answers: { 200: versionSchema },
      handle: async (context, { params }) => ({ body: versionJson(await retire(context, params.id)) }),
    }),
    route({
      ...{ method: 'POST', path: `${path}/:id/keep`, ...designing },
      summary: `Leave a version of a ${kind} in or out of force as it is, though somebody asked for something else`,
      params: idParams,
      answers: { 200: versionSchema },
      handle: async (context, { params }) => ({ body: versionJson(await keepInForce(context, kind, params.id)) }),
    }),
  ];
}

const publishingSchema = z.object({
  rule: z.enum(['second', 'alone']).nullable(),
  inForce: z.enum(['second', 'alone']),
  ...{ designers: z.int(), version: z.int() },
});
const answerPublishing = (state: PublishingState) => ({ version: state.version, body: state });

/** Who publishes what somebody drafted. */
export const publishingRoutes: readonly AnyRoute[] = [
  route({
    ...{ method: 'GET', path: '/workflows/publishing', ...designing },
    summary: 'Read whether whoever drafted a process or a decision may also publish it',
    answers: { 200: publishingSchema },
    handle: async (context) => answerPublishing(await context.db.read(context, readPublishing)),
  }),
  route({
    ...{ method: 'PUT', path: '/workflows/publishing', ...designing },
    summary:
      'Say whether whoever drafted a process or a decision may also publish it; nobody gains by saying so themselves',
    body: z.strictObject({ rule: z.enum(['second', 'alone']) }),
    answers: { 200: publishingSchema },
    handle: async (context, { body, ifMatch }) => answerPublishing(await setPublishing(context, body.rule, ifMatch)),
  }),
];
