import { sql, type TenantTx } from '#db';
import { Problem } from '#problem';
import { isPredefinedRole, permissionsOf, predefinedRoles, type Role } from './roles.ts';

/** A role as lists show it. */
export interface ListedRole extends Role {
  predefined: boolean;
  version: number | null;
}

interface RoleRow extends Role {
  version: number;
}

/** The predefined roles and then the tenant's own, by code. */
export async function listRoles(tx: TenantTx): Promise<ListedRole[]> {
  const custom = await tx.many<RoleRow>(
    sql`select code, name, permissions, version from identity.role where tenant_id = ${tx.context.tenant.id} order by code`,
  );
  return [
    ...predefinedRoles.map((role) => ({ ...role, predefined: true, version: null })),
    ...custom.map((role) => ({ ...role, predefined: false })),
  ];
}

/** The tenant's own role, locked, or undefined. */
export async function findCustomRole(tx: TenantTx, code: string): Promise<RoleRow | undefined> {
  return tx.maybe<RoleRow>(sql`select code, name, permissions, version from identity.role
    where tenant_id = ${tx.context.tenant.id} and code = ${code} for update`);
}

/** What some roles permit together, as the tenant's own stand now. */
export async function permissionsOfRoles(tx: TenantTx, codes: readonly string[]): Promise<ReadonlySet<string>> {
  const custom = await tx.many<{ permission: string }>(sql`select unnest(permissions) as permission from identity.role
    where tenant_id = ${tx.context.tenant.id} and code = any(${[...codes]})`);
  return permissionsOf(
    codes,
    custom.map(({ permission }) => permission),
  );
}

/** Throws `rule.violated` where one of `codes` is no role of this tenant. */
export async function requireRoles(tx: TenantTx, codes: readonly string[]): Promise<void> {
  const own = codes.filter((code) => !isPredefinedRole(code));
  if (own.length === 0) return;
  const found = await tx.many<{ code: string }>(sql`select code from identity.role
    where tenant_id = ${tx.context.tenant.id} and code = any(${own})`);
  const known = new Set(found.map(({ code }) => code));
  const unknown = own.filter((code) => !known.has(code));
  if (unknown.length > 0) throw new Problem('rule.violated', { detail: `There is no role ${unknown.join(', ')}.` });
}
