import { type RawBuilder, sql, type TenantTx } from '#db';

/** A fact of sell-out as it stands: decimal strings; null where the source had no price. */
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
  source: string;
}

/** A fact of sell-in as it stands: decimal strings. */
export interface ShipmentFact {
  customerId: string;
  productId: string;
  periodStart: string;
  cases: string;
  revenue: string;
  source: string;
}

/** Facts in memory at once. */
const batchRows = 10_000;

async function* readAll<Fact>(tx: TenantTx, select: RawBuilder<unknown>): AsyncGenerator<Fact> {
  await tx.run(sql`declare read_facts no scroll cursor for ${select}`);
  for (;;) {
    const facts = await tx.many<Fact>(sql`fetch ${sql.raw(String(batchRows))} from read_facts`);
    yield* facts;
    if (facts.length < batchRows) break;
  }
  await tx.run(sql`close read_facts`);
}

const key = sql`customer_id as "customerId", product_id as "productId", period_start as "periodStart"`;
const inOrder = sql`order by customer_id, product_id, period_start`;

/** Streams every fact of sell-out as of one moment; read it to its end before the transaction does anything else. */
export function readSalesFacts(tx: TenantTx): AsyncGenerator<SalesFact> {
  return readAll(
    tx,
    sql`select ${key}, trim_scale(units)::text as units, trim_scale(revenue)::text as revenue,
      trim_scale(price)::text as price, trim_scale(base_price)::text as "basePrice", feature, display,
      price_reduction as "priceReduction", source from performance.sales ${inOrder}`,
  );
}

/** {@link readSalesFacts} for sell-in. */
export function readShipmentFacts(tx: TenantTx): AsyncGenerator<ShipmentFact> {
  return readAll(
    tx,
    sql`select ${key}, trim_scale(cases)::text as cases, trim_scale(revenue)::text as revenue, source
      from performance.shipment ${inOrder}`,
  );
}

/** How many facts of sell-out there are, and how many of them have a price and a regular price. */
export function countSalesPrices(tx: TenantTx): Promise<{ facts: number; priced: number; basePriced: number }> {
  return tx.one(sql`select count(*)::int as facts, count(price)::int as priced, count(base_price)::int as "basePriced"
    from performance.sales`);
}
