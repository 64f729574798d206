import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { type AnyRoute, idParams, nameSchema, pageOf, route } from '#http';
import { notFound } from '#problem';
import { auditLeafText } from './audit-entry.ts';
import {
  auditItemSchema,
  auditQuery,
  checkpointSchema,
  proofSchema,
  sealedEntrySchema,
  signingKeySchema,
  verificationSchema,
} from './audit-schemas.ts';
import { exportAudit } from './export-audit.ts';
import { listAudit } from './list-audit.ts';
import { findKeptEntry, findSeal, treeSize } from './proof-store.ts';
import { proveEntry } from './prove-entry.ts';
import { recordRead } from './record-read.ts';
import { requestVerification } from './request-verification.ts';
import { readSigningKeys } from './signing-keys.ts';
import { findVerification, listVerifications, type Verification } from './verification-store.ts';
import { listCheckpoints } from './verify-store.ts';

const verificationJson = (one: Verification) => ({
  ...one,
  requestedAt: one.requestedAt.toISOString(),
  finishedAt: one.finishedAt?.toISOString() ?? null,
});

const whole = { access: 'audit:read', reach: 'tenant' } as const;

const verifierScript = new URL('./verify-audit-export.mjs', import.meta.url);

const sealRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/audit/checkpoints',
    summary:
      'Signed checkpoints of the trail, newest first; `before` and `size` narrow them by how many entries they cover',
    ...whole,
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(200).default(50),
      before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
      size: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
    }),
    answers: { 200: z.object({ items: z.array(checkpointSchema), nextBefore: z.number().int().nullable() }) },
    handle: async (context, { query }) => {
      const rows = await context.db.read(context, (tx) => listCheckpoints(tx, query));
      const items = rows.slice(0, query.limit);
      const nextBefore = rows.length > query.limit ? (items.at(-1)?.size ?? null) : null;
      return { body: { items: items.map((one) => ({ ...one, at: one.at.toISOString() })), nextBefore } };
    },
  }),
  route({
    method: 'GET',
    path: '/audit/keys',
    summary: 'The public keys that sign checkpoints: write the first one down outside this product',
    ...whole,
    answers: { 200: z.object({ items: z.array(signingKeySchema) }) },
    handle: async (context) => {
      const keys = await context.db.system(readSigningKeys);
      return {
        body: {
          items: keys.map((key) => ({
            ...{ ...key, publicKey: key.publicKey.toString('base64'), createdAt: key.createdAt.toISOString() },
          })),
        },
      };
    },
  }),
  route({
    method: 'GET',
    path: '/audit/:id',
    summary: 'What is sealed of an entry',
    ...whole,
    params: idParams,
    answers: { 200: sealedEntrySchema },
    handle: async (context, { params: { id } }) => ({
      body: await context.db.read(context, async (tx) => {
        const entry = (await findKeptEntry(tx, id)) ?? notFound('audit entry', id);
        const seal = await findSeal(tx, id);
        return {
          id,
          leaf: auditLeafText(entry),
          retentionClass: entry.retentionClass,
          leafIndex: seal?.seq ?? null,
        };
      }),
    }),
  }),
  route({
    method: 'GET',
    path: '/audit/:id/proof',
    summary: 'The inclusion proof of an entry under the newest checkpoint (RFC 9162); at most 1 KB',
    ...whole,
    params: idParams,
    answers: { 200: proofSchema },
    handle: async (context, { params }) => ({
      body: await context.db.read(context, (tx) => proveEntry(tx, params.id)),
    }),
  }),
];

const verificationRoutes: readonly AnyRoute[] = [
  route({
    method: 'POST',
    path: '/audit/verifications',
    summary:
      'Verify the whole trail: entries, sequence, tree, signatures, and the checkpoints kept outside the database',
    ...whole,
    answers: { 202: verificationSchema },
    handle: async (context) => ({ body: verificationJson(await requestVerification(context)) }),
  }),
  route({
    method: 'GET',
    path: '/audit/verifications',
    summary: 'The latest verifications, newest first',
    ...whole,
    answers: { 200: z.object({ items: z.array(verificationSchema) }) },
    handle: async (context) => ({
      body: { items: (await context.db.read(context, listVerifications)).map(verificationJson) },
    }),
  }),
  route({
    method: 'GET',
    path: '/audit/verifications/:id',
    summary: 'A verification and its result',
    ...whole,
    params: idParams,
    answers: { 200: verificationSchema },
    handle: async (context, { params: { id } }) => ({
      body: verificationJson(
        (await context.db.read(context, (tx) => findVerification(tx, id))) ?? notFound('verification', id),
      ),
    }),
  }),
];

const exportRoutes: readonly AnyRoute[] = [
  route({
    // It is noted who took it, so it is no mere reading.
    method: 'POST',
    path: '/audit/export',
    summary: 'The sealed trail, or a part of it, as JSON Lines with checkpoints, proofs and public keys',
    ...whole,
    secretAnswer: true,
    body: z.strictObject({ from: z.iso.datetime().optional(), to: z.iso.datetime().optional() }),
    answers: { 200: null },
    handle: async (context, { body: range, reply }) => {
      const { db, tenant, clock } = context;
      await db.transact(context, async (tx) =>
        recordRead(tx, { what: 'audit', rows: await treeSize(tx), detail: range }),
      );
      const lines = async function* () {
        for await (const line of exportAudit(db, tenant, clock.now(), range)) yield `${JSON.stringify(line)}\n`;
      };
      await reply
        .type('application/x-ndjson')
        .header('content-disposition', `attachment; filename="audit-${tenant.slug}.jsonl"`)
        .send(Readable.from(lines()));
      return undefined;
    },
  }),
  route({
    method: 'GET',
    path: '/audit/verifier',
    summary: 'The script that verifies an export by itself: Node only, no secret',
    ...whole,
    answers: { 200: null },
    handle: async (_context, { reply }) => {
      await reply
        .type('text/javascript; charset=utf-8')
        .header('content-disposition', 'attachment; filename="verify-audit-export.mjs"')
        .send(readFileSync(verifierScript, 'utf8'));
      return undefined;
    },
  }),
  route({
    method: 'POST',
    path: '/audit/exports',
    summary: 'Tell that a file is made of a list on the screen; the web application does so before it hands it out',
    access: 'bulk:export',
    body: z.strictObject({
      name: nameSchema.max(100),
      rows: z.number().int().min(0).max(10_000_000),
      format: z.enum(['xlsx', 'csv']),
    }),
    answers: { 201: z.object({ name: z.string() }) },
    handle: async (context, { body: { name, rows, format } }) => {
      await context.db.transact(context, (tx) =>
        recordRead(tx, { what: name, rows, detail: { format, by: 'browser' } }),
      );
      return { body: { name } };
    },
  }),
];

/** `/audit`: who changed what, when and why; how that is sealed, proven, verified and handed out. */
export const auditRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/audit',
    summary: 'The audit trail, newest first',
    ...whole,
    query: auditQuery,
    answers: { 200: pageOf(auditItemSchema) },
    handle: async (context, { query }) => ({
      body: await context.db.read(context, (tx) => listAudit(tx, query, query)),
    }),
  }),
  ...exportRoutes,
  ...verificationRoutes,
  ...sealRoutes,
];
