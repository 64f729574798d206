import { z } from 'zod';
import { type AnyRoute, idParams, pageOf, route } from '#http';
import { notFound } from '#problem';
import type { SecurityParts } from '../security-parts.ts';
import { callerOf } from './answer-sign-in.ts';
import { endOwnSessions } from './end-own-sessions.ts';
import { type MemberFactors, membersFactors, resetFactors } from './member-factors.ts';
import { ownerOf } from './owner.ts';
import { endSessions } from './remedies.ts';
import { readLabel } from './session-label.ts';
import { type ListedSession, listSessions } from './session-store.ts';
import { findPolicy, setPolicy } from './sign-in-policy.ts';

const sessionSchema = z.object({
  id: z.string(),
  current: z.boolean(),
  createdAt: z.string(),
  lastUsedAt: z.string(),
  methods: z.array(z.string()),
  device: z.string().nullable(),
  network: z.string().nullable(),
});
const memberSchema = z.object({
  personId: z.string(),
  password: z.boolean(),
  totp: z.boolean(),
  passkeys: z.number(),
  singleSignOn: z.boolean(),
  liveSessions: z.number(),
  lastSignedInAt: z.string().nullable(),
  locked: z.boolean(),
});
const policySchema = z.object({ secondFactor: z.enum(['optional', 'required']), version: z.number() });

function memberBody({ lastSignedInAt, lockedAt, ...member }: MemberFactors) {
  return { ...member, lastSignedInAt: lastSignedInAt?.toISOString() ?? null, locked: lockedAt !== null };
}

async function sessionBody(of: { tenantId: string; personId: string; current: string }, session: ListedSession) {
  const { id, createdAt, lastUsedAt, methods } = session;
  const label = await readLabel({ ...of, sessionId: id, label: session.label });
  return {
    id,
    current: id === of.current,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt.toISOString(),
    methods,
    device: label?.device ?? null,
    network: label?.network ?? null,
  };
}

/** One's own sessions, and what administrators see and do about the sign-in of members. */
export function sessionRoutes(parts: SecurityParts): AnyRoute[] {
  return [...ownSessionRoutes(parts), ...memberRoutes(parts), ...policyRoutes(parts)];
}

function ownSessionRoutes(parts: SecurityParts): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/auth/sessions',
      summary: 'Where one is signed in',
      access: 'authenticated',
      answers: { 200: pageOf(sessionSchema) },
      handle: async (context, { request }) => {
        const { personId, tenantId, sessionId } = ownerOf(context, request.authenticated?.signIn);
        const live = await parts.db.system((tx) => listSessions(tx, tenantId, personId, parts.clock.now()));
        const of = { tenantId, personId, current: sessionId };
        return { body: { items: await Promise.all(live.map((one) => sessionBody(of, one))), nextCursor: null } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/auth/sessions/:id',
      summary: 'End one of one’s own sessions',
      access: 'authenticated',
      params: idParams,
      answers: { 204: null },
      handle: async (context, { params, request }) => {
        await endOwnSessions(parts, callerOf(request), ownerOf(context, request.authenticated?.signIn), params.id);
        return { status: 204 };
      },
    }),
    route({
      method: 'POST',
      path: '/auth/sessions/end-others',
      summary: 'End all of one’s own sessions but this one',
      access: 'authenticated',
      answers: { 200: z.object({ ended: z.number() }) },
      handle: async (context, { request }) => {
        const owner = ownerOf(context, request.authenticated?.signIn);
        return { body: { ended: await endOwnSessions(parts, callerOf(request), owner) } };
      },
    }),
  ];
}

function memberRoutes(parts: SecurityParts): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/users/factors',
      summary: 'Who has which factor, and when they last signed in',
      access: 'users:manage',
      answers: { 200: pageOf(memberSchema) },
      handle: async (context) => {
        const members = await parts.db.system((tx) => membersFactors(tx, context.tenant.id));
        return { body: { items: members.map(memberBody), nextCursor: null } };
      },
    }),
    route({
      method: 'GET',
      path: '/users/:id/factors',
      summary: 'Which factors one person has',
      access: 'users:manage',
      params: idParams,
      answers: { 200: memberSchema },
      handle: async (context, { params }) => {
        const [member] = await parts.db.system((tx) => membersFactors(tx, context.tenant.id, params.id));
        return { body: memberBody(member ?? notFound('person', params.id)) };
      },
    }),
    route({
      method: 'POST',
      path: '/users/:id/end-sessions',
      summary: 'End every session of a person',
      access: 'users:manage',
      params: idParams,
      answers: { 200: z.object({ ended: z.number() }) },
      handle: async (context, { params }) => {
        const [member] = await parts.db.system((tx) => membersFactors(tx, context.tenant.id, params.id));
        if (!member) notFound('person', params.id);
        const ended = await context.db.transact(context, (tx) => endSessions(tx, params.id, 'ended_by_administrator'));
        parts.sessions.forgetPerson(params.id);
        return { body: { ended } };
      },
    }),
    route({
      method: 'POST',
      path: '/users/:id/reset-factors',
      summary: 'Take lost factors from a person and end their sessions',
      access: 'users:manage',
      proof: 'recent',
      params: idParams,
      answers: { 204: null },
      handle: async (context, { params }) => {
        await resetFactors(context, parts, params.id);
        return { status: 204 };
      },
    }),
  ];
}

function policyRoutes(parts: SecurityParts): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/sign-in-policy',
      summary: 'What the tenant asks of everyone who signs in',
      access: 'users:manage',
      answers: { 200: policySchema },
      handle: async (context) => {
        const policy = await context.db.read(context, findPolicy);
        return { version: policy.version, body: policy };
      },
    }),
    route({
      method: 'PUT',
      path: '/sign-in-policy',
      summary: 'Require a second factor of everyone, or leave it to them',
      access: 'users:manage',
      proof: 'recent',
      body: z.strictObject({ secondFactor: policySchema.shape.secondFactor }),
      answers: { 200: policySchema },
      handle: async (context, { body, ifMatch }) => {
        const policy = await setPolicy(context, body.secondFactor, ifMatch);
        parts.sessions.clear();
        return { version: policy.version, body: policy };
      },
    }),
  ];
}
