import { type Permission, permissions } from '#module';

/** A set of permissions under a name. */
export interface Role {
  code: string;
  name: string;
  permissions: readonly Permission[];
}

/** What the administrator may not do: money is decided by those who answer for it. */
const notForAdministrators: ReadonlySet<Permission> = new Set(['promotions:approve', 'claims:settle']);

/**
 * The six predefined roles over the 34 permissions: the one place where the product says who may do what. Approval
 * authority is `promotions:approve` together with a personal limit.
 */
export const predefinedRoles: readonly Role[] = [
  {
    code: 'key_account_manager',
    name: 'Key account manager',
    permissions: [
      'customers:read',
      'products:read',
      'funds:read',
      'promotions:read',
      'promotions:create',
      'promotions:update',
      'promotions:cancel',
      'claims:read',
      'accruals:read',
      'analytics:read',
      'ml:predict',
      'workflows:act',
      'bulk:import',
      'bulk:export',
    ],
  },
  {
    code: 'trade_marketing_manager',
    name: 'Trade marketing manager',
    permissions: [
      'customers:read',
      'products:read',
      'funds:read',
      'promotions:read',
      'promotions:create',
      'promotions:update',
      'promotions:cancel',
      'promotions:approve',
      'claims:read',
      'accruals:read',
      'analytics:read',
      'ml:predict',
      'workflows:act',
      'bulk:import',
      'bulk:export',
    ],
  },
  {
    code: 'finance_controller',
    name: 'Finance controller',
    permissions: [
      'customers:read',
      'products:read',
      'funds:read',
      'funds:write',
      'funds:transfer',
      'funds:approve',
      'promotions:read',
      'promotions:approve',
      'claims:read',
      'claims:write',
      'claims:settle',
      'claims:writeoff',
      'accruals:read',
      'accruals:post',
      'periods:close',
      'analytics:read',
      'ml:predict',
      'workflows:act',
      'integrations:read',
      'bulk:import',
      'bulk:export',
      'monitoring:read',
      'audit:read',
    ],
  },
  {
    code: 'data_analyst',
    name: 'Data analyst',
    permissions: [
      'customers:read',
      'customers:write',
      'products:read',
      'products:write',
      'funds:read',
      'promotions:read',
      'claims:read',
      'accruals:read',
      'analytics:read',
      'ml:predict',
      'ml:train',
      'integrations:read',
      'bulk:import',
      'bulk:export',
      'monitoring:read',
    ],
  },
  {
    code: 'auditor',
    name: 'Auditor',
    permissions: [
      'customers:read',
      'products:read',
      'funds:read',
      'promotions:read',
      'claims:read',
      'accruals:read',
      'analytics:read',
      'integrations:read',
      'bulk:export',
      'monitoring:read',
      'audit:read',
    ],
  },
  {
    code: 'administrator',
    name: 'Administrator',
    permissions: permissions.filter((permission) => !notForAdministrators.has(permission)),
  },
];

/** What somebody may approve where nobody says how much, by role, the least first; null: unlimited. */
const approvalLimits: readonly (readonly [role: string, amount: string | null])[] = [
  ['key_account_manager', '10000'],
  ['director', '50000'],
  ['trade_marketing_manager', '100000'],
  ['finance_controller', '200000'],
  ['executive', null],
];

/**
 * The approval limit of somebody new with these roles for whom none is set, in the tenant's currency: that of the highest of their
 * roles, nothing for others; null: unlimited. It counts only with the permission that a task asks for.
 */
export function defaultApprovalLimit(roles: readonly string[]): string | null {
  const found = approvalLimits.findLast(([role]) => roles.includes(role));
  return found ? found[1] : '0';
}

/** The role whose last holder a tenant keeps. */
export const administratorRole = 'administrator';

const byCode = new Map(predefinedRoles.map((role) => [role.code, role]));

/** Whether `code` is one of the six. */
export function isPredefinedRole(code: string): boolean {
  return byCode.has(code);
}

const known: ReadonlySet<string> = new Set(permissions);

/** The union of what `roles` permit; `custom` are the permissions of the custom roles among them. */
export function permissionsOf(roles: readonly string[], custom: readonly string[]): ReadonlySet<string> {
  const all = roles.flatMap((code) => byCode.get(code)?.permissions ?? []);
  return new Set([...all, ...custom.filter((permission) => known.has(permission))]);
}
