import type { Context } from '#context';
import { sql, type TenantTx } from '#db';

/** Units sold of products at customers in a range of days, both inclusive, by `customer|product`. */
export async function soldUnits(
  tx: TenantTx<Context>,
  query: { customerIds: readonly string[]; productIds: readonly string[]; from: string; to: string },
): Promise<Map<string, string>> {
  const rows = await tx.many<{ customerId: string; productId: string; units: string }>(sql`
    select customer_id as "customerId", product_id as "productId", sum(units)::text as units from performance.sales
    where customer_id = any(${query.customerIds as string[]}::uuid[]) and product_id = any(${query.productIds as string[]}::uuid[])
      and period_start between ${query.from}::date and ${query.to}::date
    group by customer_id, product_id`);
  return new Map(rows.map(({ customerId, productId, units }) => [`${customerId}|${productId}`, units]));
}
