import type { FastifyInstance } from 'fastify';
import type { Clock } from '#clock';
import { idsFrom, type TenantFacts } from '#context';
import type { Database } from '#db';
import { type AnyRoute, type Authenticated, requireProof } from '#http';
import type { Outbound } from '#outbound';
import { notFound, Problem } from '#problem';
import type { Logger } from '#telemetry';
import { auditRoutes } from './audit/audit-routes.ts';
import { setAuditSecret } from './audit/record-audit.ts';
import { retentionRoutes } from './audit/retention-routes.ts';
import { setSecurityEventSecret } from './detection/record-security-event.ts';
import { deriveKey, macOf } from './keys/derive-key.ts';
import { keyring } from './keys/keyring.ts';
import type { Mailer } from './mail/mail.ts';
import { findTenant } from './people/tenants.ts';
import { userRoutes } from './people/user-routes.ts';
import { accessRoutes } from './policy/access-routes.ts';
import { actorOf } from './policy/actor-of.ts';
import { dutyRoutes } from './policy/duties/duty-routes.ts';
import { endExpiredExceptions } from './policy/duties/end-exceptions.ts';
import { roleRoutes } from './policy/role-routes.ts';
import { privacyRoutes } from './privacy/privacy-routes.ts';
import { registerScim } from './provisioning/scim-server.ts';
import type { SecurityParts } from './security-parts.ts';
import { isApiKey } from './service-accounts/api-key.ts';
import { makeKeyCache } from './service-accounts/authenticate-key.ts';
import { serviceAccountRoutes } from './service-accounts/service-account-routes.ts';
import { makeAccessTokens } from './sign-in/access-token.ts';
import { makeRefreshTokens } from './sign-in/refresh-token.ts';
import { makeSessionCache } from './sign-in/session-cache.ts';
import { signInRoutes } from './sign-in/sign-in-routes.ts';
import { sweepIdentity } from './sign-in/sweep-identity.ts';
import { makeThrottle } from './sign-in/throttle-store.ts';

/** The security engine of one process. */
export interface Security {
  /** `/auth`, `/users`, `/people`, `/roles` and `/audit`. */
  routes: readonly AnyRoute[];
  /** Whom an access token speaks for now; a session that was ended stops working within 5 s. Throws `auth.*`. */
  authenticate(bearer: string, address: string): Promise<Authenticated>;
  /** The same for a socket, which has no routes: nothing may be demanded of the session. Throws `auth.*`. */
  admit(bearer: string): Promise<Authenticated>;
  /** Puts what is no part of the API on a server: provisioning at `/scim/v2`. */
  register(app: FastifyInstance): Promise<void>;
  /** A tenant's facts, remembered for half a minute. Throws `not_found`. */
  tenantFacts(tenantId: string): Promise<TenantFacts>;
  /** The tenant of a slug. Throws `not_found`. */
  tenantBySlug(slug: string): Promise<TenantFacts>;
  /** Removes sessions, links and attempts that no longer matter, and ends exceptions whose day is over; call it now and then. */
  sweep(): Promise<void>;
  /** Waits for mails under way and closes the way out. */
  close(): Promise<void>;
}

/** A tenant's facts are read again after so long. */
const factsFreshMs = 30_000;

/** Puts the security engine together; also sets the audit secret of the process. Needs the keyring to be set. */
export function createSecurity(house: {
  db: Database;
  clock: Clock;
  secretKey: string;
  log: Logger;
  /** The address that links point to. */
  publicUrl: string;
  mail: Mailer;
  /** The way out to other systems. */
  outbound: Outbound;
}): Security {
  const { db, clock, secretKey, log, mail } = house;
  setAuditSecret(secretKey);
  setSecurityEventSecret(secretKey);
  const signInKey = deriveKey(secretKey, 'sign-in');
  const pending = new Set<Promise<void>>();
  const parts: SecurityParts = {
    db,
    clock,
    log,
    mail,
    publicUrl: house.publicUrl,
    newId: idsFrom(clock),
    accessTokens: makeAccessTokens(clock, secretKey),
    refreshTokens: makeRefreshTokens(secretKey),
    throttle: makeThrottle(db, clock, secretKey),
    sessions: makeSessionCache(db, clock),
    outbound: house.outbound,
    // Asked for when it is used: routes may be declared without any keys.
    get keys() {
      return keyring();
    },
    signInMac: (purpose, text) => macOf(signInKey, `${purpose}:${text}`),
    inBackground: (what, work) => {
      const running = work()
        .catch((error) => log.error({ err: error }, `${what} failed`))
        .finally(() => pending.delete(running));
      pending.add(running);
    },
  };
  const keys = makeKeyCache(parts, clock);
  const authenticateAny = (bearer: string, address: string | null) =>
    isApiKey(bearer) ? keys.authenticate(bearer, address) : authenticate(parts, bearer);
  return {
    routes: [
      ...signInRoutes(parts),
      ...serviceAccountRoutes(parts, keys),
      ...userRoutes(parts),
      ...roleRoutes(parts),
      ...privacyRoutes(parts),
      ...accessRoutes,
      ...dutyRoutes,
      ...auditRoutes,
      ...retentionRoutes,
    ],
    authenticate: authenticateAny,
    register: (app) => registerScim(app, parts, authenticateAny),
    admit: async (bearer) => {
      const who = await authenticateAny(bearer, null);
      requireProof({}, who.signIn, clock.now());
      return who;
    },
    ...makeTenants(db, clock),
    sweep: async () => {
      await Promise.all([sweepIdentity(db, clock.now()), endExpiredExceptions({ db, clock, log })]);
    },
    close: async () => {
      await Promise.all(pending);
      mail.close();
    },
  };
}

async function authenticate(parts: SecurityParts, bearer: string): Promise<Authenticated> {
  const claims = await parts.accessTokens.read(bearer);
  const session = await parts.sessions.get(claims.sessionId);
  if (!session || session.tenant.id !== claims.tenantId || session.person.id !== claims.personId) {
    throw new Problem('auth.token_invalid');
  }
  return {
    tenant: session.tenant,
    actor: await actorOf(parts.db, session.tenant, session.person, parts.clock.now()),
    signIn: { id: session.id, provedAt: session.provedAt, provedBy: session.provedBy, demand: session.demand },
  };
}

function makeTenants(db: Database, clock: Clock): Pick<Security, 'tenantFacts' | 'tenantBySlug'> {
  const remembered = new Map<string, { readAtMs: number; facts: TenantFacts }>();
  return {
    tenantFacts: async (tenantId) => {
      const nowMs = clock.now().getTime();
      const known = remembered.get(tenantId);
      if (known && Math.abs(nowMs - known.readAtMs) < factsFreshMs) return known.facts;
      const facts = (await findTenant(db, { id: tenantId })) ?? notFound('tenant', tenantId);
      remembered.set(tenantId, { readAtMs: nowMs, facts });
      return facts;
    },
    tenantBySlug: async (slug) => (await findTenant(db, { slug })) ?? notFound('tenant', slug),
  };
}
