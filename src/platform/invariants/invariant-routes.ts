import { z } from 'zod';
import { type AnyRoute, idSchema, listQuery, pageOf, route } from '#http';
import type { Invariant } from '#module';
import { checkEveryMs } from './check-invariants.ts';
import { listBreaches, readOpenBreaches, readResults } from './invariant-store.ts';

const breachSchema = z.object({ subject: z.string(), detail: z.string() });
const instantSchema = z.iso.datetime();

const invariantSchema = z.object({
  name: z.string(),
  statement: z.string(),
  state: z.enum(['holds', 'broken', 'unchecked']).describe('unchecked: not looked at yet, or the look did not work'),
  since: instantSchema.nullable(),
  checkedAt: instantSchema.nullable(),
  tookMs: z.number().int().nullable(),
  failure: z.string().nullable(),
  breaches: z.array(breachSchema.extend({ openedAt: instantSchema })),
});

const changeSchema = breachSchema.extend({
  id: idSchema,
  name: z.string(),
  change: z.enum(['opened', 'closed']),
  at: instantSchema,
});

/** What the page of invariants reads. */
export function invariantRoutes(invariants: readonly Invariant[]): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/monitoring/invariants',
      summary: 'What must hold of the books at every moment, and how it stood when it was last checked',
      access: 'monitoring:read',
      reach: 'tenant',
      answers: {
        200: z.object({ checkedEverySeconds: z.number().int(), items: z.array(invariantSchema) }),
      },
      handle: async (context) => {
        const { results, open } = await context.db.read(context, async (tx) => ({
          results: new Map((await readResults(tx)).map((result) => [result.name, result])),
          open: await readOpenBreaches(tx),
        }));
        const items = invariants.map(({ name, statement }) => {
          const last = results.get(name);
          return {
            ...{ name, statement, state: last?.state ?? 'unchecked', failure: last?.failure ?? null },
            since: last?.since.toISOString() ?? null,
            checkedAt: last?.checkedAt.toISOString() ?? null,
            tookMs: last?.tookMs ?? null,
            breaches: open
              .filter((breach) => breach.name === name)
              .map(({ subject, detail, openedAt }) => ({ subject, detail, openedAt: openedAt.toISOString() })),
          };
        });
        return { body: { checkedEverySeconds: checkEveryMs / 1_000, items } };
      },
    }),
    route({
      method: 'GET',
      path: '/monitoring/invariants/breaches',
      summary: 'When each breach was found and when it was gone, newest first',
      access: 'monitoring:read',
      reach: 'tenant',
      query: listQuery,
      answers: { 200: pageOf(changeSchema) },
      handle: async (context, { query }) => {
        const page = await context.db.read(context, (tx) => listBreaches(tx, query));
        return { body: { ...page, items: page.items.map((item) => ({ ...item, at: item.at.toISOString() })) } };
      },
    }),
  ];
}
