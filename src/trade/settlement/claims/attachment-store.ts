import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import type { AttachmentPurpose } from './domain/proof.ts';

type Tx = TenantTx<Context>;

/** A paper of an item; its content lies in chunks beside it. */
export interface Attachment {
  id: string;
  itemId: string;
  purpose: AttachmentPurpose;
  fileName: string;
  mediaType: string;
  bytes: number;
  /** Of the content, lower-case hexadecimal. */
  sha256: string;
  attachedBy: string;
  attachedAt: Date;
}

const columns = sql`attachment.id, attachment.item_id as "itemId", attachment.purpose, attachment.file_name as "fileName",
  attachment.media_type as "mediaType", attachment.bytes, attachment.sha256, attachment.attached_by as "attachedBy",
  attachment.attached_at as "attachedAt"`;

/** Bytes of one chunk: a row that is written and read in milliseconds. */
const chunkBytes = 1 << 20;

/** The papers of an item, the first one first. */
export async function listAttachments(tx: Tx, itemId: string): Promise<Attachment[]> {
  return tx.many<Attachment>(sql`select ${columns} from settlement.attachment
    where attachment.item_id = ${itemId} order by attachment.attached_at, attachment.id`);
}

/** What the papers of an item prove. */
export async function attachedPurposes(tx: Tx, itemId: string): Promise<AttachmentPurpose[]> {
  return (await listAttachments(tx, itemId)).map(({ purpose }) => purpose);
}

/** A paper of an item by its id. */
export async function findAttachment(tx: Tx, itemId: string, id: string): Promise<Attachment | undefined> {
  return tx.maybe<Attachment>(sql`select ${columns} from settlement.attachment
    where attachment.item_id = ${itemId} and attachment.id = ${id}`);
}

/** The paper of an item with this content, where it is there already. */
export async function findSameAttachment(tx: Tx, itemId: string, sha256: string): Promise<Attachment | undefined> {
  return tx.maybe<Attachment>(sql`select ${columns} from settlement.attachment
    where attachment.item_id = ${itemId} and attachment.sha256 = ${sha256}`);
}

/** Stores a paper with its content. */
export async function insertAttachment(tx: Tx, attachment: Attachment, content: Buffer): Promise<void> {
  const { tenant } = tx.context;
  await tx.run(sql`insert into settlement.attachment (tenant_id, id, item_id, purpose, file_name, media_type, bytes, sha256,
      attached_by, attached_at)
    values (${tenant.id}, ${attachment.id}, ${attachment.itemId}, ${attachment.purpose}, ${attachment.fileName},
      ${attachment.mediaType}, ${attachment.bytes}, ${attachment.sha256}, ${attachment.attachedBy}, ${attachment.attachedAt})`);
  for (let position = 0; position * chunkBytes < content.length; position++) {
    const bytes = content.subarray(position * chunkBytes, (position + 1) * chunkBytes);
    await tx.run(sql`insert into settlement.attachment_chunk (tenant_id, attachment_id, position, bytes)
      values (${tenant.id}, ${attachment.id}, ${position}, ${bytes})`);
  }
}

/** The content of a paper. */
export async function readContent(tx: Tx, attachmentId: string): Promise<Buffer> {
  const rows = await tx.many<{ bytes: Buffer }>(sql`select bytes from settlement.attachment_chunk
    where attachment_id = ${attachmentId} order by position`);
  return Buffer.concat(rows.map(({ bytes }) => bytes));
}
