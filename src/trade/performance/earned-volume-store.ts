import type { Context } from '#context';
import { sql, type TenantTx } from '#db';

type Tx = TenantTx<Context>;

/** What volumes are read from. */
export type VolumeSource = 'sales' | 'shipment' | 'depletion';

/** Where and when to read volumes; `key` comes back with them. Dates are those of the weeks' first days, both inclusive. */
export interface VolumeScope {
  key: string;
  customerIds: readonly string[];
  productIds: readonly string[];
  from: string;
  to: string;
}

/** One product in one week at all customers of a scope: units sold, or cases. */
export interface ScopeWeek {
  key: string;
  productId: string;
  periodStart: string;
  volume: string;
}

const columns = { sales: sql`units`, shipment: sql`cases`, depletion: sql`cases` };

/** Volumes of many scopes in one query, by scope, week and product. */
export async function readScopeWeeks(
  tx: Tx,
  source: VolumeSource,
  scopes: readonly VolumeScope[],
): Promise<ScopeWeek[]> {
  if (scopes.length === 0) return [];
  // The inner query goes by the primary key, one range for each customer and product.
  return tx.many<ScopeWeek>(sql`
    select scope.key, product.id as "productId", fact.period_start as "periodStart", sum(fact.volume)::text as volume
    from jsonb_to_recordset(${JSON.stringify(scopes)}::jsonb)
      as scope (key text, "customerIds" uuid[], "productIds" uuid[], "from" date, "to" date)
    cross join lateral unnest(scope."customerIds") customer (id)
    cross join lateral unnest(scope."productIds") product (id)
    cross join lateral (
      select period_start, ${columns[source]} as volume from ${sql.table(`performance.${source}`)} fact
      where fact.tenant_id = ${tx.context.tenant.id}::uuid and fact.customer_id = customer.id
        and fact.product_id = product.id and fact.period_start between scope."from" and scope."to" offset 0
    ) fact
    group by scope.key, product.id, fact.period_start order by scope.key, fact.period_start, product.id`);
}

/** The last week of which anything of a product has arrived, by product; those of which nothing has are absent. */
export async function lastWeeks(
  tx: Tx,
  source: VolumeSource,
  productIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await tx.many<{ id: string; week: string }>(sql`
    select product.id, last.week from unnest(${productIds as string[]}::uuid[]) product (id)
    cross join lateral (
      select period_start as week from ${sql.table(`performance.${source}`)} fact
      where fact.tenant_id = ${tx.context.tenant.id}::uuid and fact.product_id = product.id
      order by fact.period_start desc limit 1
    ) last`);
  return new Map(rows.map(({ id, week }) => [id, week]));
}
