import { notFound } from '#problem';
import { appendAudit } from '../audit/record-audit.ts';
import { appendSecurityEvent } from '../detection/record-security-event.ts';
import type { Caller, SecurityParts } from '../security-parts.ts';
import type { Owner } from './owner.ts';
import { endSession, listSessions } from './session-store.ts';

/**
 * Ends one of a person's own sessions, or (without an id) all but the one that asks; answers how many. Throws `not_found`
 * for a session that is not theirs or has ended.
 */
export async function endOwnSessions(
  parts: SecurityParts,
  caller: Caller,
  owner: Owner,
  sessionId?: string,
): Promise<number> {
  const { db, clock } = parts;
  const ended = await db.system(async (tx) => {
    const now = clock.now();
    const live = await listSessions(tx, owner.tenantId, owner.personId, now);
    const chosen = live.filter(({ id }) => (sessionId ? id === sessionId : id !== owner.sessionId));
    if (sessionId && chosen.length === 0) notFound('session', sessionId);
    const scope = { tenantId: owner.tenantId, requestId: caller.requestId, at: now, newId: parts.newId };
    for (const { id } of chosen) {
      await endSession(tx, id, 'ended_by_owner', now);
      await appendAudit(
        tx,
        { ...scope, actorId: owner.personId },
        { action: 'session.ended', entityType: 'session', entityId: id, after: { reason: 'ended_by_owner' } },
      );
      await appendSecurityEvent(tx, scope, {
        kind: 'session.ended',
        personId: owner.personId,
        sessionId: id,
        address: caller.address,
        device: caller.device,
        detail: { reason: 'ended_by_owner' },
      });
    }
    return chosen.length;
  });
  parts.sessions.forgetPerson(owner.personId);
  return ended;
}
