import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import { createJsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { cardNumberIn } from '#card-data';
import type { Clock } from '#clock';
import { type Actor, type Context, idsFrom, makeContext, systemActor, type TenantFacts } from '#context';
import type { Database } from '#db';
import { Problem } from '#problem';
import { requireInScope } from '#scope';
import type { Logger } from '#telemetry';
import { requireDeclaredAccess } from './declared-access.ts';
import { earlierAnswer, idempotencyClaim, keepAnswer, releaseClaim } from './idempotency.ts';
import { sendProblem } from './problems.ts';
import { requireProof, type SignIn } from './proof.ts';
import type { Access, Answer, AnyRoute } from './route.ts';
import { securityHeaders } from './security-headers.ts';

/** Who a request acts for. */
export interface Authenticated {
  tenant: TenantFacts;
  actor: Actor;
  /** Null for the key of a program. */
  signIn: SignIn | null;
  /** The API key by which the request came. */
  keyId?: string;
}

/** A request that was refused for want of a permission. */
export interface Refused {
  permission: Access;
  /** Method and path pattern: `GET /audit`. */
  route: string;
  /** Null for the key of a program. */
  sessionId: string | null;
  keyId: string | undefined;
  address: string;
  device: string | undefined;
}

/** What the HTTP server needs from the house. */
export interface HttpParts {
  db: Database;
  clock: Clock;
  log: Logger;
  routes: readonly AnyRoute[];
  /** Whether one proxy stands in front and says who asks, and whether over TLS. */
  trustProxy: boolean;
  /** Origins whose pages may call the API from a browser; usually none but the product's own. */
  corsOrigins?: readonly string[];
  /** Told where a payment card's number was sent and refused. */
  onCardData?(context: Context, found: { route: string; member: string }): Promise<void>;
  /** Told where somebody asked for what they have no permission for. */
  onForbidden?(context: Context, refused: Refused): Promise<void>;
  /** Turns a bearer token into who it speaks for; throws `auth.*` problems. */
  authenticate(bearer: string, address: string): Promise<Authenticated>;
}

/** Where the API begins. */
const base = '/api/v1';
/** Default body limit: the largest ordinary document is a promotion with some hundred tactics. */
const bodyLimitBytes = 1 << 20;
/** Largest uploaded file. */
const fileLimitBytes = 512 << 20;
/** Requests per actor (or address) and ten seconds before 429. A person's screen makes far fewer. */
const rateLimitPerWindow = 3_000;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    authenticated: Authenticated | null;
    traceparent: string | undefined;
  }
}

const nobody: TenantFacts = { id: systemActor.id, slug: '', timeZone: 'UTC', currency: 'USD' };

/** Makes the HTTP server with every route registered; it does not listen yet. */
export async function makeHttpServer(parts: HttpParts): Promise<FastifyInstance> {
  requireDeclaredAccess(parts.routes);
  const newId = idsFrom(parts.clock);
  const app = fastify({
    logger: false,
    // The one proxy in front: what it added itself is believed, not what a client sent along to look like somebody else.
    trustProxy: parts.trustProxy ? (_address, hop) => hop === 0 : false,
    bodyLimit: bodyLimitBytes,
    genReqId: () => newId(),
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    // What the router refuses before any hook runs: a path that cannot be decoded, an overlong parameter.
    frameworkErrors: (error, request, reply) => {
      reply.headers({ 'x-request-id': request.id, ...securityHeaders(request) });
      sendProblem(parts.log, error, request, reply);
    },
  });
  app.setValidatorCompiler((part) => {
    const validate = validatorCompiler(part as Parameters<typeof validatorCompiler>[0]);
    // Fastify hands a missing body on as null, which an optional schema would refuse.
    return part.httpPart === 'body' ? (body) => validate(body ?? undefined) : validate;
  });
  app.setSerializerCompiler(serializerCompiler);
  app.addHook('onRoute', ({ url, config }) => {
    // Whatever plugin adds it: below the API's base nothing answers that nobody declared.
    if (url.startsWith(`${base}/`) && config?.access === undefined)
      throw new Error(`${url} does not declare a permission`);
  });
  app.decorateRequest('authenticated', null);
  app.decorateRequest('traceparent', undefined);
  app.setErrorHandler((error, request, reply) => sendProblem(parts.log, error, request, reply));
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.headers(securityHeaders(request));
    const given = request.headers.traceparent;
    if (typeof given === 'string' && /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(given)) {
      request.traceparent = given;
      reply.header('traceparent', given);
    }
  });
  app.addHook('onResponse', async (request, reply) => {
    const { tenant, actor } = request.authenticated ?? { tenant: nobody, actor: systemActor };
    parts.log.info(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        tenantId: tenant.id,
        actorId: actor.id,
        traceparent: request.traceparent,
      },
      'request',
    );
  });
  await app.register(cookie);
  // Never with credentials: the refresh cookie is for the product's own page only, others bring a bearer token.
  await app.register(cors, {
    origin: [...(parts.corsOrigins ?? [])],
    exposedHeaders: ['etag', 'x-request-id', 'retry-after'],
    maxAge: 600,
  });
  await app.register(multipart, {
    limits: { fileSize: fileLimitBytes, files: 1, fields: 10, fieldSize: 1 << 20 },
    throwFileSizeLimit: true,
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'TRADEAI', version: '1' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    },
    transform: createJsonSchemaTransform({ skipList: [] }),
  });
  await app.register(async (api) => {
    await api.register(rateLimit, {
      max: rateLimitPerWindow,
      timeWindow: 10_000,
      hook: 'preHandler',
      keyGenerator: (request) => request.authenticated?.actor.id ?? request.ip,
      enableDraftSpec: true,
    });
    for (const route of parts.routes) registerRoute(api, route, parts);
  });
  return app;
}

