import type { FastifyReply, FastifyRequest } from 'fastify';
import { type AnyRoute, route } from '#http';
import { Problem } from '#problem';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { acceptInvitation } from './accept-invitation.ts';
import { authBodies, signedInSchema, userSchema } from './auth-schemas.ts';
import { changePassword } from './change-password.ts';
import { refreshSession } from './refresh-session.ts';
import { requestReset, resetPassword } from './reset-password.ts';
import { type SignedIn, signedInBody, signIn, userBody } from './sign-in.ts';
import { signOut } from './sign-out.ts';

/** The refresh cookie: no script reads it, no other site sends it, and only sign-in routes get it. */
const cookieName = 'tradeai_refresh';
const cookiePath = '/api/v1/auth';

function callerOf(request: FastifyRequest): Caller {
  return { address: request.ip, requestId: request.id };
}

function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

function cookieOptions(parts: SecurityParts, request: FastifyRequest) {
  const secure = request.protocol === 'https' || parts.publicUrl.startsWith('https:');
  return { path: cookiePath, httpOnly: true, sameSite: 'strict' as const, secure };
}

function answer(parts: SecurityParts, request: FastifyRequest, reply: FastifyReply, signedIn: SignedIn) {
  const { expiresAt } = signedIn.session;
  const maxAge = Math.max(0, Math.floor((expiresAt.getTime() - parts.clock.now().getTime()) / 1_000));
  reply.setCookie(cookieName, signedIn.refreshToken, { ...cookieOptions(parts, request), maxAge });
  reply.header('cache-control', 'no-store');
  return { body: signedInBody(signedIn) };
}

/**
 * Refuses what another site's page set off. `SameSite=Strict` keeps the cookie from other sites already, but a browser
 * calls two hosts of one domain one site, and an old one knows no SameSite. `Sec-Fetch-Site`, which no page can set,
 * decides where it is sent (also behind proxies that rewrite `Host`), else `Origin`. Programs send neither.
 */
function requireOwnPage(parts: SecurityParts, request: FastifyRequest): void {
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
async function retryAfter<T>(reply: FastifyReply, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const seconds = error instanceof Problem ? error.extra.retryAfterS : undefined;
    if (seconds !== undefined) reply.header('retry-after', String(seconds));
    throw error;
  }
}

/** `/auth`: signing in and out, renewing, one-time links and passwords. */
export function authRoutes(parts: SecurityParts): AnyRoute[] {
  return [...sessionRoutes(parts), ...passwordRoutes(parts)];
}

function sessionRoutes(parts: SecurityParts): AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/auth/login',
      summary: 'Sign in by e-mail and password',
      access: 'public',
      body: authBodies.login,
      answers: { 200: signedInSchema },
      handle: async (_context, { body, request, reply }) =>
        answer(parts, request, reply, await retryAfter(reply, signIn(parts, callerOf(request), body))),
    }),
    route({
      method: 'POST',
      path: '/auth/refresh',
      summary: 'Renew the access token by the refresh cookie',
      access: 'public',
      answers: { 200: signedInSchema },
      handle: async (_context, { request, reply }) => {
        requireOwnPage(parts, request);
        try {
          const signedIn = await refreshSession(parts, callerOf(request), request.cookies[cookieName]);
          return answer(parts, request, reply, signedIn);
        } catch (error) {
          if (error instanceof Problem) reply.clearCookie(cookieName, cookieOptions(parts, request));
          throw error;
        }
      },
    }),
    route({
      method: 'POST',
      path: '/auth/logout',
      summary: 'End the session of the refresh cookie or bearer token',
      access: 'public',
      answers: { 204: null },
      handle: async (_context, { request, reply }) => {
        requireOwnPage(parts, request);
        const cookie = request.cookies[cookieName];
        const bearer = bearerOf(request);
        const sessions = new Set<string>();
        const token = cookie === undefined ? undefined : parts.refreshTokens.read(cookie);
        if (token) sessions.add(token.sessionId);
        // An access token that has expired ends nothing and harms nothing.
        const claims = bearer ? await parts.accessTokens.read(bearer).catch(ignoreProblem) : undefined;
        if (claims) sessions.add(claims.sessionId);
        for (const id of sessions) await signOut(parts, callerOf(request), id);
        reply.clearCookie(cookieName, cookieOptions(parts, request));
        return { status: 204 };
      },
    }),
    route({
      method: 'GET',
      path: '/auth/me',
      summary: 'Who is signed in, with roles and permissions',
      access: 'authenticated',
      answers: { 200: userSchema },
      handle: async (_context, { request }) => {
        const { sessionId } = await parts.accessTokens.read(bearerOf(request) ?? '');
        const session = await parts.sessions.get(sessionId);
        if (!session) throw new Problem('auth.token_invalid');
        return { body: userBody(session) };
      },
    }),
  ];
}

function passwordRoutes(parts: SecurityParts): AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/auth/accept',
      summary: 'Take an invitation: choose a password, or prove the account that one has',
      access: 'public',
      body: authBodies.accept,
      answers: { 200: signedInSchema },
      handle: async (_context, { body, request, reply }) =>
        answer(parts, request, reply, await retryAfter(reply, acceptInvitation(parts, callerOf(request), body))),
    }),
    route({
      method: 'POST',
      path: '/auth/forgot',
      summary: 'Ask for a link to choose a new password; the answer never says whether the e-mail is known',
      access: 'public',
      body: authBodies.forgot,
      answers: { 202: null },
      handle: async (_context, { body, request, reply }) => {
        await retryAfter(reply, requestReset(parts, callerOf(request), body.email));
        return { status: 202 };
      },
    }),
    route({
      method: 'POST',
      path: '/auth/reset',
      summary: 'Choose a new password by a link; ends every session of the person',
      access: 'public',
      body: authBodies.reset,
      answers: { 204: null },
      handle: async (_context, { body, request }) => {
        await resetPassword(parts, callerOf(request), body);
        return { status: 204 };
      },
    }),
    route({
      method: 'POST',
      path: '/auth/password',
      summary: 'Change one’s own password; ends one’s other sessions',
      access: 'authenticated',
      body: authBodies.password,
      answers: { 204: null },
      handle: async (_context, { body, request, reply }) => {
        const { personId, sessionId } = await parts.accessTokens.read(bearerOf(request) ?? '');
        await retryAfter(reply, changePassword(parts, callerOf(request), { personId, sessionId, ...body }));
        return { status: 204 };
      },
    }),
  ];
}

function ignoreProblem(error: unknown): undefined {
  if (error instanceof Problem) return undefined;
  throw error;
}
