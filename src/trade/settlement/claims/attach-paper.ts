import type { Context } from '#context';
import { checkPaper, type SentPaper } from '#papers';
import { recordChange } from '../settlement-events.ts';
import { type Attachment, findSameAttachment, insertAttachment } from './attachment-store.ts';
import type { AttachmentPurpose } from './domain/proof.ts';
import type { ItemKind } from './domain/settlement-item.ts';
import { findItem } from './item-store.ts';

/** A paper on its way to an item. */
export interface NewPaper extends SentPaper {
  kind: ItemKind;
  itemId: string;
  purpose: AttachmentPurpose;
}

/**
 * Attaches a paper to an item; the same content again is the same paper. Throws `media_type.unsupported` for what is no PDF,
 * image or CSV by its content, `body.too_large`, `not_found`.
 */
export async function attachPaper(context: Context, paper: NewPaper): Promise<Attachment> {
  const { purpose } = paper;
  const { content, ...checked } = checkPaper(paper);
  return context.db.transact(context, async (tx) => {
    const item = await findItem(tx, paper.kind, paper.itemId, true);
    const same = await findSameAttachment(tx, item.id, checked.sha256);
    if (same) return same;
    const attachment: Attachment = {
      ...{ ...checked, id: context.newId(), itemId: item.id, purpose },
      ...{ attachedBy: context.actor.id, attachedAt: context.clock.now() },
    };
    await insertAttachment(tx, attachment, content);
    await recordChange(tx, {
      ...{ entityType: item.kind, entityId: item.id, happened: 'paper_attached' },
      after: { attachmentId: attachment.id, purpose, ...checked },
    });
    return attachment;
  });
}
