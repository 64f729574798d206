import * as client from 'openid-client';
import { Problem } from '#problem';
import type { SecurityParts } from '../../security-parts.ts';
import { openClientSecret, type SignInProvider } from './provider-store.ts';
import type { RoundTrip } from './round-trip.ts';

/** Where providers send people back to. */
export const callbackPath = '/api/v1/auth/single-sign-on/callback';
/** A proof that a session asks for again must be so fresh at the provider. */
const proofAgeS = 300;

/** Who somebody is, in the words of a provider whose signature was checked. */
export interface Claims {
  subject: string;
  email: string | undefined;
  emailVerified: boolean;
  name: string | undefined;
  /** Values of the claim that names roles. */
  groups: string[];
}

/** A provider's metadata is good for so long: strangers must not make us ask it over and over. */
const metadataFreshMs = 5 * 60_000;
/** One that did not answer is left alone for so long, and up to as long again: many processes do not come back at once. */
const leftAloneMs = 15_000;
/** Providers remembered at once. */
const maxRemembered = 500;

interface Remembered {
  readAtMs: number;
  freshMs: number;
  config: Promise<client.Configuration>;
}

const remembered = new Map<string, Remembered>();

/** From 0 to below 1: the last bits of an id are chance. */
const chanceFrom = (newId: () => string) => Number.parseInt(newId().slice(-8), 16) / 2 ** 32;

/**
 * A provider's metadata, read again after five minutes or a change of the provider. Whoever comes while it is read waits for
 * that; that it could not be read is remembered too, for 15 to 30 s.
 */
function configOf(parts: SecurityParts, provider: SignInProvider): Promise<client.Configuration> {
  const name = `${provider.id}/${provider.version}`;
  const nowMs = parts.clock.now().getTime();
  const known = remembered.get(name);
  if (known && Math.abs(nowMs - known.readAtMs) < known.freshMs) return known.config;
  if (remembered.size >= maxRemembered) remembered.clear();
  const entry: Remembered = { readAtMs: nowMs, freshMs: metadataFreshMs, config: discover(parts, provider) };
  remembered.set(name, entry);
  entry.config.catch(() => {
    entry.readAtMs = parts.clock.now().getTime();
    entry.freshMs = leftAloneMs * (1 + chanceFrom(parts.newId));
  });
  return entry.config;
}

/** Reads a provider's metadata (OpenID Connect Discovery 1.0); its issuer must be the one that was set. */
async function discover(parts: SecurityParts, provider: SignInProvider): Promise<client.Configuration> {
  const secret = await openClientSecret(provider);
  // Over plain HTTP only where outbound requests to one's own machine are allowed: the way out refuses it elsewhere.
  const plain = provider.issuer.startsWith('http:') ? [client.allowInsecureRequests] : [];
  return client.discovery(new URL(provider.issuer), provider.clientId, undefined, client.ClientSecretBasic(secret), {
    execute: [...plain, client.enableNonRepudiationChecks],
    [client.customFetch]: (url, options) => parts.outbound.fetch(url, options as RequestInit),
  });
}

/** The address at the provider that begins a sign-in: code flow with PKCE (RFC 7636), state and nonce. */
export async function authorizationUrl(
  parts: SecurityParts,
  provider: SignInProvider,
  ask: RoundTrip,
): Promise<string> {
  const config = await configOf(parts, provider);
  const again: Record<string, string> = ask.sessionId ? { prompt: 'login', max_age: String(proofAgeS) } : {};
  return client.buildAuthorizationUrl(config, {
    redirect_uri: new URL(callbackPath, parts.publicUrl).href,
    scope: 'openid email profile',
    state: ask.state,
    nonce: ask.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(ask.codeVerifier),
    code_challenge_method: 'S256',
    ...again,
  }).href;
}

/**
 * Exchanges the provider's answer for checked claims: issuer (also of the answer, RFC 9207), audience, signature, times,
 * nonce and state. Throws `auth.invalid_credentials` for anything that is not good.
 */
export async function exchange(
  parts: SecurityParts,
  provider: SignInProvider,
  search: string,
  begun: RoundTrip,
): Promise<Claims> {
  try {
    const config = await configOf(parts, provider);
    const url = new URL(callbackPath + search, parts.publicUrl);
    const tokens = await client.authorizationCodeGrant(config, url, {
      expectedState: begun.state,
      expectedNonce: begun.nonce,
      pkceCodeVerifier: begun.codeVerifier,
      idTokenExpected: true,
      ...(begun.sessionId ? { maxAge: proofAgeS } : {}),
    });
    const claims = tokens.claims();
    if (!claims) throw new Error('the provider answered without an ID token');
    const wanted = ['email', 'email_verified', ...(provider.roleClaim ? [provider.roleClaim] : [])];
    const complete = wanted.every((name) => name in claims) || !config.serverMetadata().userinfo_endpoint;
    const more = complete ? {} : await client.fetchUserInfo(config, tokens.access_token, claims.sub);
    return claimsOf({ ...more, ...claims }, provider.roleClaim);
  } catch (error) {
    // What went wrong is for the operator; the person at the door learns that it did.
    parts.log.warn({ err: error, providerId: provider.id }, 'a single sign-on was refused');
    throw new Problem('auth.invalid_credentials', {
      detail: 'The sign-in at your provider did not work.',
      cause: error,
    });
  }
}

function claimsOf(claims: Record<string, unknown>, roleClaim: string | null): Claims {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
  const named = roleClaim ? claims[roleClaim] : undefined;
  const groups = (Array.isArray(named) ? named : [named]).filter((one): one is string => typeof one === 'string');
  return {
    subject: String(claims.sub),
    email: text(claims.email)?.trim().toLowerCase(),
    emailVerified: claims.email_verified === true,
    name: text(claims.name),
    groups,
  };
}
