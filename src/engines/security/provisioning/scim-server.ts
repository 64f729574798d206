import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Context, makeContext } from '#context';
import { type Authenticated, asProblem, idSchema, maxPageSize } from '#http';
import { Problem } from '#problem';
import type { SecurityParts } from '../security-parts.ts';
import { getGroup, listGroups, patchGroup, replaceGroup } from './provision-groups.ts';
import { changeUser, getUser, provisionUser, removeUser } from './provision-users.ts';
import { errorBody, ScimError } from './scim-error.ts';
import { readFilter } from './scim-filter.ts';
import {
  groupResource,
  listResponse,
  resourceTypes,
  schemas,
  serviceProviderConfig,
  userResource,
} from './scim-resources.ts';
import { listUsers, type UsersWhere } from './scim-store.ts';
import { changeOfPatch, changeOfResource } from './scim-user-change.ts';

/** Where provisioning systems find us. */
const base = '/scim/v2';
const mediaType = 'application/scim+json';
/** Requests per key and ten seconds: a full synchronisation of some thousand people stays below. */
const perWindow = 1_000;
/** What a provisioning system must be allowed: everything here is about members. */
const needed = 'users:manage';

const pageQuery = z.object({
  filter: z.string().max(500).optional(),
  startIndex: z.coerce.number().int().catch(1),
  count: z.coerce.number().int().catch(100),
});

type Handler = (context: Context, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** `/scim/v2`: provisioning of members by another system (RFC 7643, RFC 7644), by the key of a service account. */
export async function registerScim(
  app: FastifyInstance,
  parts: SecurityParts,
  authenticate: (bearer: string, address: string) => Promise<Authenticated>,
): Promise<void> {
  const at = new URL(base, parts.publicUrl).href;
  await app.register(async (scim) => {
    scim.addContentTypeParser(mediaType, { parseAs: 'string' }, scim.getDefaultJsonParser('error', 'error'));
    scim.setErrorHandler((error, request, reply) => sendScimError(parts, error, request, reply));
    scim.addHook('onRequest', async (request) => {
      request.authenticated = await admit(request, authenticate);
    });
    await scim.register(rateLimit, {
      ...{ max: perWindow, timeWindow: 10_000, hook: 'preHandler' },
      keyGenerator: (request) => request.authenticated?.actor.id ?? request.ip,
    });
    const route = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, handle: Handler) =>
      scim.route({
        method,
        url: base + path,
        schema: { hide: true },
        handler: async (request, reply) => {
          reply.type(mediaType);
          return handle(contextOf(parts, request), request, reply);
        },
      });
    for (const [path, resource] of Object.entries(descriptions(at))) route('GET', path, async () => resource);
    registerUsers(route, parts, at);
    registerGroups(route, parts, at);
  });
}

function descriptions(at: string): Record<string, unknown> {
  const types = resourceTypes(at);
  return {
    '/ServiceProviderConfig': serviceProviderConfig,
    '/ResourceTypes': listResponse(types, types.length, 1),
    '/Schemas': listResponse(schemas, schemas.length, 1),
  };
}

type Register = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, handle: Handler) => void;

const idOf = (request: FastifyRequest): string => {
  const { id } = request.params as { id: string };
  if (!idSchema.safeParse(id).success) throw new ScimError(404, `There is no user ${id}.`);
  return id;
};

function registerUsers(route: Register, parts: SecurityParts, at: string): void {
  route('GET', '/Users', async (context, request) => {
    const { filter, startIndex, count } = pageQuery.parse(request.query);
    const from = Math.max(1, startIndex);
    const page = { offset: from - 1, limit: Math.min(Math.max(0, count), maxPageSize) };
    const { total, users } = await context.db.read(context, (tx) => listUsers(tx, usersWhere(filter), page));
    return listResponse(
      users.map((user) => userResource(at, user)),
      total,
      from,
    );
  });
  route('POST', '/Users', async (context, request, reply) => {
    const user = await provisionUser(context, parts, changeOfResource(request.body));
    reply.code(201).header('location', `${at}/Users/${user.id}`);
    return userResource(at, user);
  });
  route('GET', '/Users/:id', async (context, request) => userResource(at, await getUser(context, idOf(request))));
  route('PUT', '/Users/:id', async (context, request) =>
    userResource(at, await changeUser(context, parts, idOf(request), changeOfResource(request.body))),
  );
  route('PATCH', '/Users/:id', async (context, request) => {
    const before = await getUser(context, idOf(request));
    return userResource(at, await changeUser(context, parts, before.id, changeOfPatch(request.body, before)));
  });
  route('DELETE', '/Users/:id', async (context, request, reply) => {
    await removeUser(context, parts, idOf(request));
    return reply.code(204).send();
  });
}

