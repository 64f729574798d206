import { appendAudit } from '../audit/record-audit.ts';
import { appendSecurityEvent } from '../detection/record-security-event.ts';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { endSession, findLiveSession } from './session-store.ts';

/** Ends a session; harmless where it has ended already. */
export async function signOut(parts: SecurityParts, caller: Caller, sessionId: string): Promise<void> {
  await parts.db.system(async (tx) => {
    const now = parts.clock.now();
    const session = await findLiveSession(tx, sessionId, now, 'locked');
    if (!session) return;
    await endSession(tx, sessionId, 'signed_out', now);
    const scope = { tenantId: session.tenant.id, requestId: caller.requestId, at: now, newId: parts.newId };
    await appendAudit(
      tx,
      { ...scope, actorId: session.person.id },
      { action: 'session.ended', entityType: 'session', entityId: sessionId, after: { reason: 'signed_out' } },
    );
    await appendSecurityEvent(tx, scope, {
      kind: 'session.ended',
      personId: session.person.id,
      sessionId,
      address: caller.address,
      device: caller.device,
      detail: { reason: 'signed_out' },
    });
    tx.afterCommit(() => parts.sessions.forget(sessionId));
  });
}
