import { makeContext, systemActor } from '#context';
import { sql } from '#db';
import { notFound, Problem } from '#problem';
import { sameBytes } from '../../keys/derive-key.ts';
import { changePerson } from '../../people/change-person.ts';
import { emailIndexOf } from '../../people/person-names.ts';
import { addMember } from '../../provisioning/add-member.ts';
import type { Caller, SecurityParts } from '../../security-parts.ts';
import { noteProof } from '../session-store.ts';
import { type SignedIn, startSession, withTokens } from '../sign-in.ts';
import { spendOnce } from '../signed-challenge.ts';
import { authorizationUrl, type Claims, exchange } from './ask-provider.ts';
import { bindSubject, findSignInProvider, findSubject, type SignInProvider } from './provider-store.ts';
import { beginTrip, readTrip, spentTrip } from './round-trip.ts';

/** A path of our own application; anything else (another site) leads home. */
export function safePath(to: string | undefined): string {
  // Browsers read a backslash as a slash and drop control characters: what is left must be a path and nothing else.
  if (!to || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(to)) return '/';
  return to;
}

/**
 * Begins a sign-in at a provider, or (with a session) a proof there. Answers where to send the browser, and what
 * its cookie must bring back; nothing is stored. Throws `not_found`, and `service.unavailable` where the provider does not answer.
 */
export async function beginSingleSignOn(
  parts: SecurityParts,
  providerId: string,
  ask: { to: string | undefined; sessionId: string | null; tenantId?: string },
): Promise<{ url: string; browser: string }> {
  const provider = await parts.db.system((tx) => findSignInProvider(tx, providerId));
  if (!provider || (ask.tenantId && provider.tenant.id !== ask.tenantId)) notFound('provider', providerId);
  const { cookie, trip } = beginTrip(parts, { providerId, to: safePath(ask.to), sessionId: ask.sessionId });
  try {
    return { url: await authorizationUrl(parts, provider, trip), browser: cookie };
  } catch (error) {
    parts.log.warn({ err: error, providerId }, 'a provider cannot be asked');
    throw new Problem('service.unavailable', { detail: `${provider.name} cannot be reached.`, cause: error });
  }
}

/** What came back through the browser. */
export interface ProviderAnswer {
  /** The query string, with its question mark. */
  search: string;
  state: string | undefined;
  /** The cookie of {@link beginSingleSignOn}. */
  browser: string | undefined;
}

/**
 * Ends a round trip: signs the person in, or notes the proof in their session. The answer must come to the browser that
 * asked, once and in time. Throws `auth.token_invalid` and `auth.invalid_credentials`.
 */
export async function endSingleSignOn(
  parts: SecurityParts,
  caller: Caller,
  answer: ProviderAnswer,
): Promise<{ to: string; signedIn: SignedIn | null }> {
  const { db, clock } = parts;
  const { state, browser } = answer;
  const begun = readTrip(parts, browser);
  if (!begun || !browser || !state || !sameBytes(Buffer.from(begun.state), Buffer.from(state))) {
    throw new Problem('auth.token_invalid', { detail: 'This sign-in was not begun here.' });
  }
  const provider = await db.system((tx) => findSignInProvider(tx, begun.providerId));
  if (!provider) throw new Problem('auth.token_invalid');
  const claims = await exchange(parts, provider, answer.search, begun);
  if (!(await db.system((tx) => spendOnce(parts, tx, spentTrip(browser))))) throw new Problem('auth.token_invalid');
  const personId = await identify(parts, caller, provider, claims);
  await applyRoles(parts, caller, provider, personId, claims);
  if (begun.sessionId) {
    await proveBy(parts, begun.sessionId, personId);
    return { to: begun.to, signedIn: null };
  }
  const session = await db.system(async (tx) => {
    await bindSubject(tx, provider, claims.subject, personId, clock.now());
    return startSession(parts, tx, caller, {
      personId,
      tenantId: provider.tenant.id,
      methods: ['single_sign_on'],
      provedBy: 'single_sign_on',
    });
  });
  return { to: begun.to, signedIn: await withTokens(parts, caller, session) };
}

const refuse = (detail: string): never => {
  throw new Problem('auth.invalid_credentials', { detail });
};

/** The member whom the provider means: by its subject, at first by an e-mail that it has verified. */
async function identify(
  parts: SecurityParts,
  caller: Caller,
  provider: SignInProvider,
  { subject, email, emailVerified, name, groups }: Claims,
): Promise<string> {
  const known = await parts.db.system((tx) => findSubject(tx, provider, subject));
  if (known) return known;
  if (!email || !emailVerified) return refuse('Your provider has not verified your e-mail.');
  const domain = email.slice(email.lastIndexOf('@') + 1);
  if (provider.emailDomains.length > 0 && !provider.emailDomains.includes(domain)) {
    return refuse('Your provider does not speak for this e-mail here.');
  }
  const index = await emailIndexOf(email);
  const member = await parts.db.system((tx) =>
    tx.maybe<{ id: string }>(sql`select p.id from identity.person p
      join identity.membership m on m.person_id = p.id and m.tenant_id = ${provider.tenant.id}
      where p.email_index = ${index}`),
  );
  if (member) return member.id;
  if (!provider.joins) return refuse('You are no member here: ask an administrator for an invitation.');
  if (provider.roleClaim && rolesOf(provider, groups).length === 0) {
    return refuse('None of your groups has a role here.');
  }
  const { tenant, joinScope: scope } = provider;
  if (!scope) return refuse('Nobody has said what new people may see here: ask an administrator.');
  const { requestId } = caller;
  // Roles follow as a change of rights of its own, which keeps duties apart and is told to those who watch.
  return addMember(parts, { tenant, email, name: name ?? email, roles: [], scope, by: 'single_sign_on', requestId });
}

function rolesOf({ roleMap }: SignInProvider, groups: readonly string[]): string[] {
  const mapped = groups.flatMap((group) => (Object.hasOwn(roleMap, group) ? [roleMap[group] ?? ''] : []));
  return [...new Set(mapped)].filter(Boolean).sort();
}

/** Where groups of the provider decide roles, they do so at every sign-in; without one nobody comes in. */
async function applyRoles(
  parts: SecurityParts,
  caller: Caller,
  provider: SignInProvider,
  personId: string,
  claims: Claims,
): Promise<void> {
  if (!provider.roleClaim) return;
  const roles = rolesOf(provider, claims.groups);
  if (roles.length === 0) refuse('None of your groups has a role here.');
  const { db, clock, log } = parts;
  const current = await db.system((tx) =>
    tx.one<{ roles: string[] }>(sql`select roles from identity.membership
      where tenant_id = ${provider.tenant.id} and person_id = ${personId}`),
  );
  if ([...current.roles].sort().join() === roles.join()) return;
  const { requestId } = caller;
  const context = makeContext({ tenant: provider.tenant, actor: systemActor, clock, db, log, requestId });
  await changePerson(context, personId, { roles }, undefined);
  parts.sessions.forgetPerson(personId);
}

async function proveBy(parts: SecurityParts, sessionId: string, personId: string): Promise<void> {
  const session = await parts.sessions.get(sessionId);
  if (session?.person.id !== personId) refuse('This is somebody else’s account at your provider.');
  await parts.db.system((tx) => noteProof(tx, sessionId, 'single_sign_on', parts.clock.now()));
  parts.sessions.forget(sessionId);
}