async function authenticateRequest(request: FastifyRequest, parts: HttpParts): Promise<Authenticated> {
  const header = request.headers.authorization;
  const bearer = /^Bearer ([\w.~+/=-]+)$/i.exec(header ?? '')?.[1];
  if (!bearer) throw new Problem('auth.required');
  return parts.authenticate(bearer, request.ip);
}

async function requireAccess(
  request: FastifyRequest,
  route: AnyRoute,
  who: Authenticated,
  parts: HttpParts,
): Promise<void> {
  if (route.access === 'authenticated' || route.access === 'public') return;
  if (who.actor.permissions.has(route.access)) return;
  await parts.onForbidden?.(contextOf(request, who, parts), {
    ...{ permission: route.access, route: `${route.method} ${route.path}`, sessionId: who.signIn?.id ?? null },
    keyId: who.keyId,
    ...{ address: request.ip, device: request.headers['user-agent'] },
  });
  throw new Problem('auth.forbidden', { detail: `This needs the permission ${route.access}.` });
}

/** No route keeps payment cards: what looks like one is refused wherever in a body it stands, and never repeated. */
async function refuseCardData(request: FastifyRequest, route: AnyRoute, parts: HttpParts): Promise<void> {
  const path = cardNumberIn(request.body);
  if (path === undefined) return;
  if (request.authenticated) {
    const found = { route: `${route.method} ${route.path}`, member: path };
    await parts.onCardData?.(contextOf(request, request.authenticated, parts), found);
  }
  const message = 'holds the number of a payment card';
  throw new Problem('card_data.refused', {
    detail: `${path || 'The body'} ${message}: remove it. Payment card data is not kept here.`,
    errors: [{ path, message }],
  });
}

function contextOf(request: FastifyRequest, who: Pick<Authenticated, 'tenant' | 'actor'>, parts: HttpParts): Context {
  const { clock, db, log } = parts;
  const { tenant, actor } = who;
  return makeContext({ tenant, actor, clock, db, log, requestId: request.id, traceparent: request.traceparent });
}

function ifMatchOf(request: FastifyRequest): number | undefined {
  const header = request.headers['if-match'];
  if (header === undefined || header === '*') return undefined;
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(header)?.[1];
  if (!version)
    throw new Problem('request.malformed', { detail: 'If-Match must be the ETag of the resource, like "3".' });
  return Number(version);
}

function registerRoute(app: FastifyInstance, route: AnyRoute, parts: HttpParts): void {
  const statuses = Object.keys(route.answers).map(Number);
  const defaultStatus = statuses[0] ?? 200;
  const isPublic = route.access === 'public';
  app.route({
    method: route.method,
    url: base + route.path,
    config: { access: route.access },
    ...(route.bodyLimitBytes ? { bodyLimit: route.bodyLimitBytes } : {}),
    schema: {
      summary: route.summary,
      tags: [route.path.split('/')[1] ?? ''],
      description: isPublic
        ? 'Public.'
        : `Needs ${route.access === 'authenticated' ? 'a sign-in' : `the permission \`${route.access}\``}.`,
      ...(isPublic ? {} : { security: [{ bearer: [] }] }),
      ...(route.params ? { params: route.params } : {}),
      ...(route.query ? { querystring: route.query } : {}),
      ...(route.body ? { body: route.body } : {}),
      ...(route.multipart ? { consumes: ['multipart/form-data'] } : {}),
      response: Object.fromEntries(Object.entries(route.answers).filter(([, schema]) => schema !== null)),
    },
    // Before the body is read: a stranger learns nothing from a parse error.
    onRequest: async (request) => {
      if (isPublic) return;
      request.authenticated = await authenticateRequest(request, parts);
      await requireAccess(request, route, request.authenticated, parts);
      requireProof(route, request.authenticated.signIn, parts.clock.now());
    },
    preValidation: async (request) => {
      if (route.body && request.body === undefined && !route.body.safeParse(undefined).success) {
        throw new Problem('request.malformed', { detail: 'The request needs a JSON body.' });
      }
    },
    preHandler: (request) => refuseCardData(request, route, parts),
    handler: async (request, reply) => {
      const who = request.authenticated ?? { tenant: nobody, actor: systemActor };
      const claim = isPublic || route.multipart ? undefined : idempotencyClaim(request, who.actor.id);
      const context = Object.assign(contextOf(request, who, parts), { idempotency: claim });
      await requireInScope(context, route, request);
      const run = () =>
        route.handle(context, {
          params: request.params,
          query: request.query,
          body: request.body,
          ifMatch: ifMatchOf(request),
          request,
          reply,
        });
      let answer: Answer | undefined;
      if (claim) {
        answer = await earlierAnswer(context, claim);
        if (answer) reply.header('idempotency-replayed', 'true');
      }
      if (!answer) {
        try {
          answer = (await run()) ?? {};
        } catch (error) {
          if (claim) await releaseClaim(context, claim);
          throw error;
        }
        if (claim && !route.secretAnswer) await keepAnswer(context, claim, answer.status ?? defaultStatus, answer);
      }
      if (reply.sent) return reply;
      if (answer.version !== undefined) reply.header('etag', `"${answer.version}"`);
      reply.code(answer.status ?? defaultStatus);
      return answer.body === undefined ? reply.send() : reply.send(answer.body);
    },
  });
}
