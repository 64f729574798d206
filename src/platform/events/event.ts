import type { Context } from '#context';
import { sql, type TenantTx } from '#db';

/** Something that happened, in the past tense: `funds.entry.posted`. */
export interface NewEvent {
  type: string;
  /** Version of the shape of `data`; 1 when absent. */
  version?: number;
  subjectType: string;
  subjectId: string;
  data: Record<string, unknown>;
}

/** An event with its place in the log. */
export interface StoredEvent extends Required<NewEvent> {
  position: number;
  id: string;
  tenantId: string;
  actorId: string;
  requestId: string;
  traceparent: string | null;
  occurredAt: string;
}

/** Columns of event.log in the shape of {@link StoredEvent}. */
export const storedEventColumns = sql`position::float8 as position, id, tenant_id as "tenantId", type, version,
  subject_type as "subjectType", subject_id as "subjectId", data, actor_id as "actorId", request_id as "requestId",
  traceparent, occurred_at as "occurredAt"`;

type Wake = () => void;
const wakers = new Set<Wake>();

/** Registers what is woken when this process has committed events; answers the way to stop it. */
export function onEmitted(wake: Wake): () => void {
  wakers.add(wake);
  return () => wakers.delete(wake);
}

/** Writes an event into the outbox of the running transaction: it exists if and only if the change does. */
export async function emit(tx: TenantTx<Context>, event: NewEvent): Promise<string> {
  const { context } = tx;
  const id = context.newId();
  const insert = sql`
    insert into event.outbox (tenant_id, id, type, version, subject_type, subject_id, data, actor_id, request_id, traceparent, occurred_at)
    values (${context.tenant.id}, ${id}, ${event.type}, ${event.version ?? 1}, ${event.subjectType}, ${event.subjectId},
      ${JSON.stringify(event.data)}, ${context.actor.id}, ${context.requestId}, ${context.traceparent ?? null}, ${context.clock.now()})`;
  await tx.run(insert, 'event');
  tx.afterCommit(() => {
    for (const wake of wakers) wake();
  });
  return id;
}
