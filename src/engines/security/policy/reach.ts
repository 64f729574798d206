import type { AmountLimit } from '#context';
import type { TenantTx } from '#db';
import { Problem } from '#problem';
import { expandScope, type ScopeRoots } from '#scope';

/** How far rights reach: the part of the trees, and the most by permission and currency. */
export interface Reach {
  /** Null on a side: all of it. */
  scope: ScopeRoots;
  /** One at most per permission and currency. */
  limits: readonly AmountLimit[];
}

/** The whole of both trees, without limits of its own. */
export const wholeReach: Reach = { scope: { customers: null, products: null }, limits: [] };

/** A scope as it is stored. Throws `rule.violated` where a node is not in its tree. */
export async function requireScope(tx: TenantTx, scope: ScopeRoots): Promise<ScopeRoots> {
  const expanded = await expandScope(tx, scope);
  for (const side of [expanded?.customer, expanded?.product]) {
    const missing = side?.roots.find((id) => !side.within.has(id));
    if (missing) throw new Problem('rule.violated', { detail: `There is no customer or product ${missing}.` });
  }
  const sorted = (nodes: readonly string[] | null) => nodes && [...new Set(nodes)].sort();
  return { customers: sorted(scope.customers), products: sorted(scope.products) };
}

/** Limits as they are stored. Throws `rule.violated` for two of one permission and currency. */
export function requireLimits(limits: readonly AmountLimit[]): readonly AmountLimit[] {
  const keys = limits.map(({ permission, currency }) => `${permission} ${currency}`);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice) throw new Problem('rule.violated', { detail: `There are two limits of ${twice}.` });
  return [...limits].sort((a, b) => (`${a.permission} ${a.currency}` < `${b.permission} ${b.currency}` ? -1 : 1));
}
