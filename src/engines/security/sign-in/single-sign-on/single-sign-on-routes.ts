import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Answer, type AnyRoute, codeSchema, idParams, nameSchema, pageOf, route } from '#http';
import { Problem } from '#problem';
import { scopeSchema } from '../../policy/policy-schemas.ts';
import type { SecurityParts } from '../../security-parts.ts';
import { callerOf, isSecure, requireOwnPage, setRefreshCookie } from '../answer-sign-in.ts';
import { roleCodeSchema } from '../auth-schemas.ts';
import { ownerOf } from '../owner.ts';
import { callbackPath } from './ask-provider.ts';
import { addProvider, changeProvider, type ManagedProvider, removeProvider } from './manage-providers.ts';
import { listProviders, offeredProviders } from './provider-store.ts';
import { roundTripMs } from './round-trip.ts';
import { beginSingleSignOn, endSingleSignOn } from './single-sign-on.ts';
import { confirmProvider, waitingProviders, withdrawProvider } from './waiting-providers.ts';

/** Holds the browser that asked: the provider sends it back from another site, so `Lax`. Over TLS its name keeps it to this host. */
function cookieOf(parts: SecurityParts, request: FastifyRequest) {
  const secure = isSecure(parts, request);
  const [name, path] = secure ? ['__Host-tradeai_round_trip', '/'] : ['tradeai_round_trip', callbackPath];
  return { name, options: { path, httpOnly: true, sameSite: 'lax' as const, secure } };
}

const domainSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a domain');
const issuerSchema = z.url({ protocol: /^https?$/ }).max(500);
const secretSchema = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[\x21-\x7e]+$/, 'must be printable');
const settings = {
  name: nameSchema,
  clientId: codeSchema,
  clientSecret: secretSchema,
  enabled: z.boolean(),
  joins: z.boolean(),
  /** What whoever joins is kept to; needed where people join. */
  joinScope: scopeSchema.nullable(),
  emailDomains: z.array(domainSchema).max(50),
  roleClaim: codeSchema.nullable(),
  roleMap: z.record(codeSchema, roleCodeSchema),
};
const newProviderBody = z.strictObject({
  ...settings,
  issuer: issuerSchema,
  enabled: settings.enabled.default(true),
  joins: settings.joins.default(false),
  joinScope: settings.joinScope.default(null),
  emailDomains: settings.emailDomains.default([]),
  roleClaim: settings.roleClaim.default(null),
  roleMap: settings.roleMap.default({}),
});
const changeBody = z
  .strictObject(settings)
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'must change something');
const providerSchema = z.object({
  id: z.string(),
  name: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  enabled: z.boolean(),
  joins: z.boolean(),
  joinScope: scopeSchema.nullable(),
  emailDomains: z.array(z.string()),
  roleClaim: z.string().nullable(),
  roleMap: z.record(z.string(), z.string()),
  version: z.number(),
});
const waitingAnswer = z.object({ waitingChangeId: z.string().describe('waits until a second person confirms it') });
const waitingSchema = z.object({
  id: z.string(),
  providerId: z.string(),
  happened: z.enum(['added', 'changed']),
  provider: providerSchema.omit({ id: true, version: true }),
  before: providerSchema.nullable(),
  secretChanged: z.boolean(),
  askedBy: z.object({ id: z.string(), name: z.string() }),
  askedAt: z.iso.datetime(),
});
const targetSchema = z.strictObject({ to: z.string().max(500).optional() });

function keepBrowser(parts: SecurityParts, request: FastifyRequest, reply: FastifyReply, secret: string): void {
  const { name, options } = cookieOf(parts, request);
  reply.setCookie(name, secret, { ...options, maxAge: roundTripMs / 1_000 });
}

/** Sign-in through a tenant's OpenID provider, and the settings of such providers. */
export function singleSignOnRoutes(parts: SecurityParts): AnyRoute[] {
  return [...roundTripRoutes(parts), ...providerRoutes(), ...waitingRoutes()];
}

