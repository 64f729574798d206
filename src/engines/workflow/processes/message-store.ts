import { sql } from '#db';
import type { Tx } from '../instances/workflow-parts.ts';

/** What a message from outside did. */
export interface MessageEffect {
  instanceId: string;
  /** It began that instance; false: the instance waited for it. */
  began: boolean;
}

interface MessageRow extends MessageEffect {
  contentHash: string;
}

/** Whoever tells a message of this name at the same time waits here until the first has told it. */
export async function lockMessageId(tx: Tx, messageId: string): Promise<void> {
  await tx.run(
    sql`select pg_advisory_xact_lock(hashtextextended(${`workflow.message ${tx.context.tenant.id} ${messageId}`}, 0))`,
  );
}

/** What a message did when it was told before. */
export async function findMessage(tx: Tx, messageId: string): Promise<MessageRow | undefined> {
  return tx.maybe<MessageRow>(sql`select instance_id as "instanceId", began, content_hash as "contentHash"
    from workflow.message where message_id = ${messageId}`);
}

/** Keeps what a message did. */
export async function insertMessage(tx: Tx, messageId: string, row: MessageRow): Promise<void> {
  const { tenant, clock, newId } = tx.context;
  await tx.run(sql`insert into workflow.message (tenant_id, id, message_id, content_hash, at, instance_id, began)
    values (${tenant.id}, ${newId()}, ${messageId}, ${row.contentHash}, ${clock.now()}, ${row.instanceId}, ${row.began})`);
}
