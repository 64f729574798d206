import type { Clock } from '#clock';
import { idsFrom, type TenantFacts } from '#context';
import type { Database } from '#db';
import type { AnyRoute, Authenticated } from '#http';
import { notFound, Problem } from '#problem';
import type { Logger } from '#telemetry';
import { auditRoutes } from './audit/audit-routes.ts';
import { setAuditSecret } from './audit/record-audit.ts';
import type { Mailer } from './mail/mail.ts';
import { findTenant } from './people/tenants.ts';
import { userRoutes } from './people/user-routes.ts';
import { roleRoutes } from './policy/role-routes.ts';
import type { SecurityParts } from './security-parts.ts';
import { makeAccessTokens } from './sign-in/access-token.ts';
import { authRoutes } from './sign-in/auth-routes.ts';
import { makeRefreshTokens } from './sign-in/refresh-token.ts';
import { makeSessionCache } from './sign-in/session-cache.ts';
import { sweepIdentity } from './sign-in/sweep-identity.ts';
import { makeThrottle } from './sign-in/throttle-store.ts';

/** The security engine of one process. */
export interface Security {
  /** `/auth`, `/users`, `/people`, `/roles` and `/audit`. */
  routes: readonly AnyRoute[];
  /** Whom an access token speaks for now; a session that was ended stops working within 5 s. Throws `auth.*`. */
  authenticate(bearer: string): Promise<Authenticated>;
  /** A tenant's facts, remembered for half a minute. Throws `not_found`. */
  tenantFacts(tenantId: string): Promise<TenantFacts>;
  /** The tenant of a slug. Throws `not_found`. */
  tenantBySlug(slug: string): Promise<TenantFacts>;
  /** Removes sessions, links and attempts that no longer matter; call it now and then. */
  sweep(): Promise<void>;
  /** Waits for mails under way and closes the way out. */
  close(): Promise<void>;
}

/** A tenant's facts are read again after so long. */
const factsFreshMs = 30_000;

/** Puts the security engine together; also sets the audit secret of the process. */
export function createSecurity(house: {
  db: Database;
  clock: Clock;
  secretKey: string;
  log: Logger;
  /** The address that links point to. */
  publicUrl: string;
  mail: Mailer;
}): Security {
  const { db, clock, secretKey, log, mail } = house;
  setAuditSecret(secretKey);
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
    inBackground: (what, work) => {
      const running = work()
        .catch((error) => log.error({ err: error }, `${what} failed`))
        .finally(() => pending.delete(running));
      pending.add(running);
    },
  };
  return {
    routes: [...authRoutes(parts), ...userRoutes(parts), ...roleRoutes(parts), ...auditRoutes],
    authenticate: (bearer) => authenticate(parts, bearer),
    ...makeTenants(db, clock),
    sweep: () => sweepIdentity(db, clock.now()),
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
  const { id, name, roles, permissions } = session.person;
  return { tenant: session.tenant, actor: { kind: 'user', id, name, roles, permissions } };
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
