import { randomBytes } from 'node:crypto';
import type { SecurityParts } from '../../security-parts.ts';
import { readChallenge, signChallenge } from '../signed-challenge.ts';

/** How long somebody may take at their provider. */
export const roundTripMs = 10 * 60_000;

/** What a round trip to a provider is about. */
export interface Trip {
  providerId: string;
  /** Where the person goes then: a path of ours. */
  to: string;
  /** The session that is proved again; null for a sign-in. */
  sessionId: string | null;
}

/** A round trip with what only its browser and this house know. */
export interface RoundTrip extends Trip {
  state: string;
  nonce: string;
  codeVerifier: string;
}

const kind = 'single_sign_on';

/** From the cookie alone: nobody who has not got it learns state, nonce or code verifier, and nothing is stored. */
function withSecrets(parts: SecurityParts, cookie: string, trip: Trip): RoundTrip {
  const derived = (what: string) => parts.signInMac(`round-trip-${what}`, cookie).toString('base64url');
  return { ...trip, state: derived('state'), nonce: derived('nonce'), codeVerifier: derived('verifier') };
}

/** A new round trip, and the cookie that the browser brings back. */
export function beginTrip(parts: SecurityParts, trip: Trip): { cookie: string; trip: RoundTrip } {
  const data = { ...trip, salt: randomBytes(16).toString('base64url') };
  const cookie = signChallenge(parts, kind, data, roundTripMs);
  return { cookie, trip: withSecrets(parts, cookie, trip) };
}

/** The round trip of a cookie; undefined for one that we did not set, or that is too old. */
export function readTrip(parts: SecurityParts, cookie: string | undefined): RoundTrip | undefined {
  const data = readChallenge<Trip>(parts, kind, cookie);
  return data && cookie ? withSecrets(parts, cookie, data) : undefined;
}

/** What {@link readTrip}'s cookie is spent as. */
export const spentTrip = (cookie: string) => ({ kind, token: cookie, lifeMs: roundTripMs });
