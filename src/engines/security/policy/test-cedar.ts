import type { EntityJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Actor, AmountLimit, Scope, ScopeSide } from '#context';
import { type Permission, permissions } from '#module';
import { currencyDigits, fromMinor } from '#money';
import type { Resource } from './policy.ts';
import type { Role } from './roles.ts';

/** Everything that one decision hangs on, before it is told to the product's own check or to Cedar. */
export interface PolicyCase {
  tenant: string;
  roles: readonly Role[];
  /** Parent of each node, by index; a node's parent comes before it; null: a root. */
  trees: Record<Side, readonly (number | null)[]>;
  /** Nodes that the actor is kept to; null: not narrowed. */
  scope: Record<Side, readonly number[] | null>;
  limits: readonly { permission: Permission; currency: string; minor: bigint | null }[];
  permission: Permission;
  resource: {
    tenant: string;
    /** A node; 'top' where it names the whole tree; undefined where it has no such side. */
    customer?: number | 'top' | undefined;
    product?: number | 'top' | undefined;
    amount?: { minor: bigint; currency: string } | undefined;
  };
}

/** The two trees. */
export type Side = 'customer' | 'product';
const sides: readonly Side[] = ['customer', 'product'];
const typeOf: Record<Side, string> = { customer: 'Customer', product: 'Product' };

function below(tree: readonly (number | null)[], roots: readonly number[]): Set<string> {
  const found = new Set<string>();
  for (let node = 0; node < tree.length; node++) {
    for (let at: number | null = node; at !== null; at = tree[at] ?? null)
      if (roots.includes(at)) found.add(String(node));
  }
  return found;
}

/** The case as the product's own check takes it. */
export function asOwn(one: PolicyCase): {
  actor: Pick<Actor, 'permissions' | 'scope' | 'limits'>;
  tenantId: string;
  permission: Permission;
  resource: Resource;
} {
  const sideOf = (side: Side): ScopeSide | null => {
    const roots = one.scope[side];
    return roots && { roots: roots.map(String), within: below(one.trees[side], roots), above: new Set(), wide: false };
  };
  const scope: Scope = { customer: sideOf('customer'), product: sideOf('product') };
  const limits: AmountLimit[] = one.limits.map(({ permission, currency, minor }) => {
    const digits = currencyDigits(currency);
    if (minor === null) return { permission, currency, amount: null };
    const text = minor.toString().padStart(digits + 1, '0');
    return { permission, currency, amount: digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}` };
  });
  const { tenant, amount } = one.resource;
  const node = (side: Side) => {
    const at = one.resource[side];
    return at === undefined ? {} : { [side]: at === 'top' ? null : String(at) };
  };
  return {
    actor: { permissions: new Set(one.roles.flatMap((role) => role.permissions)), scope, limits },
    tenantId: one.tenant,
    permission: one.permission,
    resource: {
      ...{ tenantId: tenant, ...node('customer'), ...node('product') },
      ...(amount ? { amount: fromMinor(amount.minor, amount.currency) } : {}),
    },
  };
}

function scopeText(one: PolicyCase): string[] {
  return sides.flatMap((side) => {
    const roots = one.scope[side];
    if (!roots) return [];
    const nodes = roots.map((root) => `${typeOf[side]}::"${root}"`).join(', ');
    return [`(!resource.${side} || resource in [${nodes}])`];
  });
}

function limitText(one: PolicyCase, permission: Permission): string {
  const own = one.limits.filter((limit) => limit.permission === permission);
  if (own.length === 0) return 'true';
  const otherwise = String(own.some(({ minor }) => minor === null));
  const checked = own.reduceRight(
    (rest, { currency, minor }) =>
      `(if context.currency == "${currency}" then ${minor === null ? 'true' : `context.amount <= ${minor}`} else ${rest})`,
    otherwise,
  );
  return `(!(context has amount) || ${checked})`;
}

/** The policies of a case as Cedar text: for each role one of what no amount bounds, and one of each of the rest. */
export function policiesOf(one: PolicyCase): string {
  const bounded = new Set(one.limits.map(({ permission }) => permission));
  return one.roles
    .flatMap((role, index) => {
      const held = permissions.filter((permission) => role.permissions.includes(permission));
      const free = held.filter((permission) => !bounded.has(permission));
      return [free, ...held.filter((permission) => bounded.has(permission)).map((permission) => [permission])].map(
        (group) => {
          const actions = group.map((permission) => `Action::"${permission}"`).join(', ');
          const limit = group.length === 1 && group[0] ? limitText(one, group[0]) : 'true';
          const when = ['principal.tenant == resource.tenant', ...scopeText(one), limit].join(' && ');
          return `permit(principal in Role::"${index}", action in [${actions}], resource) when { ${when} };`;
        },
      );
    })
    .join('\n');
}

/** The trees, the person with their roles, and the thing, as Cedar's entities: it finds what lies below by itself. */
export function entitiesOf(one: PolicyCase): EntityJson[] {
  const nodes = sides.flatMap((side) =>
    one.trees[side].map((parent, index) => ({
      uid: { type: typeOf[side], id: String(index) },
      attrs: {},
      parents: parent === null ? [] : [{ type: typeOf[side], id: String(parent) }],
    })),
  );
  const places = sides.flatMap((side) => {
    const at = one.resource[side];
    return at === undefined || at === 'top' ? [] : [{ type: typeOf[side], id: String(at) }];
  });
  return [
    ...nodes,
    {
      uid: { type: 'User', id: 'u' },
      attrs: { tenant: one.tenant },
      parents: one.roles.map((_, index) => ({ type: 'Role', id: String(index) })),
    },
    {
      uid: { type: 'Thing', id: 't' },
      attrs: {
        tenant: one.resource.tenant,
        customer: one.resource.customer !== undefined,
        product: one.resource.product !== undefined,
      },
      parents: places,
    },
  ];
}
