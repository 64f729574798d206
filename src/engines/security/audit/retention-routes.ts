import { z } from 'zod';
import type { TenantTx } from '#db';
import { type AnyRoute, idParams, noteSchema, route } from '#http';
import { keepingSchema, keptClassSchema, legalHoldSchema, retentionClassSchema } from './audit-schemas.ts';
import { changeKeeping, confirmKeeping, waitingKeepings, withdrawKeeping } from './change-keeping.ts';
import { holdTrail, releaseTrail } from './hold-trail.ts';
import { doubtsOfKeeping, legalHolds, readKeepingInForce } from './keeping-in-force.ts';
import { auditSecret } from './record-audit.ts';
import { type RetentionClass, retentionRules } from './retention.ts';
import { type Keeping, type LegalHold, oldestSpan, readDropped, readKeeping } from './retention-store.ts';

const keepingJson = (keeping: Keeping) => {
  const { what, leastDays } = retentionRules[keeping.retentionClass];
  return { ...keeping, what, leastDays };
};

async function keptClasses(tx: TenantTx) {
  const tenantId = tx.context.tenant.id;
  const kept = [];
  for (const keeping of await readKeeping(tx, tenantId)) {
    const oldest = await oldestSpan(tx, tenantId, keeping.retentionClass);
    const span = oldest && { from: oldest.startsAt.toISOString(), to: oldest.endsAt.toISOString() };
    kept.push({ ...keepingJson(keeping), oldest: span ?? null });
  }
  return kept;
}

const holdJson = (hold: LegalHold) => ({
  ...hold,
  placedAt: hold.placedAt.toISOString(),
  releasedAt: hold.releasedAt?.toISOString() ?? null,
});

/** `/audit/retention` and `/audit/legal-holds`: how long the trail is kept, and what stops anything from being dropped. */
export const retentionRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/audit/retention',
    summary:
      'How long each class of entries is kept online, the oldest there are, and what was dropped, each under a signed record',
    ...{ access: 'audit:read', reach: 'tenant' },
    answers: {
      200: z.object({
        items: z.array(keptClassSchema),
        doubts: z
          .array(z.string())
          .describe(
            'where the database says something else than the audit trail: nothing is dropped until it is mended',
          ),
        waiting: z
          .array(
            z.object({
              id: z.string(),
              retentionClass: z.string(),
              keepDays: z.number().int(),
              askedBy: z.string(),
              askedAt: z.iso.datetime(),
            }),
          )
          .describe('fewer days that wait for a second person'),
        dropped: z.array(
          z.object({
            retentionClass: z.string(),
            from: z.string(),
            to: z.string(),
            entries: z.number(),
            note: z.string(),
          }),
        ),
      }),
    },
    handle: async (context) => ({
      body: await context.db.read(context, async (tx) => ({
        items: await keptClasses(tx),
        doubts: await readKeepingInForce(tx, auditSecret(), context.tenant.id).then((inForce) =>
          doubtsOfKeeping(tx, context.tenant.id, inForce),
        ),
        waiting: await waitingKeepings(tx),
        dropped: (await readDropped(tx, context.tenant.id)).map(({ startsAt, endsAt, ...record }) => ({
          ...{ ...record, from: startsAt.toISOString(), to: endsAt.toISOString() },
        })),
      })),
    }),
  }),
  route({
    method: 'PUT',
    path: '/audit/retention',
    summary:
      'Set how many days a class of entries is kept online; 202 where financial entries below seven years wait for a second person',
    ...{ access: 'privacy:manage', reach: 'tenant' },
    proof: 'recent',
    body: z.strictObject({ retentionClass: retentionClassSchema, keepDays: z.number().int().min(1).max(36_600) }),
    answers: { 200: keepingSchema, 202: z.object({ waitingChangeId: z.string() }) },
    handle: async (context, { body }) => {
      const changed = await changeKeeping(context, body.retentionClass as RetentionClass, body.keepDays);
      if ('waiting' in changed) return { status: 202, body: { waitingChangeId: changed.waiting } };
      return { body: keepingJson(changed.inForce) };
    },
  }),
  route({
    method: 'POST',
    path: '/audit/retention/changes/:id/confirm',
    summary: 'Keep financial entries for fewer days, as somebody else asked for',
    ...{ access: 'privacy:manage', reach: 'tenant' },
    proof: 'recent',
    params: idParams,
    answers: { 200: keepingSchema },
    handle: async (context, { params }) => ({ body: keepingJson(await confirmKeeping(context, params.id)) }),
  }),
  route({
    method: 'DELETE',
    path: '/audit/retention/changes/:id',
    summary: 'Withdraw fewer days that wait for a second person',
    ...{ access: 'privacy:manage', reach: 'tenant' },
    params: idParams,
    answers: { 204: null },
    handle: async (context, { params }) => {
      await withdrawKeeping(context, params.id);
      return { status: 204 };
    },
  }),
  route({
    method: 'GET',
    path: '/audit/legal-holds',
    summary: 'Legal holds: while one stands, nothing of the trail is dropped',
    ...{ access: 'audit:read', reach: 'tenant' },
    answers: { 200: z.object({ items: z.array(legalHoldSchema) }) },
    handle: async (context) => ({
      body: { items: (await context.db.read(context, (tx) => legalHolds(tx, auditSecret()))).map(holdJson) },
    }),
  }),
  route({
    method: 'POST',
    path: '/audit/legal-holds',
    summary: 'Place a legal hold on the whole trail',
    ...{ access: 'privacy:manage', reach: 'tenant' },
    body: z.strictObject({ note: noteSchema.min(1) }),
    answers: { 201: legalHoldSchema },
    handle: async (context, { body }) => ({ body: holdJson(await holdTrail(context, body.note)) }),
  }),
  route({
    method: 'POST',
    path: '/audit/legal-holds/:id/release',
    summary: 'Release a legal hold',
    ...{ access: 'privacy:manage', reach: 'tenant' },
    proof: 'recent',
    params: idParams,
    body: z.strictObject({ note: noteSchema.min(1) }),
    answers: { 200: legalHoldSchema },
    handle: async (context, { params, body }) => ({
      body: holdJson(await releaseTrail(context, params.id, body.note)),
    }),
  }),
];
