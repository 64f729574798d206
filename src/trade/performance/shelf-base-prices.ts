import type { Context } from '#context';
import { sql, type TenantTx } from '#db';

/** The regular shelf price of one series as last reported, per unit. */
export interface ShelfBasePrice {
  customerId: string;
  productId: string;
  basePrice: number;
  currency: string;
  /** First day of the last reported period. */
  lastSoldOn: string;
}

/**
 * Last regular shelf prices of every customer × product that was sold from a day on; one probe of the key per series.
 * Series that were not are not answered: they count as not listed.
 */
export async function findShelfBasePrices(
  tx: TenantTx<Context>,
  query: { customerIds: readonly string[]; productIds: readonly string[]; soldFrom: string },
): Promise<ShelfBasePrice[]> {
  return tx.many<ShelfBasePrice>(sql`
    select customer.id as "customerId", product.id as "productId", fact.base_price::float8 as "basePrice", fact.currency,
      fact.period_start as "lastSoldOn"
    from unnest(${query.customerIds as string[]}::uuid[]) as customer (id)
    cross join unnest(${query.productIds as string[]}::uuid[]) as product (id)
    cross join lateral (
      select coalesce(base_price, price) as base_price, currency, period_start from performance.sales
      where sales.customer_id = customer.id and sales.product_id = product.id and period_start >= ${query.soldFrom}::date
        and coalesce(base_price, price) > 0
      order by period_start desc limit 1) as fact`);
}
