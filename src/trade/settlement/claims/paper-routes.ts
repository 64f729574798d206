import { z } from 'zod';
import { type AnyRoute, idParams, idSchema, route } from '#http';
import { asDownload, readPaper } from '#papers';
import { notFound, Problem } from '#problem';
import { attachPaper } from './attach-paper.ts';
import { type Attachment, findAttachment, listAttachments, readContent } from './attachment-store.ts';
import { buildPacket } from './build-packet.ts';
import type { ClaimsPorts } from './claims-ports.ts';
import { type AttachmentPurpose, attachmentPurposes } from './domain/proof.ts';
import type { ItemKind } from './domain/settlement-item.ts';
import { findItem } from './item-store.ts';

const attachmentSchema = z.object({
  id: idSchema,
  itemId: idSchema,
  purpose: z.enum(attachmentPurposes),
  fileName: z.string(),
  mediaType: z.string(),
  bytes: z.int(),
  sha256: z.string(),
  attachedBy: idSchema,
  attachedAt: z.iso.datetime(),
});
const attachmentJson = (paper: Attachment) => ({ ...paper, attachedAt: paper.attachedAt.toISOString() });
const paperParams = z.strictObject({ id: idSchema, paperId: idSchema });

/** What a paper proves, as its form says. */
function purposeOf(purpose = 'other'): AttachmentPurpose {
  const known = attachmentPurposes.find((one) => one === purpose);
  if (known) return known;
  const message = `must be one of ${attachmentPurposes.join(', ')}`;
  throw new Problem('request.malformed', { detail: `purpose ${message}.`, errors: [{ path: 'purpose', message }] });
}

/** Routes of the papers of deductions or claims. */
export function paperRoutes(kind: ItemKind, ports: ClaimsPorts): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: `/${kind}s/:id/attachments`,
      summary: `Papers of a ${kind}: proof of performance and others`,
      access: 'claims:read',
      params: idParams,
      answers: { 200: z.object({ items: z.array(attachmentSchema), nextCursor: z.null() }) },
      handle: async (context, { params }) =>
        context.db.read(context, async (tx) => {
          const item = await findItem(tx, kind, params.id);
          const items = (await listAttachments(tx, item.id)).map(attachmentJson);
          return { body: { items, nextCursor: null } };
        }),
    }),
    route({
      method: 'POST',
      path: `/${kind}s/:id/attachments`,
      summary: `Attach a paper to a ${kind} (multipart: file, purpose?): PDF, PNG, JPEG or CSV by its content, at most 10 MiB`,
      access: 'claims:write',
      params: idParams,
      multipart: true,
      answers: { 201: attachmentSchema },
      handle: async (context, { params, request }) => {
        // A stranger's item is absent, whatever the body holds.
        await context.db.read(context, (tx) => findItem(tx, kind, params.id));
        const { fields, ...paper } = await readPaper(request);
        const of = { kind, itemId: params.id, purpose: purposeOf(fields.purpose) };
        return { body: attachmentJson(await attachPaper(context, { ...paper, ...of })) };
      },
    }),
    route({
      method: 'GET',
      path: `/${kind}s/:id/attachments/:paperId`,
      summary: `Download a paper of a ${kind}`,
      access: 'claims:read',
      params: paperParams,
      answers: { 200: null },
      handle: async (context, { params, reply }) => {
        const { paper, content } = await context.db.read(context, async (tx) => {
          const item = await findItem(tx, kind, params.id);
          const found = (await findAttachment(tx, item.id, params.paperId)) ?? notFound('attachment', params.paperId);
          return { paper: found, content: await readContent(tx, found.id) };
        });
        asDownload(reply, paper.mediaType, paper.fileName);
        return { body: content };
      },
    }),
    route({
      method: 'GET',
      path: `/${kind}s/:id/packet`,
      summary: `The evidence about a ${kind} as a ZIP with an index: terms, versions, volumes, accruals, history, papers`,
      access: 'claims:read',
      params: idParams,
      answers: { 200: null },
      handle: async (context, { params, reply }) => {
        const packet = await buildPacket(context, ports, kind, params.id);
        asDownload(reply, 'application/zip', packet.fileName);
        reply.header('x-content-sha256', packet.sha256);
        return { body: Buffer.from(packet.bytes) };
      },
    }),
  ];
}
