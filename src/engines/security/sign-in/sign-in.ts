import { sql, type Tx } from '#db';
import { type Money, toJson } from '#money';
import { Problem } from '#problem';
import { appendAudit } from '../audit/record-audit.ts';
import { appendSecurityEvent } from '../detection/record-security-event.ts';
import type { Person } from '../people/people.ts';
import { emailIndexOf } from '../people/person-names.ts';
import { capabilitiesOf } from '../policy/policy.ts';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { accessTokenLifeS } from './access-token.ts';
import { askSecondFactor, wantsSecondFactor } from './ask-second-factor.ts';
import { hashPassword, isOutdated, verifyNobody, verifyPassword } from './password.ts';
import { labelLater, seenMac } from './session-label.ts';
import { findLiveSession, type LiveSession, openSession } from './session-store.ts';
import type { Admission } from './throttle-store.ts';

/** A session that was opened or renewed, with both tokens. */
export interface SignedIn {
  session: LiveSession;
  accessToken: string;
  refreshToken: string;
}

/** What the API shows of the person who is signed in. */
export function userBody({ person, tenant, demand, emergencyUntil }: LiveSession) {
  return {
    id: person.id,
    tenantId: tenant.id,
    name: person.name,
    email: person.email,
    roles: person.roles,
    ...capabilitiesOf(person),
    approvalLimit: limitBody(person.approvalLimit),
    tenant: { slug: tenant.slug, timeZone: tenant.timeZone, currency: tenant.currency },
    demand,
    // Those who answer for the tenant see that the glass is broken; that is a warning, not a secret.
    emergencyUntil: person.permissions.has('users:manage') ? (emergencyUntil?.toISOString() ?? null) : null,
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
 * `auth.invalid_credentials` (the same for an unknown e-mail, a wrong password and a disabled person), `rate.limited`, or
 * `auth.second_factor_required` with the challenge that a code answers.
 */
export async function signIn(
  parts: SecurityParts,
  caller: Caller,
  input: { email: string; password: string; tenant?: string | undefined },
): Promise<SignedIn> {
  const { db, throttle, log } = parts;
  const attempt = { email: input.email, address: caller.address };
  const admission = await throttle.admitSignIn(attempt);
  // Also of what is held up: whose account it is decides who is told of the guessing.
  const candidate = await db.system((tx) => findCandidate(tx, input.email, input.tenant));
  if (!admission.admitted) await noteAttempt(parts, caller, input.email, candidate, 'throttled');
  requireAdmission(admission);
  const right = candidate ? await verifyPassword(input.password, candidate.hash) : await verifyNobody(input.password);
  if (!candidate || !right) {
    log.info({ personId: candidate?.personId, requestId: caller.requestId }, 'sign-in refused');
    await noteAttempt(parts, caller, input.email, candidate, 'refused');
    throw new Problem('auth.invalid_credentials');
  }
  await throttle.succeeded(attempt);
  const renewed = isOutdated(candidate.hash) ? await hashPassword(input.password) : undefined;
  const begun = await db.system(async (tx) => {
    if (renewed) {
      await tx.run(sql`update identity.password set hash = ${renewed}
        where person_id = ${candidate.personId} and hash = ${candidate.hash}`);
    }
    if (await wantsSecondFactor(tx, candidate)) return askSecondFactor(parts, tx, candidate);
    return startSession(parts, tx, caller, { ...candidate, methods: ['password'], provedBy: 'password' });
  });
  if (begun instanceof Problem) throw begun;
  return withTokens(parts, caller, begun);
}

/** Records an attempt that came to nothing, for those who watch; the e-mail of nobody is kept as a MAC. */
async function noteAttempt(
  parts: SecurityParts,
  caller: Caller,
  email: string,
  candidate: Candidate | undefined,
  what: 'throttled' | 'refused',
): Promise<void> {
  const { requestId, address, device } = caller;
  const scope = { tenantId: candidate?.tenantId ?? null, at: parts.clock.now(), requestId, newId: parts.newId };
  await parts.db.system((tx) =>
    appendSecurityEvent(tx, scope, {
      kind: what === 'throttled' ? 'sign_in.throttled' : 'sign_in.password',
      outcome: 'refused',
      personId: candidate?.personId,
      account: candidate ? null : email,
      address,
      device,
      detail: { factor: 'password' },
    }),
  );
}

async function findCandidate(tx: Tx, email: string, tenant: string | undefined): Promise<Candidate | undefined> {
  return tx.maybe<Candidate>(sql`select p.id as "personId", m.tenant_id as "tenantId", w.hash
    from identity.person p
    join identity.password w on w.person_id = p.id
    join identity.membership m on m.person_id = p.id
    join identity.tenant t on t.id = m.tenant_id
    where p.email_index = ${await emailIndexOf(email)} and p.disabled_at is null and m.disabled_at is null and m.locked_at is null
      ${tenant === undefined ? sql`` : sql`and t.slug = ${tenant}`}
    order by m.created_at, m.tenant_id limit 1`);
}

/** Whose session begins, and how they proved who they are. */
export interface Entrant {
  personId: string;
  tenantId: string;
  methods: readonly string[];
  /** Null: another system vouched for the person. */
  provedBy: string | null;
  /** Where the session ends earlier than others. */
  expiresAt?: Date | undefined;
}

/** Opens a session in the running transaction, with its audit entry. Throws `auth.invalid_credentials` for no member. */
export async function startSession(
  parts: SecurityParts,
  tx: Tx,
  caller: Caller,
  { personId, tenantId, methods, provedBy, expiresAt }: Entrant,
): Promise<LiveSession> {
  const now = parts.clock.now();
  const id = parts.newId();
  const seen = seenMac(parts, caller);
  await openSession(tx, { id, personId, tenantId, methods, provedBy, expiresAt, seen, now });
  const scope = { tenantId, requestId: caller.requestId, at: now, newId: parts.newId };
  await appendAudit(
    tx,
    { ...scope, actorId: personId },
    { action: 'session.started', entityType: 'session', entityId: id, after: { methods } },
  );
  await appendSecurityEvent(tx, scope, {
    kind: 'sign_in.succeeded',
    personId,
    sessionId: id,
    address: caller.address,
    device: caller.device,
    detail: { factor: methods.join('+') },
  });
  const session = await findLiveSession(tx, id, now);
  if (!session) throw new Problem('auth.invalid_credentials');
  return session;
}

/** A session with an access token and the refresh token of its generation; its label follows after the answer. */
export async function withTokens(parts: SecurityParts, caller: Caller, session: LiveSession): Promise<SignedIn> {
  if (session.generation === 1) labelLater(parts, caller, session);
  const accessToken = await parts.accessTokens.issue({
    personId: session.person.id,
    tenantId: session.tenant.id,
    sessionId: session.id,
  });
  const refreshToken = parts.refreshTokens.issue({ sessionId: session.id, generation: session.generation });
  return { session, accessToken, refreshToken };
}
