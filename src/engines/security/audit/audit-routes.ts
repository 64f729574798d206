import { z } from 'zod';
import { type AnyRoute, dateSchema, idSchema, listQueryShape, pageOf, route } from '#http';
import { listAudit } from './list-audit.ts';

const momentSchema = z.union([dateSchema, z.iso.datetime({ offset: true })]);
const filterText = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]*$/u, 'must not hold control characters');

const auditItemSchema = z.object({
  id: z.string(),
  at: z.string(),
  actorId: z.string(),
  actorName: z.string(),
  onBehalfOf: z.string().nullable(),
  action: z.string(),
  entityType: z.string(),
  entityId: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  reason: z.string().nullable(),
  requestId: z.string(),
});

/** `/audit`: who changed what, when and why. */
export const auditRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/audit',
    summary: 'The audit trail, newest first',
    access: 'audit:read',
    query: z.strictObject({
      ...listQueryShape,
      entityType: filterText.optional(),
      entityId: filterText.optional(),
      actorId: idSchema.optional(),
      action: filterText.optional(),
      from: momentSchema.optional(),
      to: momentSchema.optional(),
    }),
    answers: { 200: pageOf(auditItemSchema) },
    handle: async (context, { query }) => ({
      body: await context.db.read(context, (tx) => listAudit(tx, query, query)),
    }),
  }),
];
