import type { Context } from '#context';
import { notFound, Problem } from '#problem';
import { recordAudit } from '../audit/record-audit.ts';
import { recordSecurityEvent } from '../detection/record-security-event.ts';
import {
  findServiceAccount,
  insertServiceAccount,
  type ServiceAccount,
  updateServiceAccount,
} from './api-key-store.ts';

/** Nobody hands on what they do not hold themselves. */
function requireHeld(context: Context, permissions: readonly string[]): void {
  const beyond = permissions.filter((permission) => !context.actor.permissions.has(permission));
  if (beyond.length === 0) return;
  throw new Problem('rule.violated', { detail: `You do not hold ${beyond.join(', ')} yourself.` });
}

/** Makes a service account. Throws `code.taken` for a name in use, `rule.violated` for permissions one does not hold. */
export async function createServiceAccount(
  context: Context,
  input: { name: string; permissions: readonly string[] },
): Promise<ServiceAccount> {
  requireHeld(context, input.permissions);
  const permissions = [...new Set(input.permissions)].sort();
  const [id, now] = [context.newId(), context.clock.now()];
  return context.db.transact(context, async (tx) => {
    const account = { id, name: input.name, permissions, createdBy: context.actor.id, now };
    if (!(await insertServiceAccount(tx, account))) {
      throw new Problem('code.taken', { detail: `There is already a service account ${input.name}.` });
    }
    const after = { name: input.name, permissions };
    await recordAudit(tx, { action: 'service_account.created', entityType: 'service_account', entityId: id, after });
    await recordSecurityEvent(tx, {
      kind: 'right.granted',
      personId: context.actor.id,
      subjectId: id,
      detail: { permissions },
    });
    return { id, name: input.name, permissions, createdAt: now, disabled: false, version: 1 };
  });
}

/**
 * Changes what a service account may do, or lets it do nothing. Its keys follow within 5 s. Throws `not_found`,
 * `version.conflict` and `rule.violated`.
 */
export async function changeServiceAccount(
  context: Context,
  id: string,
  change: { permissions?: readonly string[] | undefined; disabled?: boolean | undefined },
  ifMatch: number | undefined,
): Promise<ServiceAccount> {
  return context.db.transact(context, async (tx) => {
    const before = (await findServiceAccount(tx, id, 'locked')) ?? notFound('service account', id);
    if (ifMatch !== undefined && ifMatch !== before.version) throw new Problem('version.conflict');
    const permissions = change.permissions ? [...new Set(change.permissions)].sort() : before.permissions;
    const added = permissions.filter((permission) => !before.permissions.includes(permission));
    requireHeld(context, added);
    const disabled = change.disabled ?? before.disabled;
    await updateServiceAccount(tx, { id, permissions, disabled, now: context.clock.now() });
    await recordAudit(tx, {
      action: 'service_account.changed',
      entityType: 'service_account',
      entityId: id,
      before: { permissions: before.permissions, disabled: before.disabled },
      after: { permissions, disabled },
    });
    if (added.length > 0) {
      const detail = { permissions: added };
      await recordSecurityEvent(tx, { kind: 'right.granted', personId: context.actor.id, subjectId: id, detail });
    }
    return { ...before, permissions, disabled, version: before.version + 1 };
  });
}
