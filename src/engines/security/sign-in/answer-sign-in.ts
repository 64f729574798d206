import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '#problem';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { type SignedIn, signedInBody } from './sign-in.ts';

/**
 * The refresh cookie: no script reads it and no other site sends it. Over TLS its name makes the browser hold it to this
 * host and to encrypted connections; plain HTTP, which works on one's own machine only, cannot have that.
 */
const secureCookie = { name: '__Host-tradeai_refresh', path: '/' };
const plainCookie = { name: 'tradeai_refresh', path: '/api/v1/auth' };

/** Longest user agent that is looked at. */
const maxDeviceLength = 500;

/** Whether the browser talks to us over TLS, as far as we can know. */
export function isSecure(parts: SecurityParts, request: FastifyRequest): boolean {
  return request.protocol === 'https' || parts.publicUrl.startsWith('https:');
}

function cookieOf(parts: SecurityParts, request: FastifyRequest) {
  const secure = isSecure(parts, request);
  const { name, path } = secure ? secureCookie : plainCookie;
  return { name, options: { path, httpOnly: true, sameSite: 'strict' as const, secure } };
}

/** Where a request came from. */
export function callerOf(request: FastifyRequest): Caller & { origin?: string | undefined } {
  const device = request.headers['user-agent']?.slice(0, maxDeviceLength);
  return { address: request.ip, requestId: request.id, device, origin: request.headers.origin };
}

/** The refresh token that the browser sent. */
export function refreshCookie(parts: SecurityParts, request: FastifyRequest): string | undefined {
  return request.cookies[cookieOf(parts, request).name];
}

/** Takes the refresh cookie back. */
export function clearRefreshCookie(parts: SecurityParts, request: FastifyRequest, reply: FastifyReply): void {
  const { name, options } = cookieOf(parts, request);
  reply.clearCookie(name, options);
}

/** Gives the browser the refresh token of a session for as long as that lasts. */
export function setRefreshCookie(
  parts: SecurityParts,
  request: FastifyRequest,
  reply: FastifyReply,
  { session, refreshToken }: SignedIn,
): void {
  const { name, options } = cookieOf(parts, request);
  const leftMs = session.expiresAt.getTime() - parts.clock.now().getTime();
  reply.setCookie(name, refreshToken, { ...options, maxAge: Math.max(0, Math.floor(leftMs / 1_000)) });
  reply.header('cache-control', 'no-store');
}

/** Answers a sign-in: the access token in the body, the refresh token in the cookie. */
export function answerSignIn(parts: SecurityParts, request: FastifyRequest, reply: FastifyReply, signedIn: SignedIn) {
  setRefreshCookie(parts, request, reply, signedIn);
  return { body: signedInBody(signedIn) };
}

/**
 * Refuses what another site's page set off. `SameSite=Strict` keeps the cookie from other sites already, but a browser
 * calls two hosts of one domain one site, and an old one knows no SameSite. `Sec-Fetch-Site`, which no page can set,
 * decides where it is sent (also behind proxies that rewrite `Host`), else `Origin`. Programs send neither.
 */
export function requireOwnPage(parts: SecurityParts, request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  const own =
    site === undefined
      ? origin === undefined ||
        origin === new URL(parts.publicUrl).origin ||
        (URL.canParse(origin) && new URL(origin).host === request.host)
      : site === 'same-origin' || site === 'none';
  if (own) return;
  throw new Problem('auth.forbidden', { detail: 'This may only be asked by a page of this server.' });
}

/** Tells a throttled caller when to come back, as a header too. */
export async function retryAfter<T>(reply: FastifyReply, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const seconds = error instanceof Problem ? error.extra.retryAfterS : undefined;
    if (seconds !== undefined) reply.header('retry-after', String(seconds));
    throw error;
  }
}
