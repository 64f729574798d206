import { sql, type Tx } from '#db';
import type { EventKind, EventOutcome } from './domain/event-kinds.ts';

/** The nil UUID stands for no tenant: such rows are nobody's but the house's, and stay out of every inbox. */
export const noTenantId = '00000000-0000-0000-0000-000000000000';

/** An event as it is stored. Address, network, device and account are fingerprints. */
export interface StoredSecurityEvent {
  id: string;
  tenantId: string;
  at: Date;
  requestId: string;
  kind: EventKind;
  outcome: EventOutcome;
  personId: string | null;
  sessionId: string | null;
  subjectId: string | null;
  address: string | null;
  network: string | null;
  device: string | null;
  account: string | null;
  detail: Record<string, unknown>;
}

type Wake = () => void;
const wakers = new Set<Wake>();

/** Registers what is woken when this process has committed security events; answers the way to stop it. */
export function onSecurityEvent(wake: Wake): () => void {
  wakers.add(wake);
  return () => wakers.delete(wake);
}

/** Writes an event and its place among those that detection has not looked at yet. */
export async function insertEvent(tx: Tx, event: StoredSecurityEvent): Promise<void> {
  await tx.run(sql`with stored as (
      insert into security.event (tenant_id, id, at, request_id, kind, outcome, person_id, session_id, subject_id,
        address, network, device, account, detail)
      values (${event.tenantId}, ${event.id}, ${event.at}, ${event.requestId}, ${event.kind}, ${event.outcome},
        ${event.personId}, ${event.sessionId}, ${event.subjectId}, ${event.address}, ${event.network}, ${event.device},
        ${event.account}, ${JSON.stringify(event.detail)})
      returning tenant_id, id, at)
    insert into security.event_inbox (tenant_id, id, at) select tenant_id, id, at from stored
      where tenant_id <> ${noTenantId}`);
  tx.afterCommit(() => {
    for (const wake of wakers) wake();
  });
}
