import type { Context } from '#context';
import { type Gathered, sql, type TenantTx, tableOf } from '#db';

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

interface OutboxRow {
  tenant_id: string;
  id: string;
  type: string;
  version: number;
  subject_type: string;
  subject_id: string;
  data: string;
  actor_id: string;
  request_id: string;
  traceparent: string | null;
  occurred_at: Date;
}

const outbox: Gathered<OutboxRow> = {
  seenBy: 'event.',
  parts: (rows) => ({
    told: sql`insert into event.outbox (tenant_id, id, type, version, subject_type, subject_id, data, actor_id, request_id, traceparent, occurred_at)
      ${tableOf(rows, {
        ...{
          tenant_id: 'uuid',
          id: 'uuid',
          type: 'text',
          version: 'integer',
          subject_type: 'text',
          subject_id: 'uuid',
        },
        ...{ data: 'jsonb', actor_id: 'uuid', request_id: 'text', traceparent: 'text', occurred_at: 'timestamptz' },
      })}`,
  }),
};

/** Gathers an event for the outbox of the running transaction: it exists if and only if the change does. */
export async function emit(tx: TenantTx<Context>, event: NewEvent): Promise<string> {
  const { context } = tx;
  const id = context.newId();
  await tx.gather(outbox, {
    ...{ tenant_id: context.tenant.id, id, type: event.type, version: event.version ?? 1 },
    ...{ subject_type: event.subjectType, subject_id: event.subjectId, data: JSON.stringify(event.data) },
    ...{ actor_id: context.actor.id, request_id: context.requestId, traceparent: context.traceparent ?? null },
    occurred_at: context.clock.now(),
  });
  tx.afterCommit(() => {
    for (const wake of wakers) wake();
  });
  return id;
}
