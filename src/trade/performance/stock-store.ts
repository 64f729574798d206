import type { Context } from '#context';
import { sql, type TenantTx } from '#db';

/** One customer × product: what came in and what went out, as texts `day,…;day,…` with days since 1970. */
export interface StockFacts {
  customerId: string;
  productId: string;
  /** `day,units,promoted (0 or 1)` per week with sales; null without any. */
  sold: string | null;
  /** `day,cases` per week with shipments; null without any. */
  shipped: string | null;
}

/** Sales and shipments of customers × products in weeks that start within the dates; one text a series, as rows are slow. */
export function readStockFacts(
  tx: TenantTx<Context>,
  query: { customerIds: readonly string[]; productIds: readonly string[]; from: string; to: string },
): Promise<StockFacts[]> {
  const here = sql`tenant_id = ${tx.context.tenant.id}::uuid and customer_id = customer.id and product_id = product.id
    and period_start between ${query.from}::date and ${query.to}::date`;
  const day = sql`(period_start - date '1970-01-01')`;
  // Each inner query goes by the primary key, one range for each customer and product.
  return tx.many<StockFacts>(sql`
    select customer.id as "customerId", product.id as "productId", sales.sold, shipment.shipped
    from unnest(${query.customerIds as string[]}::uuid[]) customer (id)
    cross join unnest(${query.productIds as string[]}::uuid[]) product (id)
    cross join lateral (
      select string_agg(${day} || ',' || units || ',' || (feature or display or price_reduction)::int, ';') as sold
      from performance.sales where ${here}) sales
    cross join lateral (
      select string_agg(${day} || ',' || cases, ';') as shipped from performance.shipment where ${here}) shipment
    where sales.sold is not null`);
}
