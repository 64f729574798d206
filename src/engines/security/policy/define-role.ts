import type { Context } from '#context';
import { sql } from '#db';
import type { Permission } from '#module';
import { notFound, Problem } from '#problem';
import { recordAudit } from '../audit/record-audit.ts';
import { lockMembers } from '../people/last-administrator.ts';
import { findPeople } from '../people/people.ts';
import { requireSeparateDuties } from './duties/require-separate-duties.ts';
import { isSameHand } from './hands.ts';
import { findCustomRole, type ListedRole } from './role-store.ts';
import { isPredefinedRole } from './roles.ts';

/** A custom role as its administrator writes it. */
export interface RoleInput {
  code: string;
  name: string;
  permissions: readonly Permission[];
}

/** Adds a custom role to the tenant. Throws `code.taken`, also for the code of a predefined role. */
export async function defineRole(context: Context, input: RoleInput): Promise<ListedRole> {
  const permissions = [...new Set(input.permissions)].sort();
  return context.db.transact(context, async (tx) => {
    await requireSeparateDuties(tx, new Set(permissions), null);
    const added = isPredefinedRole(input.code)
      ? 0
      : await tx.run(sql`insert into identity.role (tenant_id, code, name, permissions, created_at)
          values (${context.tenant.id}, ${input.code}, ${input.name}, ${permissions}, ${context.clock.now()})
          on conflict do nothing`);
    if (added === 0) throw new Problem('code.taken', { detail: `There is already a role ${input.code}.` });
    const after = { name: input.name, permissions };
    await recordAudit(tx, { action: 'role.created', entityType: 'role', entityId: input.code, after });
    return { code: input.code, ...after, predefined: false, version: 1 };
  });
}

/** Changes a custom role. Throws `not_found` (also for a predefined one), `version.conflict`, or `auth.forbidden` where
 * it would give the actor more. */
export async function changeRole(
  context: Context,
  code: string,
  change: { name?: string | undefined; permissions?: readonly Permission[] | undefined },
  ifMatch: number | undefined,
): Promise<ListedRole> {
  return context.db.transact(context, async (tx) => {
    // Nobody is given the role as it was while it comes to permit more.
    await lockMembers(tx);
    const before = (await findCustomRole(tx, code)) ?? notFound('custom role', code);
    if (ifMatch !== undefined && ifMatch !== before.version) throw new Problem('version.conflict');
    const after = {
      name: change.name ?? before.name,
      permissions: change.permissions ? [...new Set(change.permissions)].sort() : [...before.permissions],
    };
    await requireSeparateDuties(tx, new Set(after.permissions), null);
    const added = after.permissions.filter((permission) => !before.permissions.includes(permission));
    const version = before.version + 1;
    await tx.run(sql`update identity.role set name = ${after.name}, permissions = ${after.permissions}, version = ${version},
        changed_at = ${context.clock.now()}
      where tenant_id = ${context.tenant.id} and code = ${code}`);
    for (const { id, permissions, active, roles } of await findPeople(tx, {})) {
      if (!active || !roles.includes(code)) continue;
      await requireSeparateDuties(tx, permissions, id);
      if (added.length > 0 && (await isSameHand(tx, [id]))) {
        throw new Problem('auth.forbidden', { detail: 'You hold this role: somebody else adds to it.' });
      }
    }
    await recordAudit(tx, {
      action: 'role.changed',
      entityType: 'role',
      entityId: code,
      before: { name: before.name, permissions: before.permissions },
      after,
    });
    return { code, ...after, predefined: false, version };
  });
}
