import { sql, type Tx } from '#db';
import { Problem } from '#problem';
import { appendAudit } from '../audit/record-audit.ts';
import { emailIndexOf, insertPerson } from '../people/person-names.ts';
import { refuseTogether } from '../policy/duties/require-separate-duties.ts';
import { permissionsOf } from '../policy/roles.ts';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { askSecondFactor, wantsSecondFactor } from './ask-second-factor.ts';
import { choosePassword } from './choose-password.ts';
import { findOpenLink, type OpenLink, spendLink } from './one-time-link.ts';
import { verifyPassword } from './password.ts';
import { requireAdmission, type SignedIn, startSession, withTokens } from './sign-in.ts';

interface KnownPerson {
  id: string;
  hash: string | null;
}

const kinds = ['invitation', 'setup'] as const;

/**
 * Takes an invitation: the person becomes a member and is signed in. Someone who has an account proves it by their
 * own password (and then, having joined, by their second factor: `auth.second_factor_required`), which they need to have;
 * anyone else chooses one.
 * What the roles permit by now is judged again: `rule.violated` where duties conflict.
 * Throws `auth.token_invalid` for a link that is unknown, used or expired.
 */
export async function acceptInvitation(
  parts: SecurityParts,
  caller: Caller,
  input: { token: string; password: string; name?: string | undefined },
): Promise<SignedIn> {
  const { db, clock } = parts;
  const { link, known } = await db.system(async (tx) => {
    const open = await openInvitation(tx, input.token, clock.now());
    return { link: open, known: await findByEmail(tx, open.email) };
  });
  const hash = known
    ? await proveAccount(parts, caller, link.email, input.password, known.hash)
    : await choosePassword(input.password, link.email);
  const entered = await db.system(async (tx) => {
    const open = await openInvitation(tx, input.token, clock.now());
    const personId = known?.id ?? (await addPerson(parts, tx, open, input.name));
    if (!known) await addPassword(tx, personId, hash, clock.now());
    await addMembership(parts, tx, caller, open, personId);
    await spendLink(tx, open.id, clock.now());
    const who = { personId, tenantId: open.tenantId };
    if (await wantsSecondFactor(tx, who)) return askSecondFactor(parts, tx, who);
    return startSession(parts, tx, caller, { ...who, methods: ['password'], provedBy: 'password' });
  });
  if (entered instanceof Problem) throw entered;
  return withTokens(parts, caller, entered);
}

async function openInvitation(
  tx: Tx,
  token: string,
  now: Date,
): Promise<OpenLink & { tenantId: string; currency: string }> {
  const link = await findOpenLink(tx, token, kinds, now);
  if (!link?.tenantId || !link.currency) {
    throw new Problem('auth.token_invalid', {
      detail: 'This link was used, has expired or never was, or whoever sent it may not come in any more.',
    });
  }
  return { ...link, tenantId: link.tenantId, currency: link.currency };
}

async function findByEmail(tx: Tx, email: string): Promise<KnownPerson | undefined> {
  return tx.maybe<KnownPerson>(sql`select p.id, w.hash from identity.person p
    left join identity.password w on w.person_id = p.id where p.email_index = ${await emailIndexOf(email)}`);
}

/** Otherwise whoever may invite to one tenant could take over an account of another. */
async function proveAccount(
  parts: SecurityParts,
  caller: Caller,
  email: string,
  password: string,
  hash: string | null,
): Promise<string> {
  // The link may be in the hands of whoever invited: it must not give a password to who signs in without one elsewhere.
  if (hash === null) {
    throw new Problem('auth.invalid_credentials', {
      detail: 'You have an account without a password: ask for a link under “Forgot password” first.',
    });
  }
  const attempt = { email, address: caller.address };
  requireAdmission(await parts.throttle.admitSignIn(attempt));
  if (!(await verifyPassword(password, hash))) {
    throw new Problem('auth.invalid_credentials', { detail: 'You have an account: sign in with its password.' });
  }
  await parts.throttle.succeeded(attempt);
  return hash;
}

async function addPerson(parts: SecurityParts, tx: Tx, link: OpenLink, name: string | undefined): Promise<string> {
  const id = parts.newId();
  const shown = name ?? link.name ?? link.email.split('@')[0] ?? link.email;
  const added = await insertPerson(tx, { id, email: link.email, name: shown, createdAt: parts.clock.now() });
  if (!added) throw new Problem('state.conflict', { detail: 'An account with this e-mail was just made.' });
  return id;
}

async function addPassword(tx: Tx, personId: string, hash: string, now: Date): Promise<void> {
  const added = await tx.run(sql`insert into identity.password (person_id, hash, changed_at)
    values (${personId}, ${hash}, ${now}) on conflict do nothing`);
  if (added === 0) throw new Problem('state.conflict', { detail: 'This account has a password by now.' });
}

async function addMembership(
  parts: SecurityParts,
  tx: Tx,
  caller: Caller,
  link: OpenLink & { tenantId: string; currency: string },
  personId: string,
): Promise<void> {
  const now = parts.clock.now();
  await requireDutiesApart(tx, link);
  const { scope, limits } = link.reach;
  const added = await tx.run(sql`insert into identity.membership (tenant_id, person_id, roles, approval_limit,
      approval_currency, scope_customers, scope_products, amount_limits, created_at)
    values (${link.tenantId}, ${personId}, ${link.roles}, ${link.approvalLimit}, ${link.currency},
      ${scope.customers}::uuid[], ${scope.products}::uuid[], ${JSON.stringify(limits)}, ${now})
    on conflict do nothing`);
  if (added === 0) throw new Problem('state.conflict', { detail: 'You are a member already.' });
  await appendAudit(
    tx,
    { tenantId: link.tenantId, actorId: personId, requestId: caller.requestId, at: now, newId: parts.newId },
    {
      action: 'person.joined',
      entityType: 'person',
      entityId: personId,
      after: { roles: link.roles, ...link.reach, invitationId: link.id },
    },
  );
}

/** Roles may have been given more since the invitation was sent. */
async function requireDutiesApart(
  tx: Tx,
  { tenantId, roles }: { tenantId: string; roles: readonly string[] },
): Promise<void> {
  // Shared, so that no role is given more before this person holds it.
  const custom = await tx.many<{ permissions: string[] }>(sql`select permissions from identity.role
    where tenant_id = ${tenantId} and code = any(${[...roles]}) order by code for share`);
  refuseTogether(
    permissionsOf(
      roles,
      custom.flatMap(({ permissions }) => permissions),
    ),
  );
}