function usersWhere(filter: string | undefined): UsersWhere | undefined {
  const equal = readFilter(filter, ['userName', 'externalId', 'id', 'emails.value']);
  if (!equal) return undefined;
  if (equal.attribute === 'externalid') return { externalId: equal.value };
  if (equal.attribute !== 'id') return { email: equal.value };
  return { id: idSchema.safeParse(equal.value).success ? equal.value : '00000000-0000-0000-0000-000000000000' };
}

function registerGroups(route: Register, parts: SecurityParts, at: string): void {
  const named = (request: FastifyRequest) => (request.params as { id: string }).id;
  route('GET', '/Groups', async (context, request) => {
    const { filter, startIndex, count } = pageQuery.parse(request.query);
    const equal = readFilter(filter, ['displayName', 'id']);
    const all = await listGroups(context);
    const found = equal ? all.filter(({ id, name }) => (equal.attribute === 'id' ? id : name) === equal.value) : all;
    const from = Math.max(1, startIndex);
    const page = found.slice(from - 1, from - 1 + Math.min(Math.max(0, count), maxPageSize));
    return listResponse(
      page.map((group) => groupResource(at, group)),
      found.length,
      from,
    );
  });
  route('POST', '/Groups', async () => {
    throw new ScimError(
      403,
      'Roles are made in TRADEAI, where their permissions are given; fill the one of this name.',
    );
  });
  route('GET', '/Groups/:id', async (context, request) => groupResource(at, await getGroup(context, named(request))));
  route('PUT', '/Groups/:id', async (context, request) =>
    groupResource(at, await replaceGroup(context, parts, named(request), request.body)),
  );
  route('PATCH', '/Groups/:id', async (context, request) =>
    groupResource(at, await patchGroup(context, parts, named(request), request.body)),
  );
}

async function admit(
  request: FastifyRequest,
  authenticate: (bearer: string, address: string) => Promise<Authenticated>,
): Promise<Authenticated> {
  const bearer = /^Bearer ([\w.~+/=-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!bearer) throw new Problem('auth.required');
  const who = await authenticate(bearer, request.ip);
  if (!who.actor.permissions.has(needed)) throw new Problem('auth.forbidden', { detail: `This needs ${needed}.` });
  if (who.actor.scope) throw new Problem('auth.forbidden', { detail: 'Members belong to the whole tenant.' });
  // People change rights under /users, where that takes a recent proof; a key of their own proves nothing either.
  if (who.actor.kind !== 'service') {
    throw new Problem('auth.forbidden', { detail: 'Provisioning signs in with the key of a service account.' });
  }
  return who;
}

function contextOf({ clock, db, log }: SecurityParts, request: FastifyRequest): Context {
  if (!request.authenticated) throw new Problem('auth.required');
  const { tenant, actor } = request.authenticated;
  return makeContext({ tenant, actor, clock, db, log, requestId: request.id, traceparent: request.traceparent });
}

function sendScimError(
  parts: SecurityParts,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const answer = reply.type(mediaType);
  if (error instanceof ScimError) {
    return answer.code(error.status).send(errorBody(error.status, error.message, error.scimType));
  }
  const problem = asProblem(error);
  if (problem.status >= 500)
    parts.log.error({ err: problem.cause ?? problem, requestId: request.id }, 'request failed');
  const retryAfterS = problem.extra.retryAfterS;
  if (retryAfterS !== undefined) reply.header('retry-after', String(retryAfterS));
  const scimType = problem.status === 400 ? 'invalidSyntax' : undefined;
  return answer.code(problem.status).send(errorBody(problem.status, problem.detail, scimType));
}
