import type { Context } from '#context';
import type { TenantTx } from '#db';
import { notFound, Problem } from '#problem';
import { recordAudit } from '../audit/record-audit.ts';
import { recordSecurityEvent } from '../detection/record-security-event.ts';
import { refuseTogether } from '../policy/duties/require-separate-duties.ts';
import { requireLimits, requireScope } from '../policy/reach.ts';
import {
  findServiceAccount,
  insertServiceAccount,
  type ServiceAccount,
  type StoredReach,
  updateServiceAccount,
} from './api-key-store.ts';

/** What an administrator says of a program. */
export type ServiceAccountInput = StoredReach & { name: string };

/** Nobody hands on what they do not hold themselves, nor both sides of a conflict to one program: no exception ends for those. */
function requireHandedOn(context: Context, given: readonly string[], all = given): void {
  if (given.length > 0) refuseTogether(new Set(all));
  const beyond = given.filter((permission) => !context.actor.permissions.has(permission));
  if (beyond.length === 0) return;
  throw new Problem('rule.violated', { detail: `You do not hold ${beyond.join(', ')} yourself.` });
}

async function requireReach(tx: TenantTx, { scope, limits, joinScope }: Omit<StoredReach, 'permissions'>) {
  return {
    scope: await requireScope(tx, scope),
    limits: requireLimits(limits),
    joinScope: joinScope && (await requireScope(tx, joinScope)),
  };
}

function auditBody({ permissions, scope, limits, joinScope, disabled }: ServiceAccount) {
  return { permissions, scope, limits, joinScope, disabled };
}

/** Makes a service account. Throws `code.taken` for a name in use, `rule.violated` for permissions one does not hold. */
export async function createServiceAccount(context: Context, input: ServiceAccountInput): Promise<ServiceAccount> {
  requireHandedOn(context, input.permissions);
  const permissions = [...new Set(input.permissions)].sort();
  const [id, now] = [context.newId(), context.clock.now()];
  return context.db.transact(context, async (tx) => {
    const reach = await requireReach(tx, input);
    const account = { id, name: input.name, permissions, ...reach, createdBy: context.actor.id, now };
    if (!(await insertServiceAccount(tx, account))) {
      throw new Problem('code.taken', { detail: `There is already a service account ${input.name}.` });
    }
    const after = { name: input.name, permissions, ...reach };
    await recordAudit(tx, { action: 'service_account.created', entityType: 'service_account', entityId: id, after });
    await recordSecurityEvent(tx, {
      kind: 'right.granted',
      personId: context.actor.id,
      subjectId: id,
      detail: { permissions },
    });
    return { id, name: input.name, permissions, ...reach, createdAt: now, disabled: false, version: 1 };
  });
}

/**
 * Changes what a service account may do, and with what, or lets it do nothing. Its keys follow within 5 s. Throws `not_found`,
 * `version.conflict` and `rule.violated`.
 */
export async function changeServiceAccount(
  context: Context,
  id: string,
  change: { [Key in keyof Omit<ServiceAccountInput, 'name'>]?: ServiceAccountInput[Key] | undefined } & {
    disabled?: boolean | undefined;
  },
  ifMatch: number | undefined,
): Promise<ServiceAccount> {
  return context.db.transact(context, async (tx) => {
    const before = (await findServiceAccount(tx, id, 'locked')) ?? notFound('service account', id);
    if (ifMatch !== undefined && ifMatch !== before.version) throw new Problem('version.conflict');
    const permissions = change.permissions ? [...new Set(change.permissions)].sort() : before.permissions;
    const added = permissions.filter((permission) => !before.permissions.includes(permission));
    requireHandedOn(context, added, permissions);
    const disabled = change.disabled ?? before.disabled;
    const { scope = before.scope, limits = before.limits, joinScope = before.joinScope } = change;
    const reach = await requireReach(tx, { scope, limits, joinScope });
    await updateServiceAccount(tx, { id, permissions, ...reach, disabled, now: context.clock.now() });
    await recordAudit(tx, {
      action: 'service_account.changed',
      entityType: 'service_account',
      entityId: id,
      before: auditBody(before),
      after: auditBody({ ...before, permissions, ...reach, disabled }),
    });
    if (added.length > 0) {
      const detail = { permissions: added };
      await recordSecurityEvent(tx, { kind: 'right.granted', personId: context.actor.id, subjectId: id, detail });
    }
    return { ...before, permissions, ...reach, disabled, version: before.version + 1 };
  });
}