function roundTripRoutes(parts: SecurityParts): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/auth/single-sign-on',
      summary: 'The providers of a tenant, by its slug; none for a tenant that is not there',
      access: 'public',
      query: z.strictObject({ tenant: z.string().min(1).max(63) }),
      answers: { 200: pageOf(z.object({ id: z.string(), name: z.string() })) },
      handle: async (_context, { query }) => ({
        body: { items: await parts.db.system((tx) => offeredProviders(tx, query.tenant)), nextCursor: null },
      }),
    }),
    route({
      method: 'POST',
      path: '/auth/single-sign-on/begin',
      summary: 'Begin a sign-in at a provider: answers where to send the browser',
      access: 'public',
      body: targetSchema.extend({ providerId: z.uuid() }),
      answers: { 200: z.object({ url: z.string() }) },
      handle: async (_context, { body, request, reply }) => {
        requireOwnPage(parts, request);
        const begun = await beginSingleSignOn(parts, body.providerId, { to: body.to, sessionId: null });
        keepBrowser(parts, request, reply, begun.browser);
        return { body: { url: begun.url } };
      },
    }),
    route({
      method: 'POST',
      path: '/auth/prove/single-sign-on',
      summary: 'Begin to prove at a provider who one is',
      access: 'authenticated',
      proof: 'none',
      body: targetSchema.extend({ providerId: z.uuid() }),
      answers: { 200: z.object({ url: z.string() }) },
      handle: async (context, { body, request, reply }) => {
        const { sessionId, tenantId } = ownerOf(context, request.authenticated?.signIn);
        const begun = await beginSingleSignOn(parts, body.providerId, { to: body.to, sessionId, tenantId });
        keepBrowser(parts, request, reply, begun.browser);
        return { body: { url: begun.url } };
      },
    }),
    route({
      method: 'GET',
      path: '/auth/single-sign-on/callback',
      summary: 'Where a provider sends the browser back to; leads on into the application',
      access: 'public',
      answers: { 302: null },
      handle: async (_context, { request, reply }) => {
        const { name, options } = cookieOf(parts, request);
        reply.clearCookie(name, options);
        reply.header('cache-control', 'no-store');
        const to = await comeBack(parts, request, reply);
        reply.header('location', to);
        return { status: 302 };
      },
    }),
  ];
}

/** Ends the round trip; answers the page of ours to go on to. */
async function comeBack(parts: SecurityParts, request: FastifyRequest, reply: FastifyReply): Promise<string> {
  const at = request.url.indexOf('?');
  const search = at < 0 ? '' : request.url.slice(at);
  const state = new URLSearchParams(search).get('state') ?? undefined;
  try {
    const browser = request.cookies[cookieOf(parts, request).name];
    const { to, signedIn } = await endSingleSignOn(parts, callerOf(request), { search, state, browser });
    if (!signedIn) return to;
    setRefreshCookie(parts, request, reply, signedIn);
    return `/signed-in?to=${encodeURIComponent(to)}`;
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    return `/sign-in?refused=${encodeURIComponent(error.detail)}`;
  }
}

const answerOf = (managed: ManagedProvider): Answer =>
  'inForce' in managed
    ? { version: managed.inForce.version, body: managed.inForce }
    : { status: 202, body: { waitingChangeId: managed.waiting } };

function waitingRoutes(): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/single-sign-on/changes',
      summary: 'New and changed OpenID providers that wait for a second person',
      access: 'integrations:read',
      answers: { 200: pageOf(waitingSchema) },
      handle: async (context) => {
        const items = await waitingProviders(context);
        return {
          body: { items: items.map((one) => ({ ...one, askedAt: one.askedAt.toISOString() })), nextCursor: null },
        };
      },
    }),
    route({
      method: 'POST',
      path: '/single-sign-on/changes/:id/confirm',
      summary: 'Put a new or changed OpenID provider in force that somebody else asked for',
      access: 'users:manage',
      proof: 'recent',
      params: idParams,
      answers: { 200: providerSchema },
      handle: async (context, { params }) => {
        const provider = await confirmProvider(context, params.id);
        return { version: provider.version, body: provider };
      },
    }),
    route({
      method: 'DELETE',
      path: '/single-sign-on/changes/:id',
      summary: 'Withdraw a new or changed OpenID provider that waits',
      access: 'users:manage',
      params: idParams,
      answers: { 204: null },
      handle: async (context, { params }) => {
        await withdrawProvider(context, params.id);
        return { status: 204 };
      },
    }),
  ];
}

function providerRoutes(): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/single-sign-on',
      summary: 'The tenant’s OpenID providers, without their secrets',
      access: 'integrations:read',
      answers: { 200: pageOf(providerSchema) },
      handle: async (context) => ({
        body: { items: await context.db.read(context, listProviders), nextCursor: null },
      }),
    }),
    route({
      method: 'POST',
      path: '/single-sign-on',
      summary: 'Let people sign in through an OpenID provider; 202 where it waits for a second person',
      access: 'users:manage',
      proof: 'recent',
      body: newProviderBody,
      answers: { 201: providerSchema, 202: waitingAnswer },
      handle: async (context, { body }) => answerOf(await addProvider(context, body)),
    }),
    route({
      method: 'PATCH',
      path: '/single-sign-on/:id',
      summary: 'Change an OpenID provider; its issuer stays; 202 where the change waits for a second person',
      access: 'users:manage',
      proof: 'recent',
      params: idParams,
      body: changeBody,
      answers: { 200: providerSchema, 202: waitingAnswer },
      handle: async (context, { params, body, ifMatch }) =>
        answerOf(await changeProvider(context, params.id, body, ifMatch)),
    }),
    route({
      method: 'DELETE',
      path: '/single-sign-on/:id',
      summary: 'Remove an OpenID provider',
      access: 'users:manage',
      proof: 'recent',
      params: idParams,
      answers: { 204: null },
      handle: async (context, { params }) => {
        await removeProvider(context, params.id);
        return { status: 204 };
      },
    }),
  ];
}
