import { z } from 'zod';
import { sql } from '#db';
import { type AnyRoute, idSchema, nameSchema, route } from '#http';
import { type Subject, type SubjectRow, searchSubject } from './subject.ts';

/** Hits of one kind: enough to see the right one, few enough to read while typing. */
const hitsPerKind = 6;
/** One types on meanwhile: a search that takes longer is of no use to anybody. */
const searchLimitMs = 2_000;

/** Search over everything that has a code or a name. */
export function searchRoutes(subjects: readonly Subject[]): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/search',
      summary: 'Things whose code, name or reference holds a text, by kind; only kinds that the caller may read',
      access: 'authenticated',
      query: z.strictObject({ q: nameSchema }),
      answers: {
        200: z.object({
          groups: z.array(
            z.object({
              type: z.string(),
              items: z.array(
                z.object({ id: idSchema, code: z.string(), name: z.string(), state: z.string().nullable() }),
              ),
            }),
          ),
        }),
      },
      handle: async (context, { query }) => {
        const readable = subjects.filter(
          ({ searched, permission }) => searched !== false && context.actor.permissions.has(permission),
        );
        const groups = await context.db.read(context, async (tx) => {
          await tx.run(sql`select set_config('statement_timeout', ${String(searchLimitMs)}, true)`);
          const found: { type: string; items: SubjectRow[] }[] = [];
          for (const subject of readable) {
            const items = await searchSubject(tx, subject, query.q, hitsPerKind);
            if (items.length > 0) found.push({ type: subject.type, items });
          }
          return found;
        });
        return { body: { groups } };
      },
    }),
  ];
}
