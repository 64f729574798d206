import { z } from 'zod';
import { type AnyRoute, idParams, noteSchema, route } from '#http';
import { notFound, Problem } from '#problem';
import { keepingSchema, legalHoldSchema, retentionClassSchema } from './audit-schemas.ts';
import { recordAudit } from './record-audit.ts';
import { type RetentionClass, retentionRules } from './retention.ts';
import {
  endLegalHold,
  insertLegalHold,
  type Keeping,
  type LegalHold,
  listLegalHolds,
  readDropped,
  readKeeping,
  setKeeping,
} from './retention-store.ts';

const keepingJson = (keeping: Keeping) => {
  const { what, leastDays } = retentionRules[keeping.retentionClass];
  return { ...keeping, what, leastDays };
};

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
    summary: 'How long each class of entries is kept online, and what was dropped since, each under a signed record',
    ...{ access: 'audit:read', reach: 'tenant' },
    answers: {
      200: z.object({
        items: z.array(keepingSchema),
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
        items: (await readKeeping(tx, context.tenant.id)).map(keepingJson),
        dropped: (await readDropped(tx, context.tenant.id)).map(({ startsAt, endsAt, ...record }) => ({
          ...{ ...record, from: startsAt.toISOString(), to: endsAt.toISOString() },
        })),
      })),
    }),
  }),
  route({
    method: 'PUT',
    path: '/audit/retention',
    summary: 'Set how many days a class of entries is kept online',
    ...{ access: 'privacy:manage', reach: 'tenant' },
    body: z.strictObject({ retentionClass: retentionClassSchema, keepDays: z.number().int().min(1).max(36_600) }),
    answers: { 200: keepingSchema },
    handle: async (context, { body }) => {
      const retentionClass = body.retentionClass as RetentionClass;
      const { leastDays } = retentionRules[retentionClass];
      if (body.keepDays < leastDays) {
        const message = `${retentionClass} entries are kept for ${leastDays} days at least`;
        throw new Problem('request.malformed', { errors: [{ path: 'keepDays', message }] });
      }
      return context.db.transact(context, async (tx) => {
        const before = (await readKeeping(tx, context.tenant.id)).find((one) => one.retentionClass === retentionClass);
        await setKeeping(tx, retentionClass, body.keepDays);
        await recordAudit(tx, {
          ...{ action: 'audit.retention_changed', entityType: 'audit', entityId: retentionClass },
          ...{ before: { keepDays: before?.keepDays }, after: { keepDays: body.keepDays } },
        });
        return { body: keepingJson({ retentionClass, keepDays: body.keepDays, chosen: true }) };
      });
    },
  }),
  route({
    method: 'GET',
    path: '/audit/legal-holds',
    summary: 'Legal holds: while one stands, nothing of the trail is dropped',
    ...{ access: 'audit:read', reach: 'tenant' },
    answers: { 200: z.object({ items: z.array(legalHoldSchema) }) },
    handle: async (context) => ({
      body: { items: (await context.db.read(context, listLegalHolds)).map(holdJson) },
    }),
  }),
  route({
    method: 'POST',
    path: '/audit/legal-holds',
    summary: 'Place a legal hold on the whole trail',
    ...{ access: 'privacy:manage', reach: 'tenant' },
    body: z.strictObject({ note: noteSchema.min(1) }),
    answers: { 201: legalHoldSchema },
    handle: async (context, { body }) => {
      const id = context.newId();
      return context.db.transact(context, async (tx) => {
        const hold = await insertLegalHold(tx, id, body.note);
        const what = { entityType: 'legal_hold', entityId: id, reason: body.note };
        await recordAudit(tx, { action: 'audit.held', ...what });
        return { body: holdJson(hold) };
      });
    },
  }),
  route({
    method: 'POST',
    path: '/audit/legal-holds/:id/release',
    summary: 'Release a legal hold',
    ...{ access: 'privacy:manage', reach: 'tenant' },
    params: idParams,
    body: z.strictObject({ note: noteSchema.min(1) }),
    answers: { 200: legalHoldSchema },
    handle: async (context, { params, body }) =>
      context.db.transact(context, async (tx) => {
        const hold = (await endLegalHold(tx, params.id)) ?? notFound('standing legal hold', params.id);
        await recordAudit(tx, {
          action: 'audit.released',
          entityType: 'legal_hold',
          entityId: hold.id,
          reason: body.note,
        });
        return { body: holdJson(hold) };
      }),
  }),
];
