import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Context } from '#context';
import type { Permission } from '#module';

/** Who may call a route: a permission, anyone signed in, or anyone at all. */
export type Access = Permission | 'authenticated' | 'public';

/** What a handler gets: parsed input, never raw. */
export interface RouteInput<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  /** The version of `If-Match: "3"`, where the caller sent one. */
  ifMatch: number | undefined;
  request: FastifyRequest;
  /** For streams and cookies only. */
  reply: FastifyReply;
}

/** What a handler answers: a status other than the route's first one, a version as ETag, a JSON body. */
export interface Answer {
  status?: number;
  /** The aggregate's version, sent as `ETag: "3"`. */
  version?: number;
  body?: unknown;
}

/** A route, schema first: the API reference falls out of it. */
export interface Route<Params = unknown, Query = unknown, Body = unknown> {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Below `/api/v1`, parameters as `:id`. */
  path: string;
  summary: string;
  access: Access;
  /** It reads or changes what belongs to the whole tenant: closed to people who are kept to a part of it. */
  reach?: 'tenant';
  /**
   * `recent`: the person proved who they are in the last ten minutes; `own`: by something that is theirs, not by
   * another system's word; `enrol`: as `own`, and open while the session still lacks a second factor; `none`: open
   * whatever is demanded of the session. Absent: nothing is demanded.
   */
  proof?: 'recent' | 'own' | 'enrol' | 'none';
  params?: z.ZodType<Params>;
  query?: z.ZodType<Query>;
  body?: z.ZodType<Body>;
  /** Bodies by status; the first one is the default status. */
  answers: Record<number, z.ZodType | null>;
  /** Takes `multipart/form-data`: the handler reads `request.parts()`. */
  multipart?: boolean;
  /** The answer holds a secret: it is not kept for repeats of an idempotency key, which are answered 409 instead. */
  secretAnswer?: boolean;
  /** Largest body in bytes, where the default of 1 MiB does not fit. */
  bodyLimitBytes?: number;
  /** For a public route the context has no tenant of its own and the system as actor. */
  handle(context: Context, input: RouteInput<Params, Query, Body>): Promise<Answer | undefined>;
}

/** A route whose input types are erased, as registries hold it. */
// biome-ignore lint/suspicious/noExplicitAny: the input types of a route are its own business
export type AnyRoute = Route<any, any, any>;

/** Declares a route with its input types inferred from its schemas. */
export function route<Params = unknown, Query = unknown, Body = unknown>(
  declared: Route<Params, Query, Body>,
): AnyRoute {
  return declared;
}
