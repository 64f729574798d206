import { errors, jwtVerify, SignJWT } from 'jose';
import type { Clock } from '#clock';
import { Problem } from '#problem';
import { deriveKey } from '../keys/derive-key.ts';

/** How long an access token is valid: short, since the browser renews it silently. */
export const accessTokenLifeS = 600;

/** What an access token says. */
export interface AccessClaims {
  personId: string;
  tenantId: string;
  sessionId: string;
}

/** Issues and reads access tokens: JWT (RFC 7519) signed with HS256 under a key of its own. */
export interface AccessTokens {
  issue(claims: AccessClaims): Promise<string>;
  /** Throws `auth.token_invalid`. */
  read(token: string): Promise<AccessClaims>;
}

const issuer = 'tradeai';
const audience = 'tradeai-api';
const tokenType = 'at+jwt';
/** Version of the claims: a token of another version is refused. */
const version = 1;
const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Access tokens under the product's secret key. */
export function makeAccessTokens(clock: Clock, secretKey: string): AccessTokens {
  const key = deriveKey(secretKey, 'access-token');
  return {
    issue: ({ personId, tenantId, sessionId }) => {
      const nowS = Math.floor(clock.now().getTime() / 1_000);
      return new SignJWT({ tid: tenantId, sid: sessionId, ver: version })
        .setProtectedHeader({ alg: 'HS256', typ: tokenType })
        .setSubject(personId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + accessTokenLifeS)
        .sign(key);
    },
    read: async (token) => {
      try {
        const options = { algorithms: ['HS256'], typ: tokenType, issuer, audience, currentDate: clock.now() };
        const { payload } = await jwtVerify(token, key, options);
        const { sub, tid, sid, ver } = payload;
        if (ver === version && isId(sub) && isId(tid) && isId(sid)) {
          return { personId: sub, tenantId: tid, sessionId: sid };
        }
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error;
      }
      throw new Problem('auth.token_invalid');
    },
  };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && uuid.test(value);
}
