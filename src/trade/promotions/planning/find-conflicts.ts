import type { Context } from '#context';
import type { TenantTx } from '#db';
import { customerAncestorsOfEach, findCustomers, productLeavesOfEach } from '#master-data';
import type { Mechanic } from '#performance';
import { Problem } from '#problem';
import { strictestPolicy } from '../domain/conflict-policy.ts';
import { overlapping, tacticsOf } from '../promotion-store.ts';
import type { ResolvedTerms } from './promotion-terms.ts';

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
  tactics: readonly TacticScope[];
}

/** A tactic's mechanic and what it touches, at SKU level. */
interface TacticScope {
  mechanic: Mechanic;
  skuIds: readonly string[];
}

/** Terms that stand up, as the search takes them. */
export function conflictScope({ terms, leavesByTactic }: ResolvedTerms, id: string | null): ConflictScope {
  const { customerId, startsOn, endsOn } = terms;
  const tactics = terms.tactics.map((tactic) => ({
    mechanic: tactic.mechanic,
    skuIds: leavesByTactic.get(tactic.id) ?? [],
  }));
  return { id, customerId, startsOn, endsOn, tactics };
}

/** The tactics of promotions at SKU level, by promotion id. */
async function tacticScopes(tx: TenantTx<Context>, ids: readonly string[]): Promise<Map<string, TacticScope[]>> {
  const tactics = await tacticsOf(tx, ids);
  const named = new Set([...tactics.values()].flat().flatMap((tactic) => tactic.productIds));
  const leaves = await productLeavesOfEach(tx, [...named]);
  return new Map(
    [...tactics].map(([id, all]) => [
      id,
      all.map(({ mechanic, productIds }) => ({ mechanic, skuIds: productIds.flatMap((one) => leaves.get(one) ?? []) })),
    ]),
  );
}

/** The strictest policy that any shared SKU meets, the pair that makes it so, and the SKUs on which it does. */
function strictestOn(skuIds: readonly string[], ours: readonly TacticScope[], theirs: readonly TacticScope[]) {
  const mechanicsOn = (tactics: readonly TacticScope[], skuId: string) =>
    tactics.filter((tactic) => tactic.skuIds.includes(skuId)).map((tactic) => tactic.mechanic);
  const found = skuIds.flatMap((skuId) => {
    const strictest = strictestPolicy(mechanicsOn(ours, skuId), mechanicsOn(theirs, skuId));
    return strictest ? [{ skuId, ...strictest }] : [];
  });
  const worst = found.find(({ policy }) => policy === 'block') ?? found[0];
  if (!worst) return null;
  return { ...worst, skuIds: found.filter(({ policy }) => policy === worst.policy).map(({ skuId }) => skuId) };
}

/**
 * Conflicts of a promotion (domain.md): customer scopes intersect (one is the other, or above it in the tree) and
 * product scopes intersect and dates overlap; the policy is per pair of mechanics that meet on a product.
 */
export async function findConflicts(tx: TenantTx<Context>, scope: ConflictScope): Promise<Conflict[]> {
  const productIds = [...new Set(scope.tactics.flatMap((tactic) => tactic.skuIds))];
  const others = await overlapping(tx, { ...scope, productIds, exceptId: scope.id });
  if (others.length === 0) return [];
  const tactics = await tacticScopes(
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
    const strictest = strictestOn(other.sharedProductIds, scope.tactics, tactics.get(other.id) ?? []);
    if (!strictest) return [];
    const customerName = customers.find((customer) => customer.id === other.customerId)?.name ?? '';
    const [ours, theirs] = strictest.pair;
    const count = strictest.skuIds.length;
    const reason = `${ours} meets ${theirs} on ${count} shared product${count === 1 ? '' : 's'} at ${customerName}`;
    const { id, code, name, customerId, startsOn, endsOn, state } = other;
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
        productIds: strictest.skuIds,
        policy: strictest.policy,
        reason,
      },
    ];
  });
}

/** Conflicts of resolved terms; throws `promotion.conflict` (422) with those that block. Call under the conflict lock. */
export async function requireNoBlockingConflict(
  tx: TenantTx<Context>,
  resolved: ResolvedTerms,
  id: string,
): Promise<Conflict[]> {
  const conflicts = await findConflicts(tx, conflictScope(resolved, id));
  const blocking = conflicts.filter((conflict) => conflict.policy === 'block');
  if (blocking.length === 0) return conflicts;
  const told = blocking.map(
    ({ code, name, startsOn, endsOn, reason }) => `${code} ${name} (${startsOn} to ${endsOn}): ${reason}`,
  );
  throw new Problem('promotion.conflict', { detail: told.join('; '), extra: { conflicts: blocking } });
}
