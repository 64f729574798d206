import type { Tx } from '#db';
import { Problem } from '#problem';
import { appendAudit } from '../audit/record-audit.ts';
import { appendSecurityEvent, type EventScope } from '../detection/record-security-event.ts';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { judgeRefresh } from './refresh-token.ts';
import { labelLater, seenMac } from './session-label.ts';
import { endSession, findLiveSession, type LiveSession, rotateSession } from './session-store.ts';
import { type SignedIn, withTokens } from './sign-in.ts';

/**
 * Renews a session by its refresh token. A spent token ends the session (it was stolen, or its successor was) and
 * throws `auth.token_invalid`, like any other token that is not good.
 */
export async function refreshSession(
  parts: SecurityParts,
  caller: Caller,
  text: string | undefined,
): Promise<SignedIn> {
  const token = text === undefined ? undefined : parts.refreshTokens.read(text);
  if (!token) throw new Problem('auth.token_invalid');
  const renewed = await parts.db.system(async (tx): Promise<LiveSession | undefined> => {
    const now = parts.clock.now();
    const session = await findLiveSession(tx, token.sessionId, now, 'locked');
    if (!session) return undefined;
    const verdict = judgeRefresh(token.generation, session, now);
    if (verdict === 'rotate') {
      await rotateSession(tx, session.id, now);
      await noteMove(parts, tx, caller, session);
      return { ...session, generation: session.generation + 1, rotatedAt: now };
    }
    if (verdict === 'repeat') return session;
    if (verdict === 'reused') {
      await endSession(tx, session.id, 'token_reused', now);
      await appendAudit(
        tx,
        {
          tenantId: session.tenant.id,
          actorId: session.person.id,
          requestId: caller.requestId,
          at: now,
          newId: parts.newId,
        },
        { action: 'session.ended', entityType: 'session', entityId: session.id, after: { reason: 'token_reused' } },
      );
      await appendSecurityEvent(tx, eventScope(parts, caller, session), {
        kind: 'token.reused',
        outcome: 'refused',
        ...seenBy(caller, session),
      });
      parts.log.warn({ sessionId: session.id, requestId: caller.requestId }, 'a spent refresh token came again');
      tx.afterCommit(() => parts.sessions.forget(session.id));
    }
    return undefined;
  });
  if (!renewed) throw new Problem('auth.token_invalid');
  return withTokens(parts, caller, renewed);
}

const eventScope = (parts: SecurityParts, caller: Caller, session: LiveSession): EventScope => ({
  tenantId: session.tenant.id,
  at: parts.clock.now(),
  requestId: caller.requestId,
  newId: parts.newId,
});

const seenBy = (caller: Caller, { id, person }: LiveSession) => ({
  personId: person.id,
  sessionId: id,
  address: caller.address,
  device: caller.device,
});

/** A session that goes on from another device or network is told to those who watch, and labelled anew. */
async function noteMove(parts: SecurityParts, tx: Tx, caller: Caller, session: LiveSession): Promise<void> {
  if (!session.seen || session.seen.equals(seenMac(parts, caller))) return;
  await appendSecurityEvent(tx, eventScope(parts, caller, session), {
    kind: 'session.moved',
    ...seenBy(caller, session),
  });
  tx.afterCommit(() => labelLater(parts, caller, session));
}
