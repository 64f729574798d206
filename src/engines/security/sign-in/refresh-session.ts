import { Problem } from '#problem';
import { appendAudit } from '../audit/record-audit.ts';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { judgeRefresh } from './refresh-token.ts';
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
      parts.log.warn({ sessionId: session.id, requestId: caller.requestId }, 'a spent refresh token came again');
      tx.afterCommit(() => parts.sessions.forget(session.id));
    }
    return undefined;
  });
  if (!renewed) throw new Problem('auth.token_invalid');
  return withTokens(parts, renewed);
}
