import type { Clock } from '#clock';
import type { Database } from '#db';
import { findLiveSession, type LiveSession } from './session-store.ts';

/** Live sessions, remembered for a moment so that a request costs no query. */
export interface SessionCache {
  /** The live session, as the database showed it at most {@link freshMs} ago. */
  get(sessionId: string): Promise<LiveSession | undefined>;
  /** Forgets a session, in this process at once. */
  forget(sessionId: string): void;
  /** Forgets a person's sessions. */
  forgetPerson(personId: string): void;
  /** Forgets everything: after a change of a role. */
  clear(): void;
}

/** Another process's revocation is seen after so long at the latest. */
export const freshMs = 4_000;
/** Sessions remembered at once, some 2 KB each. */
const maxRemembered = 5_000;

interface Remembered {
  readAtMs: number;
  live: Promise<LiveSession | undefined>;
  personId: string | undefined;
}

/** A cache in front of the sessions of `db`. */
export function makeSessionCache(db: Database, clock: Clock): SessionCache {
  const remembered = new Map<string, Remembered>();
  return {
    get: async (sessionId) => {
      const now = clock.now();
      const known = remembered.get(sessionId);
      const ageMs = known ? now.getTime() - known.readAtMs : Number.POSITIVE_INFINITY;
      if (known && ageMs >= 0 && ageMs < freshMs) return known.live;
      if (remembered.size >= maxRemembered) remembered.clear();
      const live = db.system((tx) => findLiveSession(tx, sessionId, now));
      const entry: Remembered = { readAtMs: now.getTime(), live, personId: undefined };
      // Requests that arrive while the query runs share it.
      remembered.set(sessionId, entry);
      const drop = () => {
        if (remembered.get(sessionId) === entry) remembered.delete(sessionId);
      };
      try {
        const found = await live;
        entry.personId = found?.person.id;
        if (!found) drop();
        return found;
      } catch (error) {
        drop();
        throw error;
      }
    },
    forget: (sessionId) => {
      remembered.delete(sessionId);
    },
    forgetPerson: (personId) => {
      for (const [sessionId, entry] of remembered) {
        // One whose query still runs may be this person's, read before the change.
        if (entry.personId === personId || entry.personId === undefined) remembered.delete(sessionId);
      }
    },
    clear: () => remembered.clear(),
  };
}
