import type { Clock } from '#clock';
import { idsFrom, systemActorId } from '#context';
import type { Database } from '#db';
import { appendSecurityEvent } from '../detection/record-security-event.ts';
import { appendAudit } from './record-audit.ts';

/** Why the trail cannot be trusted as it stands. */
export interface Doubt {
  /** Retention and holds; faults in the trail; the clock; a database that was put back; a tree that was altered. */
  kind: 'keeping' | 'trail' | 'clock' | 'rollback' | 'tree';
  because: string;
}

/** Writes a doubt into the trail and for detection, which raises an incident of it. */
export async function tellDoubt(parts: { db: Database; clock: Clock }, tenantId: string, doubt: Doubt): Promise<void> {
  const newId = idsFrom(parts.clock);
  const scope = { tenantId, requestId: newId(), at: parts.clock.now(), newId };
  const { kind, because } = doubt;
  await parts.db.system(async (tx) => {
    const what = { action: 'audit.doubted', entityType: 'audit', entityId: 'trail' };
    await appendAudit(tx, { ...scope, actorId: systemActorId }, { ...what, after: { kind }, reason: because });
    await appendSecurityEvent(tx, scope, { kind: 'trail.doubted', detail: { doubt: kind, because } });
  });
}
