import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { Clock } from '#clock';
import type { Database } from '#db';
import type { Logger } from '#telemetry';

/** One side of what somebody may see: nodes of a tree with everything below them. */
export interface ScopeSide {
  /** The nodes that were given. */
  roots: readonly string[];
  /** The roots and everything below them. */
  within: ReadonlySet<string>;
  /** What stands above the roots. */
  above: ReadonlySet<string>;
  /** It holds so much of the tree that a list is read in its own order and what lies outside left out. */
  wide: boolean;
}

/** The part of a tenant that somebody is kept to; a side that is null is not narrowed. */
export interface Scope {
  customer: ScopeSide | null;
  product: ScopeSide | null;
}

/** The most that a permission may be used for in one decision, in one currency; an amount of null: unlimited. */
export interface AmountLimit {
  permission: string;
  /** ISO 4217; empty: every currency. */
  currency: string;
  /** Major units, as a decimal string; null: unlimited. */
  amount: string | null;
}

/** Who acts: a signed-in person, a service account or the product itself. Permissions are those of the tenant of the context. */
export interface Actor {
  kind: 'user' | 'service' | 'system';
  /** The user's or service account's id; the nil UUID for the system. */
  id: string;
  name: string;
  roles: readonly string[];
  permissions: ReadonlySet<string>;
  /** Absent: the whole tenant. */
  scope?: Scope | undefined;
  /** Absent: none of their own. */
  limits?: readonly AmountLimit[] | undefined;
}

/** The tenant a context belongs to, as far as every use case needs it. */
export interface TenantFacts {
  id: string;
  slug: string;
  /** IANA time zone in which business dates are read. */
  timeZone: string;
  /** ISO 4217 code of the house currency. */
  currency: string;
}

/** Everything a use case needs from outside: tenant, actor, time, chance, ids, store and log. */
export interface Context {
  readonly tenant: TenantFacts;
  readonly actor: Actor;
  readonly clock: Clock;
  /** A fresh UUIDv7 (RFC 9562) from the context's clock. */
  newId(): string;
  readonly db: Database;
  readonly log: Logger;
  readonly requestId: string;
  /** W3C trace context of the request, carried into events and jobs. */
  readonly traceparent: string | undefined;
}

/** The nil UUID: the system's own actor id. */
export const systemActorId = '00000000-0000-0000-0000-000000000000';

/** The product itself as an actor: jobs, timers and subscriptions run as it. It holds no permissions of a person. */
export const systemActor: Actor = {
  kind: 'system',
  id: systemActorId,
  name: 'TRADEAI',
  roles: [],
  permissions: new Set(),
};

/** A UUIDv7 generator on `clock` (RFC 9562, method 1): ids of one millisecond count up, so that ids sort as they were made. */
export function idsFrom(clock: Clock): () => string {
  let last = -1;
  let seq = 0;
  return () => {
    const msecs = clock.now().getTime();
    // 31 random bits to begin with leave room to count in.
    seq = msecs === last ? seq + 1 : randomBytes(4).readUInt32BE() >>> 1;
    last = msecs;
    return v7({ msecs, seq, random: randomBytes(16) });
  };
}

/** What a {@link Context} is made from; the rest is derived. */
export interface ContextParts {
  tenant: TenantFacts;
  actor: Actor;
  clock: Clock;
  db: Database;
  log: Logger;
  requestId?: string;
  traceparent?: string | undefined;
}

/** Makes a context; a missing request id becomes a fresh id. */
export function makeContext(parts: ContextParts): Context {
  const newId = idsFrom(parts.clock);
  return {
    ...parts,
    newId,
    requestId: parts.requestId ?? newId(),
    traceparent: parts.traceparent,
  };
}
