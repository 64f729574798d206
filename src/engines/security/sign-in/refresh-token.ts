import { deriveKey, macOf, sameBytes } from '../keys/derive-key.ts';

/** Which token of which session: every renewal is a new generation. */
export interface RefreshToken {
  sessionId: string;
  generation: number;
}

/**
 * Refresh tokens are MACs over session and generation under a key outside the database: a copy of the database forges
 * none, every spent generation is recognised for ever without keeping it, and the successor of a token is always the
 * same one, so that two tabs renewing at once both hold the current token.
 */
export interface RefreshTokens {
  issue(token: RefreshToken): string;
  /** Undefined for anything that we did not issue. */
  read(text: string): RefreshToken | undefined;
}

const form = /^([\da-f-]{36})\.(\d{1,9})\.([\w-]{43})$/;

/** Refresh tokens under the product's secret key. */
export function makeRefreshTokens(secretKey: string): RefreshTokens {
  const key = deriveKey(secretKey, 'refresh-token');
  const mac = (sessionId: string, generation: number) => macOf(key, `${sessionId}.${generation}`);
  return {
    issue: ({ sessionId, generation }) =>
      `${sessionId}.${generation}.${mac(sessionId, generation).toString('base64url')}`,
    read: (text) => {
      const [, sessionId, digits, given] = form.exec(text) ?? [];
      if (!sessionId || !digits || !given) return undefined;
      const generation = Number(digits);
      if (!sameBytes(mac(sessionId, generation), Buffer.from(given, 'base64url'))) return undefined;
      return { sessionId, generation };
    },
  };
}

/** What presenting a refresh token of a live session means. */
export type RefreshVerdict = 'rotate' | 'repeat' | 'reused' | 'unknown';

/** The token before the current one stays good for so long: tabs and lost answers race harmlessly. */
export const graceMs = 10_000;

/**
 * The current generation rotates; the one before it is answered with the current one during the grace time, later it
 * was stolen or replayed, like every older one; a generation from the future belongs to a database since restored.
 */
export function judgeRefresh(
  generation: number,
  session: { generation: number; rotatedAt: Date },
  now: Date,
): RefreshVerdict {
  if (generation === session.generation) return 'rotate';
  if (generation > session.generation) return 'unknown';
  const ageMs = now.getTime() - session.rotatedAt.getTime();
  return generation === session.generation - 1 && ageMs <= graceMs ? 'repeat' : 'reused';
}
