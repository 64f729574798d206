import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import type { CheckedPaper } from '#papers';

type Tx = TenantTx<Context>;

/** A paper of an instance, attached at one of its tasks; its content lies in chunks beside it. */
export interface TaskPaper extends Omit<CheckedPaper, 'content'> {
  id: string;
  instanceId: string;
  taskId: string;
  attachedBy: string;
  attachedAt: Date;
}

const columns = sql`id, instance_id as "instanceId", task_id as "taskId", file_name as "fileName", media_type as "mediaType",
  bytes, sha256, attached_by as "attachedBy", attached_at as "attachedAt"`;

/** Bytes of one chunk: a row that is written and read in milliseconds. */
const chunkBytes = 1 << 20;

/** The papers of an instance, the first one first. */
export async function papersOf(tx: Tx, instanceId: string): Promise<TaskPaper[]> {
  return tx.many<TaskPaper>(sql`select ${columns} from workflow.attachment where instance_id = ${instanceId}
    order by attached_at, id`);
}

/** Stores a paper with its content. */
export async function insertPaper(tx: Tx, paper: TaskPaper, content: Buffer): Promise<void> {
  const { tenant } = tx.context;
  await tx.run(sql`insert into workflow.attachment (tenant_id, id, instance_id, task_id, file_name, media_type, bytes, sha256,
      attached_by, attached_at)
    values (${tenant.id}, ${paper.id}, ${paper.instanceId}, ${paper.taskId}, ${paper.fileName}, ${paper.mediaType},
      ${paper.bytes}, ${paper.sha256}, ${paper.attachedBy}, ${paper.attachedAt})`);
  for (let position = 0; position * chunkBytes < content.length; position++) {
    const bytes = content.subarray(position * chunkBytes, (position + 1) * chunkBytes);
    await tx.run(sql`insert into workflow.attachment_chunk (tenant_id, attachment_id, position, bytes)
      values (${tenant.id}, ${paper.id}, ${position}, ${bytes})`);
  }
}

/** The content of a paper. */
export async function contentOf(tx: Tx, paperId: string): Promise<Buffer> {
  const rows = await tx.many<{ bytes: Buffer }>(sql`select bytes from workflow.attachment_chunk
    where attachment_id = ${paperId} order by position`);
  return Buffer.concat(rows.map(({ bytes }) => bytes));
}
