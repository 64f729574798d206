import type { Context } from '#context';
import { type Page, sql, type TenantTx } from '#db';
import { listWeeklyFacts, type SalesFactQuery } from './sales-facts.ts';

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

/** A shipment as lists show it; numerics as decimal strings. */
export interface ShipmentFact extends WeeklyShipment {
  revenue: string;
  currency: string;
  source: string;
  recordedAt: Date;
}

/** A page of shipments by customer, product and week. */
export function listShipments(tx: TenantTx<Context>, query: SalesFactQuery): Promise<Page<ShipmentFact>> {
  const columns = sql`trim_scale(cases)::text as cases, trim_scale(revenue)::text as revenue, currency, source,
    recorded_at as "recordedAt"`;
  return listWeeklyFacts(tx, { columns, from: sql`performance.shipment` }, query);
}
