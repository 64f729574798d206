import type { Context } from '#context';
import type { TenantTx } from '#db';
import { customerAncestors, customerLeaves, productLeaves } from '#master-data';
import { Decimal } from '#money';
import { readLatest } from './loaded-plan.ts';
import { findPlanAt } from './plan-store.ts';

/** What an account plan expects to be sold of a scope in the weeks that begin after a day of its year. */
interface PlannedCases {
  /** Decimal string. */
  cases: string;
  planName: string;
  snapshot: number;
}

/**
 * Cases that the nearest account plan at a customer or above it expects in the rest of its year, as its latest snapshot has
 * them; null where no plan that was calculated covers every account of the customer,
 * or it knows nothing of those weeks.
 */
export async function readPlannedCases(
  tx: TenantTx<Context>,
  scope: { customerId: string; productId: string | null; fiscalYear: number; after: string },
): Promise<PlannedCases | null> {
  const plan = await findPlanAt(tx, await customerAncestors(tx, scope.customerId), scope.fiscalYear);
  const loaded = plan && (await readLatest(tx.context, plan.id, tx));
  if (!plan || !loaded) return null;
  const { accounts, products, weeks } = loaded.basis;
  const wantedAccounts = new Set(await customerLeaves(tx, scope.customerId));
  const covered = accounts.filter(({ id }) => wantedAccounts.has(id)).length;
  if (covered < wantedAccounts.size) return null;
  const wantedProducts = scope.productId ? new Set(await productLeaves(tx, scope.productId)) : null;
  const volumes = loaded.grid.volumes();
  let milli = 0;
  accounts.forEach((account, a) => {
    if (!wantedAccounts.has(account.id)) return;
    products.forEach((product, p) => {
      if (wantedProducts && !wantedProducts.has(product.id)) return;
      weeks.forEach(({ startsOn }, w) => {
        if (startsOn > scope.after) milli += volumes[(a * products.length + p) * weeks.length + w] ?? 0;
      });
    });
  });
  // Without a model and a last year the plan knows nothing of these weeks, which is not zero.
  if (milli === 0) return null;
  return { cases: new Decimal(milli).div(1000).toFixed(), planName: plan.name, snapshot: loaded.head.number };
}
