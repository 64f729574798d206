import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { scopeFilter } from '#scope';
import type { FlaggedWeek, ObservedEvent } from './domain/observed-event.ts';

type Tx = TenantTx<Context>;

/** Customers that have reported sales. */
export async function customersWithSales(tx: Tx): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`select distinct customer_id as id from performance.sales`);
  return rows.map(({ id }) => id);
}

/**
 * Weeks in which at least half of the stores of a group that reported a product carried the same flags for it. Where two
 * sets of flags have half each, the louder one counts. `groups` says which customer each store belongs to.
 */
export async function findFlaggedWeeks(tx: Tx, groups: ReadonlyMap<string, string>): Promise<FlaggedWeek[]> {
  return tx.many<FlaggedWeek>(sql`
    with store as (
      select * from unnest(${[...groups.keys()]}::uuid[], ${[...groups.values()]}::uuid[]) as store (customer_id, group_id)),
    cell as (
      select group_id, product_id, period_start, feature, display, price_reduction, count(*)::int as stores,
        sum(units)::float8 as units,
        (sum(units * (base_price - price) / nullif(base_price, 0)) /
          nullif(sum(units) filter (where price is not null and base_price > 0), 0))::float8 as depth
      from performance.sales join store using (customer_id)
      group by group_id, product_id, period_start, feature, display, price_reduction),
    week as (
      select *, sum(stores) over (partition by group_id, product_id, period_start)::int as stores_reporting from cell)
    select distinct on (group_id, product_id, period_start) group_id as "customerId", product_id as "productId",
      period_start as "weekStart", feature, display, price_reduction as "priceReduction", stores,
      stores_reporting as "storesReporting", units, depth
    from week where (feature or display or price_reduction) and 2 * stores >= stores_reporting
    order by group_id, product_id, period_start, feature::int + display::int + price_reduction::int desc`);
}

/** Puts these events in the place of all that were observed before. */
export async function replaceObservedEvents(tx: Tx, events: readonly ObservedEvent[]): Promise<void> {
  await tx.run(sql`delete from performance.observed_event`);
  await tx.run(sql`
    insert into performance.observed_event (tenant_id, customer_id, product_id, starts_on, ends_on, weeks, feature,
      display, price_reduction, stores, stores_reporting, units, depth)
    select ${tx.context.tenant.id}, event.* from jsonb_to_recordset(${JSON.stringify(events)}) as event (
      "customerId" uuid, "productId" uuid, "startsOn" date, "endsOn" date, weeks integer, feature boolean,
      display boolean, "priceReduction" boolean, stores integer, "storesReporting" integer, units numeric, depth numeric)`);
}

/** An observed event as stored: numerics as text. */
export interface ObservedEventRow extends Omit<ObservedEvent, 'units' | 'depth'> {
  units: string;
  depth: string | null;
}

/** What an observed-event list asks for. */
export interface ObservedEventQuery {
  customerIds?: readonly string[] | undefined;
  productIds?: readonly string[] | undefined;
  from?: string | undefined;
  to?: string | undefined;
  limit: number;
}

/** Observed events that touch the dates, the youngest first. */
export async function findObservedEvents(tx: Tx, query: ObservedEventQuery): Promise<ObservedEventRow[]> {
  const where = [scopeFilter(tx.context, { customer: sql`customer_id`, product: sql`product_id` })];
  if (query.customerIds) where.push(sql`customer_id = any(${query.customerIds as string[]}::uuid[])`);
  if (query.productIds) where.push(sql`product_id = any(${query.productIds as string[]}::uuid[])`);
  if (query.from) where.push(sql`ends_on >= ${query.from}`);
  if (query.to) where.push(sql`starts_on <= ${query.to}`);
  return tx.many<ObservedEventRow>(sql`
    select customer_id as "customerId", product_id as "productId", starts_on as "startsOn", ends_on as "endsOn", weeks,
      feature, display, price_reduction as "priceReduction", stores, stores_reporting as "storesReporting",
      trim_scale(units)::text as units, trim_scale(depth)::text as depth
    from performance.observed_event where ${sql.join(where, sql` and `)}
    order by starts_on desc, customer_id, product_id limit ${query.limit}`);
}
