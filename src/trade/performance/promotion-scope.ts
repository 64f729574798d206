import type { Context } from '#context';
import type { TenantTx } from '#db';
import { customerLeavesOfEach, productLeavesOfEach } from '#master-data';
import { notFound, Problem } from '#problem';
import type { EventTactic } from './domain/event-tactic.ts';

/** A tactic of a promotion: money, and what it does on the shelf. `productIds` may name nodes above the SKU. */
export interface PromotionTactic extends EventTactic {
  feature: boolean;
  display: boolean;
}

/** A promotion as performance sees it: who, what, when. Dates are inclusive. */
export interface PromotionScope {
  customerId: string;
  startsOn: string;
  endsOn: string;
  tactics: readonly PromotionTactic[];
}

/** A scope brought down to the leaves of both trees. */
export interface LeafScope extends PromotionScope {
  customerIds: string[];
  /** Every SKU of any tactic, sorted. */
  productIds: string[];
}

/** More series than this in one promotion are refused: the plan could not answer while somebody types. */
const mostSeries = 20_000;

function atLeaves(
  scope: PromotionScope,
  customersBelow: ReadonlyMap<string, string[]>,
  productsBelow: ReadonlyMap<string, string[]>,
): LeafScope {
  const customerIds = customersBelow.get(scope.customerId) ?? [];
  if (customerIds.length === 0) notFound('customer', scope.customerId);
  const tactics = scope.tactics.map((tactic) => {
    const leaves = tactic.productIds.flatMap((id) => {
      // Without an entry it is a SKU that needed no look-up.
      const below = productsBelow.get(id) ?? [id];
      return below.length === 0 ? notFound('product', id) : below;
    });
    return { ...tactic, productIds: [...new Set(leaves)].sort() };
  });
  const productIds = [...new Set(tactics.flatMap((tactic) => tactic.productIds))].sort();
  if (customerIds.length * productIds.length > mostSeries) {
    throw new Problem('rule.violated', {
      detail: `The promotion covers ${customerIds.length} customers × ${productIds.length} products; at most ${mostSeries} series are possible.`,
    });
  }
  return { ...scope, tactics, customerIds, productIds };
}

/**
 * Leaf customers and SKUs of promotions, in their order, with two queries in all; `knownSkus` need no look-up. Throws
 * `not_found` for an unknown customer or product.
 */
export async function resolveScopes(
  tx: TenantTx<Context>,
  scopes: readonly PromotionScope[],
  knownSkus: Pick<ReadonlySet<string>, 'has'> = new Set<string>(),
): Promise<LeafScope[]> {
  const customerIds = new Set(scopes.map(({ customerId }) => customerId));
  const named = new Set(scopes.flatMap(({ tactics }) => tactics.flatMap(({ productIds }) => productIds)));
  const customersBelow = await customerLeavesOfEach(tx, [...customerIds]);
  const productsBelow = await productLeavesOfEach(
    tx,
    [...named].filter((id) => !knownSkus.has(id)),
  );
  return scopes.map((scope) => atLeaves(scope, customersBelow, productsBelow));
}

/** {@link resolveScopes} of one promotion. */
export async function resolveScope(
  tx: TenantTx<Context>,
  scope: PromotionScope,
  knownSkus?: Pick<ReadonlySet<string>, 'has'>,
): Promise<LeafScope> {
  const [resolved] = await resolveScopes(tx, [scope], knownSkus);
  return resolved!;
}

/** How many customer × product series each promotion covers, in their order: what reading their facts costs. */
export async function countSeries(tx: TenantTx<Context>, scopes: readonly PromotionScope[]): Promise<number[]> {
  const resolved = await resolveScopes(tx, scopes);
  return resolved.map(({ customerIds, productIds }) => customerIds.length * productIds.length);
}
