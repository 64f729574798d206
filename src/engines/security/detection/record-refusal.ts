import type { Context } from '#context';
import type { Refused } from '#http';
import { recordSecurityEvent } from './record-security-event.ts';

/** The same refusal of the same actor is recorded once in so long: a screen that asks again and again says nothing new. */
const sameMs = 60_000;
/** Refusals that are remembered. */
const maxRemembered = 10_000;

/** Records refusals for want of a permission, for those who watch. */
export function makeRefusalRecorder(): (context: Context, refused: Refused) => Promise<void> {
  const recorded = new Map<string, number>();
  return async (context, { permission, route, sessionId, keyId, address, device }) => {
    const { actor, clock } = context;
    const nowMs = clock.now().getTime();
    const what = `${context.tenant.id} ${actor.id} ${permission}`;
    if (nowMs - (recorded.get(what) ?? Number.NEGATIVE_INFINITY) < sameMs) return;
    if (recorded.size >= maxRemembered) recorded.clear();
    recorded.set(what, nowMs);
    // What a key does is the key's: its person may be at work elsewhere.
    const who = keyId === undefined ? { personId: actor.id } : { subjectId: keyId };
    await context.db.transact(context, (tx) =>
      recordSecurityEvent(tx, {
        ...{ kind: 'access.refused', outcome: 'refused', ...who, sessionId, address, device },
        detail: { permission, route, ...(keyId === undefined ? {} : { keyId }) },
      }),
    );
  };
}
