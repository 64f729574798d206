import type { Context } from '#context';
import type { TenantTx } from '#db';
import { customerAncestorsOfEach, findCustomers } from '#master-data';
import { strictestPolicy } from './domain/conflict-policy.ts';
import type { Promotion } from './domain/promotion.ts';
import { overlapping, tacticsOf } from './promotion-store.ts';

/** Another live promotion at a related customer, on shared products and days. */
export interface Conflict {
  promotionId: string;
  code: string;
  name: string;
  customerId: string;
  customerName: string;
  startsOn: string;
  endsOn: string;
  state: string;
  productIds: string[];
  policy: 'block' | 'warn';
  reason: string;
}

/** What the search needs of a promotion or of an unsaved draft. */
export interface ConflictScope {
  id: string | null;
  customerId: string;
  startsOn: string;
  endsOn: string;
  /** At SKU level. */
  productIds: readonly string[];
  mechanics: readonly Promotion['tactics'][number]['mechanic'][];
}

/**
 * Conflicts of a promotion (domain.md): customer scopes intersect (one is the other, or above it in the tree) and
 * product scopes intersect and dates overlap; the policy is per mechanic pair.
 */
export async function findConflicts(tx: TenantTx<Context>, scope: ConflictScope): Promise<Conflict[]> {
  const others = await overlapping(tx, { ...scope, exceptId: scope.id });
  if (others.length === 0) return [];
  const tactics = await tacticsOf(
    tx,
    others.map((other) => other.id),
  );
  const customerIds = [...new Set(others.map((other) => other.customerId))];
  const customers = await findCustomers(tx, { ids: customerIds });
  const lines = await customerAncestorsOfEach(tx, [...new Set([scope.customerId, ...customerIds])]);
  const above = new Set(lines.get(scope.customerId));
  const below = new Set(customerIds.filter((id) => lines.get(id)?.includes(scope.customerId)));
  return others.flatMap((other) => {
    if (!above.has(other.customerId) && !below.has(other.customerId)) return [];
    const strictest = strictestPolicy(
      scope.mechanics,
      (tactics.get(other.id) ?? []).map((tactic) => tactic.mechanic),
    );
    if (!strictest) return [];
    const customerName = customers.find((customer) => customer.id === other.customerId)?.name ?? '';
    const [ours, theirs] = strictest.pair;
    const count = other.sharedProductIds.length;
    const reason = `${ours} meets ${theirs} on ${count} shared product${count === 1 ? '' : 's'} at ${customerName}`;
    const { id, code, name, customerId, startsOn, endsOn, state, sharedProductIds } = other;
    return [
      {
        promotionId: id,
        code,
        name,
        customerId,
        customerName,
        startsOn,
        endsOn,
        state,
        productIds: sharedProductIds,
        policy: strictest.policy,
        reason,
      },
    ];
  });
}
