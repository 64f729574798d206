import type { Actor, AmountLimit, Context } from '#context';
import type { Permission } from '#module';
import { amountOf, compare, type Money, money } from '#money';
import { Problem } from '#problem';
import { inScope, type ScopeRoots } from '#scope';

/** What an action is about, as far as it has such sides; a customer or product of null names the whole tree. */
export interface Resource {
  /** The tenant that it belongs to; the context's where absent. */
  tenantId?: string;
  customer?: string | null;
  product?: string | null;
  /** The money that the action decides. */
  amount?: Money;
}

/** Why an action is refused: the first of these that holds. */
type Refused = 'tenant' | 'permission' | 'scope' | 'limit';

/** What a membership says of how far its rights reach. */
interface Reach {
  limits: readonly AmountLimit[];
  /** The most that they may approve; null: unlimited. */
  approvalLimit: Money | null;
}

/** A member's limits, with the approval limit as that of `promotions:approve` where none was set by currency. */
export function limitsOf({ limits, approvalLimit }: Reach): AmountLimit[] {
  const permission: Permission = 'promotions:approve';
  if (limits.some((limit) => limit.permission === permission)) return [...limits];
  const approval = approvalLimit
    ? { permission, currency: approvalLimit.currency, amount: amountOf(approvalLimit) }
    : { permission, currency: '', amount: null };
  return [...limits, approval];
}

/**
 * The limit that holds for the first of some permissions that has any: that of the currency, else one that holds in every
 * currency, else another, for whoever knows rates to convert. Null: unlimited; undefined: none was set.
 */
export function limitOf(
  limits: readonly AmountLimit[],
  permissions: readonly Permission[],
  currency: string,
): Money | null | undefined {
  for (const permission of permissions) {
    const own = limits.filter((limit) => limit.permission === permission);
    const found =
      own.find((limit) => limit.currency === currency) ?? own.find(({ amount }) => amount === null) ?? own[0];
    if (found) return found.amount === null ? null : money(found.amount, found.currency);
  }
  return undefined;
}

/**
 * The one rule of who may do what: the tenant's own things, with the permission, within the scope, up to the amount.
 * Null where it is allowed. An amount in a currency without a limit of its own is above every limit: rates are not
 * guessed here.
 */
export function refusalOf(
  actor: Pick<Actor, 'permissions' | 'scope' | 'limits'>,
  tenantId: string,
  permission: Permission,
  resource: Resource = {},
): Refused | null {
  if (resource.tenantId !== undefined && resource.tenantId !== tenantId) return 'tenant';
  if (!actor.permissions.has(permission)) return 'permission';
  if (!inScope(actor.scope, resource)) return 'scope';
  if (!resource.amount) return null;
  const limit = limitOf(actor.limits ?? [], [permission], resource.amount.currency);
  if (limit === undefined || limit === null) return null;
  return limit.currency === resource.amount.currency && compare(resource.amount, limit) <= 0 ? null : 'limit';
}

/**
 * Throws where the context's actor may not: `auth.forbidden` without the permission, `not_found` for what lies in
 * another tenant or outside their scope, `approval.limit_exceeded` above their limit.
 */
export function authorise(context: Context, permission: Permission, resource: Resource = {}): void {
  const refused = refusalOf(context.actor, context.tenant.id, permission, resource);
  if (refused === null) return;
  if (refused === 'permission') {
    throw new Problem('auth.forbidden', { detail: `This needs the permission ${permission}.` });
  }
  if (refused === 'limit') throw new Problem('approval.limit_exceeded');
  throw new Problem('not_found', { detail: 'There is no such thing.' });
}

/** What the web application may offer to somebody. */
interface Capabilities {
  permissions: string[];
  /** Nodes that they are kept to; null: that side is not narrowed. */
  scope: { customers: string[] | null; products: string[] | null };
  /** By permission and currency, beside the approval limit. */
  limits: AmountLimit[];
}

/** A member's permissions in their order, scope and limits. */
export function capabilitiesOf(member: {
  permissions: ReadonlySet<string>;
  scope: ScopeRoots;
  limits: readonly AmountLimit[];
}): Capabilities {
  const { customers, products } = member.scope;
  return {
    permissions: [...member.permissions].sort(),
    scope: { customers: customers && [...customers], products: products && [...products] },
    limits: [...member.limits],
  };
}
