import type { Context } from '#context';
import { sql, type TenantTx } from '#db';

/** Cases shipped to a customer of a product in the week that starts on a day; a decimal string. */
export interface WeeklyShipment {
  customerId: string;
  productId: string;
  periodStart: string;
  cases: string;
}

/** Shipments to customers in the weeks that start from one day to another, both inclusive. */
export function readWeeklyShipments(
  tx: TenantTx<Context>,
  query: { customerIds: readonly string[]; from: string; to: string },
): Promise<WeeklyShipment[]> {
  return tx.many<WeeklyShipment>(sql`select customer_id as "customerId", product_id as "productId",
      period_start as "periodStart", trim_scale(cases)::text as cases
    from performance.shipment where customer_id = any(${query.customerIds as string[]}::uuid[])
      and period_start between ${query.from}::date and ${query.to}::date
    order by customer_id, product_id, period_start`);
}
