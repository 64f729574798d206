import type { Context } from '#context';
import { type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { Problem } from '#problem';
import { type ScopeColumns, scopeFilter } from '#scope';

/** One sales fact; numerics as decimal strings, prices per consumer unit. */
export interface SalesFact {
  customerId: string;
  productId: string;
  periodStart: string;
  units: string;
  revenue: string;
  price: string | null;
  basePrice: string | null;
  feature: boolean;
  display: boolean;
  priceReduction: boolean;
  currency: string;
  source: string;
  recordedAt: Date;
}

/** What a list of facts asks for: leaf customers and SKUs, dates of the period's first day, both inclusive. */
export interface SalesFactQuery {
  customerIds?: readonly string[] | undefined;
  productIds?: readonly string[] | undefined;
  from?: string | undefined;
  to?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

const uuid = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/;

function afterOf(cursor: string): [string, string, string] {
  const parts = Buffer.from(cursor, 'base64url').toString('utf8').split('|');
  const [customer = '', product = '', day = ''] = parts;
  const isCursor = parts.length === 3 && uuid.test(customer) && uuid.test(product) && /^\d{4}-\d\d-\d\d$/.test(day);
  if (!isCursor) {
    throw new Problem('request.malformed', { errors: [{ path: 'cursor', message: 'is not a cursor of this list' }] });
  }
  return [customer, product, day];
}

const factScope: ScopeColumns = { customer: sql`customer_id`, product: sql`product_id` };

interface FactTable {
  columns: RawBuilder<unknown>;
  from: RawBuilder<unknown>;
  where?: RawBuilder<unknown>[];
}

/** A page of a table of weekly facts by customer, product and period: the order of their key. */
export async function listWeeklyFacts<Fact extends Pick<SalesFact, 'customerId' | 'productId' | 'periodStart'>>(
  tx: TenantTx<Context>,
  { columns, from, where: own = [] }: FactTable,
  query: SalesFactQuery,
): Promise<Page<Fact>> {
  const where = [scopeFilter(tx.context, factScope), ...own];
  if (query.customerIds) where.push(sql`customer_id = any(${query.customerIds as string[]}::uuid[])`);
  if (query.productIds) where.push(sql`product_id = any(${query.productIds as string[]}::uuid[])`);
  if (query.from) where.push(sql`period_start >= ${query.from}::date`);
  if (query.to) where.push(sql`period_start <= ${query.to}::date`);
  if (query.cursor !== undefined) {
    const [customer, product, day] = afterOf(query.cursor);
    where.push(sql`(customer_id, product_id, period_start) > (${customer}::uuid, ${product}::uuid, ${day}::date)`);
  }
  const rows = await tx.many<Fact>(sql`
    select customer_id as "customerId", product_id as "productId", period_start as "periodStart", ${columns}
    from ${from} where ${sql.join(where, sql` and `)}
    order by customer_id, product_id, period_start limit ${query.limit + 1}`);
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  const more = rows.length > query.limit && last;
  return {
    items,
    nextCursor: more
      ? Buffer.from(`${last.customerId}|${last.productId}|${last.periodStart}`).toString('base64url')
      : null,
  };
}

/** A page of sales facts; `promoted`: only those with a flag of a promotion. */
export function listSalesFacts(
  tx: TenantTx<Context>,
  query: SalesFactQuery & { promoted?: 'true' | undefined },
): Promise<Page<SalesFact>> {
  const columns = sql`trim_scale(units)::text as units, trim_scale(revenue)::text as revenue,
    trim_scale(price)::text as price, trim_scale(base_price)::text as "basePrice", feature, display,
    price_reduction as "priceReduction", currency, source, recorded_at as "recordedAt"`;
  const flagged = query.promoted ? [sql`(feature or display or price_reduction)`] : [];
  return listWeeklyFacts(tx, { columns, from: sql`performance.sales`, where: flagged }, query);
}
