import { sql, type Tx } from '#db';
import { type Money, toJson } from '#money';
import { Problem } from '#problem';
import { appendAudit } from '../audit/record-audit.ts';
import type { Person } from '../people/people.ts';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { accessTokenLifeS } from './access-token.ts';
import { hashPassword, isOutdated, verifyNobody, verifyPassword } from './password.ts';
import { findLiveSession, type LiveSession, openSession } from './session-store.ts';
import type { Admission } from './throttle-store.ts';

/** A session that was opened or renewed, with both tokens. */
export interface SignedIn {
  session: LiveSession;
  accessToken: string;
  refreshToken: string;
}

/** What the API shows of the person who is signed in. */
export function userBody({ person, tenant }: LiveSession) {
  return {
    id: person.id,
    tenantId: tenant.id,
    name: person.name,
    email: person.email,
    roles: person.roles,
    permissions: [...person.permissions].sort(),
    approvalLimit: limitBody(person.approvalLimit),
    tenant: { slug: tenant.slug, timeZone: tenant.timeZone, currency: tenant.currency },
  };
}

/** An approval limit in JSON; null: unlimited. */
export function limitBody(limit: Person['approvalLimit']) {
  return limit === null ? null : toJson(limit satisfies Money);
}

/** The answer to a sign-in or renewal. */
export function signedInBody({ accessToken, session }: SignedIn) {
  return { accessToken, expiresInS: accessTokenLifeS, user: userBody(session) };
}

/** Throws `rate.limited`, with the seconds to wait as `retryAfterS`, unless the attempt was admitted. */
export function requireAdmission(admission: Admission): void {
  if (admission.admitted) return;
  const { retryAfterS } = admission;
  throw new Problem('rate.limited', {
    detail: `Too many attempts. Try again in ${retryAfterS} s.`,
    extra: { retryAfterS },
  });
}

interface Candidate {
  personId: string;
  tenantId: string;
  hash: string;
}

/**
 * Signs a person in by e-mail and password, into `tenant` (a slug) or else the tenant that they joined first. Throws
 * `auth.invalid_credentials` (the same for an unknown e-mail, a wrong password and a disabled person) or `rate.limited`.
 */
export async function signIn(
  parts: SecurityParts,
  caller: Caller,
  input: { email: string; password: string; tenant?: string | undefined },
): Promise<SignedIn> {
  const { db, throttle, log } = parts;
  const attempt = { email: input.email, address: caller.address };
  requireAdmission(await throttle.admitSignIn(attempt));
  const candidate = await db.system((tx) => findCandidate(tx, input.email, input.tenant));
  const right = candidate ? await verifyPassword(input.password, candidate.hash) : await verifyNobody(input.password);
  if (!candidate || !right) {
    log.info({ personId: candidate?.personId, requestId: caller.requestId }, 'sign-in refused');
    throw new Problem('auth.invalid_credentials');
  }
  await throttle.succeeded(attempt);
  const renewed = isOutdated(candidate.hash) ? await hashPassword(input.password) : undefined;
  return db
    .system(async (tx) => {
      if (renewed) {
        await tx.run(sql`update identity.password set hash = ${renewed}
          where person_id = ${candidate.personId} and hash = ${candidate.hash}`);
      }
      return startSession(parts, tx, caller, candidate);
    })
    .then((session) => withTokens(parts, session));
}

async function findCandidate(tx: Tx, email: string, tenant: string | undefined): Promise<Candidate | undefined> {
  return tx.maybe<Candidate>(sql`select p.id as "personId", m.tenant_id as "tenantId", w.hash
    from identity.person p
    join identity.password w on w.person_id = p.id
    join identity.membership m on m.person_id = p.id
    join identity.tenant t on t.id = m.tenant_id
    where p.email = ${email} and p.disabled_at is null and m.disabled_at is null
      ${tenant === undefined ? sql`` : sql`and t.slug = ${tenant}`}
    order by m.created_at, m.tenant_id limit 1`);
}

/** Opens a session in the running transaction, with its audit entry. */
export async function startSession(
  parts: SecurityParts,
  tx: Tx,
  caller: Caller,
  who: { personId: string; tenantId: string },
): Promise<LiveSession> {
  const now = parts.clock.now();
  const id = parts.newId();
  await openSession(tx, { id, ...who, now });
  await appendAudit(
    tx,
    { tenantId: who.tenantId, actorId: who.personId, requestId: caller.requestId, at: now, newId: parts.newId },
    { action: 'session.started', entityType: 'session', entityId: id },
  );
  const session = await findLiveSession(tx, id, now);
  if (!session) throw new Problem('auth.invalid_credentials');
  return session;
}

/** A session with an access token and the refresh token of its generation. */
export async function withTokens(parts: SecurityParts, session: LiveSession): Promise<SignedIn> {
  const accessToken = await parts.accessTokens.issue({
    personId: session.person.id,
    tenantId: session.tenant.id,
    sessionId: session.id,
  });
  const refreshToken = parts.refreshTokens.issue({ sessionId: session.id, generation: session.generation });
  return { session, accessToken, refreshToken };
}
