import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type AnyRoute, route } from '#http';
import { Problem } from '#problem';
import type { SecurityParts } from '../security-parts.ts';
import { acceptInvitation } from './accept-invitation.ts';
import {
  answerSignIn,
  callerOf,
  clearRefreshCookie,
  refreshCookie,
  requireOwnPage,
  retryAfter,
} from './answer-sign-in.ts';
import { authBodies, passkeyQuestionSchema, signedInSchema, userSchema } from './auth-schemas.ts';
import { takeBreakGlass } from './break-glass.ts';
import { changePassword } from './change-password.ts';
import { ownerOf } from './owner.ts';
import { askPasskey } from './passkeys.ts';
import { refreshSession } from './refresh-session.ts';
import { requestReset, resetPassword } from './reset-password.ts';
import { answerSecondFactor } from './second-factor.ts';
import { type SignedIn, signIn, userBody } from './sign-in.ts';
import { signInByPasskey } from './sign-in-by-passkey.ts';
import { signOut } from './sign-out.ts';

function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** A public route by which somebody comes in; whoever tries too often is told when to come back. */
function wayIn<Body>(
  parts: SecurityParts,
  path: string,
  summary: string,
  body: z.ZodType<Body>,
  enter: (parts: SecurityParts, caller: ReturnType<typeof callerOf>, body: Body) => Promise<SignedIn>,
): AnyRoute {
  return route({
    method: 'POST',
    path,
    summary,
    access: 'public',
    body,
    answers: { 200: signedInSchema },
    handle: async (_context, { body: sent, request, reply }) =>
      answerSignIn(parts, request, reply, await retryAfter(reply, enter(parts, callerOf(request), sent))),
  });
}

/** `/auth`: signing in and out, renewing, one-time links and passwords. */
export function authRoutes(parts: SecurityParts): AnyRoute[] {
  return [...sessionRoutes(parts), ...passwordRoutes(parts)];
}

function sessionRoutes(parts: SecurityParts): AnyRoute[] {
  return [
    wayIn(parts, '/auth/login', 'Sign in by e-mail and password', authBodies.login, signIn),
    wayIn(
      parts,
      '/auth/login/second-factor',
      'Finish a sign-in by a code of one’s generator or a recovery code',
      authBodies.secondFactor,
      answerSecondFactor,
    ),
    route({
      method: 'POST',
      path: '/auth/login/passkey/options',
      summary: 'Begin a sign-in by passkey; nothing tells whose passkeys are known',
      access: 'public',
      answers: { 200: passkeyQuestionSchema },
      handle: async () => ({ body: await askPasskey(parts, null) }),
    }),
    wayIn(
      parts,
      '/auth/login/passkey',
      'Sign in by a passkey, without a password',
      authBodies.passkey,
      signInByPasskey,
    ),
    route({
      method: 'POST',
      path: '/auth/emergency',
      summary: 'Take the link of emergency access; every administrator hears of it',
      access: 'public',
      body: authBodies.emergency,
      answers: { 200: signedInSchema },
      handle: async (_context, { body, request, reply }) =>
        answerSignIn(parts, request, reply, await takeBreakGlass(parts, callerOf(request), body.token)),
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
          const signedIn = await refreshSession(parts, callerOf(request), refreshCookie(parts, request));
          return answerSignIn(parts, request, reply, signedIn);
        } catch (error) {
          if (error instanceof Problem) clearRefreshCookie(parts, request, reply);
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
        const cookie = refreshCookie(parts, request);
        const bearer = bearerOf(request);
        const sessions = new Set<string>();
        const token = cookie === undefined ? undefined : parts.refreshTokens.read(cookie);
        if (token) sessions.add(token.sessionId);
        // An access token that has expired ends nothing and harms nothing.
        const claims = bearer ? await parts.accessTokens.read(bearer).catch(ignoreProblem) : undefined;
        if (claims) sessions.add(claims.sessionId);
        for (const id of sessions) await signOut(parts, callerOf(request), id);
        clearRefreshCookie(parts, request, reply);
        // Answers are kept by no cache and cookies are taken back by name; another product of this domain keeps its own.
        reply.header('clear-site-data', '"storage"');
        return { status: 204 };
      },
    }),
    route({
      method: 'GET',
      path: '/auth/me',
      summary: 'Who is signed in, with roles and permissions',
      access: 'authenticated',
      proof: 'none',
      answers: { 200: userSchema },
      handle: async (context, { request }) => {
        const { sessionId } = ownerOf(context, request.authenticated?.signIn);
        const session = await parts.sessions.get(sessionId);
        if (!session) throw new Problem('auth.token_invalid');
        return { body: userBody(session) };
      },
    }),
  ];
}

function passwordRoutes(parts: SecurityParts): AnyRoute[] {
  return [
    wayIn(
      parts,
      '/auth/accept',
      'Take an invitation: choose a password, or prove the account that one has',
      authBodies.accept,
      acceptInvitation,
    ),
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
      proof: 'own',
      body: authBodies.password,
      answers: { 204: null },
      handle: async (context, { body, request, reply }) => {
        const { personId, sessionId } = ownerOf(context, request.authenticated?.signIn);
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
