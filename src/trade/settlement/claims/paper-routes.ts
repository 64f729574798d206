import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type AnyRoute, idParams, idSchema, route } from '#http';
import { notFound, Problem } from '#problem';
import { attachPaper, maxPaperBytes } from './attach-paper.ts';
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

/** What a multipart body holds: one file and what it proves. */
async function readPaper(
  request: FastifyRequest,
): Promise<{ fileName: string; purpose: AttachmentPurpose; content: Buffer }> {
  let file: { fileName: string; content: Buffer } | undefined;
  let purpose: AttachmentPurpose = 'other';
  try {
    for await (const part of request.parts({ limits: { fileSize: maxPaperBytes } })) {
      if (part.type === 'file') file = { fileName: part.filename, content: await part.toBuffer() };
      else if (part.fieldname === 'purpose') {
        purpose =
          attachmentPurposes.find((one) => one === part.value) ??
          malformed('purpose', `must be one of ${attachmentPurposes.join(', ')}`);
      }
    }
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (code === 'FST_REQ_FILE_TOO_LARGE')
      throw new Problem('body.too_large', { detail: 'A paper has at most 10 MiB.' });
    if (error instanceof Problem || code.startsWith('FST_')) throw error;
    throw new Problem('request.malformed', { detail: 'The multipart body is damaged or cut short.', cause: error });
  }
  return file ? { ...file, purpose } : malformed('file', 'is missing');
}

function malformed(path: string, message: string): never {
  throw new Problem('request.malformed', { detail: `${path} ${message}.`, errors: [{ path, message }] });
}

/** Headers with which a browser saves what people sent us and never runs it. */
function asDownload(reply: FastifyReply, mediaType: string, fileName: string): void {
  const plain = fileName.replace(/[^A-Za-z0-9._-]+/g, '_');
  reply.header('content-type', mediaType);
  // RFC 5987 leaves fewer characters as they are than encodeURIComponent.
  const whole = encodeURIComponent(fileName).replace(/['()*!]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
  reply.header('content-disposition', `attachment; filename="${plain}"; filename*=UTF-8''${whole}`);
  reply.header('content-security-policy', "sandbox; default-src 'none'");
  reply.header('cache-control', 'private, no-store');
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
        const paper = await readPaper(request);
        return { body: attachmentJson(await attachPaper(context, { ...paper, kind, itemId: params.id })) };
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
