import { createHash } from 'node:crypto';
import type { Context } from '#context';
import { Problem } from '#problem';
import { recordChange } from '../settlement-events.ts';
import { type Attachment, findSameAttachment, insertAttachment } from './attachment-store.ts';
import { sniffMediaType } from './domain/media-type.ts';
import type { AttachmentPurpose } from './domain/proof.ts';
import type { ItemKind } from './domain/settlement-item.ts';
import { findItem } from './item-store.ts';

/** Largest paper. */
export const maxPaperBytes = 10 << 20;

/** A paper on its way to an item. */
export interface NewPaper {
  kind: ItemKind;
  itemId: string;
  purpose: AttachmentPurpose;
  fileName: string;
  content: Buffer;
}

/** A file name without folders, control or invisible characters. */
function plainName(fileName: string): string {
  const last = fileName.split(/[\\/]/).at(-1) ?? '';
  const plain = last
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
    .slice(0, 200);
  return plain === '' || plain === '.' || plain === '..' ? 'paper' : plain;
}

/**
 * Attaches a paper to an item; the same content again is the same paper. Throws `media_type.unsupported` for what is no PDF,
 * image or CSV by its content, `body.too_large`, `not_found`.
 */
export async function attachPaper(context: Context, paper: NewPaper): Promise<Attachment> {
  const { content, purpose } = paper;
  if (content.length > maxPaperBytes) throw new Problem('body.too_large', { detail: 'A paper has at most 10 MiB.' });
  const mediaType = sniffMediaType(content);
  if (!mediaType) {
    throw new Problem('media_type.unsupported', { detail: 'A paper is a PDF, a PNG or JPEG image, or a CSV file.' });
  }
  const sha256 = createHash('sha256').update(content).digest('hex');
  return context.db.transact(context, async (tx) => {
    const item = await findItem(tx, paper.kind, paper.itemId, true);
    const same = await findSameAttachment(tx, item.id, sha256);
    if (same) return same;
    const attachment: Attachment = {
      ...{ id: context.newId(), itemId: item.id, purpose, fileName: plainName(paper.fileName), mediaType },
      ...{ bytes: content.length, sha256, attachedBy: context.actor.id, attachedAt: context.clock.now() },
    };
    await insertAttachment(tx, attachment, content);
    const { fileName, bytes } = attachment;
    await recordChange(tx, {
      ...{ entityType: item.kind, entityId: item.id, happened: 'paper_attached' },
      after: { attachmentId: attachment.id, purpose, fileName, mediaType, bytes, sha256 },
    });
    return attachment;
  });
}
