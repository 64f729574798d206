import type { Context } from '#context';
import { Problem } from '#problem';
import { appendAudit } from '../audit/record-audit.ts';
import { appendSecurityEvent } from '../detection/record-security-event.ts';
import { changePerson } from '../people/change-person.ts';
import { forgetNames, updateNames } from '../people/person-names.ts';
import type { SecurityParts } from '../security-parts.ts';
import { findServiceAccount } from '../service-accounts/api-key-store.ts';
import { addMember } from './add-member.ts';
import { ScimError } from './scim-error.ts';
import { countTenants, findRemoved, keepProvisioned, listUsers, type ScimUser } from './scim-store.ts';
import type { UserChange } from './scim-user-change.ts';

/** A member; throws 404 also for those of other tenants and those who were removed. */
export async function getUser(context: Context, id: string): Promise<ScimUser> {
  const { users } = await context.db.read(context, (tx) => listUsers(tx, { id }, { offset: 0, limit: 1 }));
  const [user] = users;
  if (!user) throw new ScimError(404, `There is no user ${id}.`);
  return user;
}

/** Makes a member, without any role; one who was removed earlier comes back so. Throws `uniqueness`. */
export async function provisionUser(
  context: Context,
  parts: SecurityParts,
  user: UserChange & { email: string },
): Promise<ScimUser> {
  const { email, externalId } = user;
  const { removed, known } = await context.db.read(context, async (tx) => ({
    removed: await findRemoved(tx, email),
    known: await listUsers(tx, { email }, { offset: 0, limit: 1 }),
  }));
  if (known.total > 0) throw new ScimError(409, 'There is a user of this name already.', 'uniqueness');
  const id = removed ?? (await newMember(context, parts, user));
  await context.db.transact(context, (tx) =>
    keepProvisioned(tx, id, { externalId: externalId ?? null, removedAt: null }),
  );
  if (removed) await changePerson(context, removed, { roles: [], disabled: false }, undefined);
  if (user.active === false) await changePerson(context, id, { disabled: true }, undefined);
  parts.sessions.forgetPerson(id);
  return getUser(context, id);
}

async function newMember(
  context: Context,
  parts: SecurityParts,
  user: UserChange & { email: string },
): Promise<string> {
  const { tenant, actor, requestId } = context;
  const { email, name = email } = user;
  const account = await context.db.read(context, (tx) => findServiceAccount(tx, actor.id));
  const scope = account?.joinScope;
  if (!scope) throw new ScimError(403, 'Nobody has said what new people may see: ask an administrator of TRADEAI.');
  try {
    return await addMember(parts, { tenant, email, name, roles: [], scope, by: 'scim', actorId: actor.id, requestId });
  } catch (error) {
    if (error instanceof Problem && error.code === 'state.conflict')
      throw new ScimError(409, error.detail, 'uniqueness');
    throw error;
  }
}

/** Changes a member; `active: false` ends their sessions. */
export async function changeUser(
  context: Context,
  parts: SecurityParts,
  id: string,
  change: UserChange,
): Promise<ScimUser> {
  const before = await getUser(context, id);
  await changeNames(context, parts, before, change);
  const { active, externalId } = change;
  if (externalId !== undefined && externalId !== before.externalId) {
    await context.db.transact(context, (tx) => keepProvisioned(tx, id, { externalId }));
  }
  if (active !== undefined && active !== before.active) {
    await changePerson(context, id, { disabled: !active }, undefined);
    parts.sessions.forgetPerson(id);
  }
  return getUser(context, id);
}

/**
 * Name and e-mail belong to the person. Where they are a member elsewhere too, another tenant's system may not change how
 * they sign in (`mutability`), and the name that it has for them stays its own.
 */
async function changeNames(
  context: Context,
  parts: SecurityParts,
  before: ScimUser,
  change: UserChange,
): Promise<void> {
  const { email = before.email, name = before.name } = change;
  if (email === before.email && name === before.name) return;
  const alone = (await parts.db.system((tx) => countTenants(tx, before.id))) === 1;
  if (!alone && email !== before.email) {
    throw new ScimError(400, 'This person belongs to other tenants too: only they change their e-mail.', 'mutability');
  }
  if (!alone) return;
  const { tenant, actor, clock, requestId, newId } = context;
  const scope = { tenantId: tenant.id, actorId: actor.id, at: clock.now(), requestId, newId };
  // People are global, so the change and its audit entry share a transaction of the system's role.
  const stored = await parts.db.system(async (tx) => {
    if (!(await updateNames(tx, before.id, { name, email }, clock.now()))) return false;
    const what = [...(name === before.name ? [] : ['name']), ...(email === before.email ? [] : ['email'])];
    const entry = { action: 'person.renamed', entityType: 'person', entityId: before.id, after: { changed: what } };
    await appendAudit(tx, scope, entry);
    if (email !== before.email) {
      await appendSecurityEvent(tx, scope, { kind: 'email.changed', personId: actor.id, subjectId: before.id });
    }
    return true;
  });
  if (!stored) throw new ScimError(409, 'There is a user of this name already.', 'uniqueness');
  forgetNames(before.id);
  parts.sessions.forgetPerson(before.id);
}

/** Removes a member: their sessions end within 5 s, and they stay named in histories. Throws 404. */
export async function removeUser(context: Context, parts: SecurityParts, id: string): Promise<void> {
  await getUser(context, id);
  // First the way in is closed; where this ends half-way the provisioning system asks again.
  await changePerson(context, id, { disabled: true }, undefined);
  parts.sessions.forgetPerson(id);
  await context.db.transact(context, (tx) => keepProvisioned(tx, id, { removedAt: context.clock.now() }));
}
