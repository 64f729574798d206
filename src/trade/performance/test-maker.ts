import pg from 'pg';
import type { DemoMaker } from '../../../demo/maker.ts';

/** Ids of a maker's customers and products by code, after {@link storeMaker}. */
export interface StoredMaker {
  customers: Map<string, string>;
  products: Map<string, string>;
}

/** Which part of a maker a test needs: fewer series are faster. */
export interface MakerPart {
  /** Codes of the categories to keep; all when absent. */
  categories?: readonly string[];
  /** Codes of the banners to keep; all when absent. */
  banners?: readonly string[];
}

/**
 * For tests: writes a simulated maker's master data, calendar, sell-out and shipments straight into the tables, as the
 * owner. The demo itself loads through the imports.
 */
export async function storeMaker(
  { url, newId, tenantId }: { url: string; newId: () => string; tenantId: string },
  maker: DemoMaker,
  part: MakerPart = {},
): Promise<StoredMaker> {
  const customers = new Map(
    maker.customers
      .filter(
        ({ code }) => !part.banners || part.banners.some((banner) => code === banner || code.startsWith(`${banner}-`)),
      )
      .map(({ code }) => [code, newId()]),
  );
  const products = new Map(
    maker.products
      .filter(({ categoryCode }) => !part.categories || part.categories.includes(categoryCode))
      .map(({ code }) => [code, newId()]),
  );
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const insert = (into: string, columns: string, rows: readonly unknown[]) =>
    client.query(`insert into ${into} select $1::uuid, row.* from jsonb_to_recordset($2::jsonb) as row (${columns})`, [
      tenantId,
      JSON.stringify(rows),
    ]);
  await insert(
    'master_data.customer (tenant_id, id, code, name, parent_id, type, channel, currency, version, created_at, updated_at)',
    'id uuid, code text, name text, "parentId" uuid, type text, channel text, currency text, version integer, "createdAt" timestamptz, "updatedAt" timestamptz',
    maker.customers
      .filter(({ code }) => customers.has(code))
      .map((customer) => ({
        ...customer,
        id: customers.get(customer.code),
        parentId: customer.parentCode && customers.get(customer.parentCode),
        version: 1,
        createdAt: maker.today,
        updatedAt: maker.today,
      })),
  );
  await insert(
    'master_data.product (tenant_id, id, code, name, parent_id, level, own, version, created_at, updated_at)',
    'id uuid, code text, name text, "parentId" uuid, level text, own boolean, version integer, "createdAt" timestamptz, "updatedAt" timestamptz',
    maker.products
      .filter(({ code }) => products.has(code))
      .map((product) => ({
        ...product,
        id: products.get(product.code),
        parentId: product.parentCode && products.get(product.parentCode),
        version: 1,
        createdAt: maker.today,
        updatedAt: maker.today,
      })),
  );
  const cents = (minor: number) => (minor / 100).toFixed(2);
  await insert(
    'master_data.product_price (tenant_id, id, product_id, list_price, cost, currency, valid_from, valid_to, recorded_at)',
    'id uuid, "productId" uuid, "listPrice" numeric, cost numeric, currency text, "validFrom" date, "validTo" date, "recordedAt" timestamptz',
    maker.prices
      .filter(({ productCode }) => products.has(productCode))
      .map((price) => ({
        ...price,
        id: newId(),
        productId: products.get(price.productCode),
        listPrice: cents(price.listPriceMinor),
        cost: cents(price.costMinor),
        currency: maker.currency,
        recordedAt: maker.today,
      })),
  );
  await insert(
    'master_data.unit_conversion (tenant_id, id, product_id, unit, units, valid_from, recorded_at)',
    'id uuid, "productId" uuid, unit text, units numeric, "validFrom" date, "recordedAt" timestamptz',
    maker.products
      .filter(({ code, unitsPerCase }) => products.has(code) && unitsPerCase !== null)
      .map(({ code, unitsPerCase }) => ({
        id: newId(),
        productId: products.get(code),
        unit: 'case',
        units: unitsPerCase,
        validFrom: '1900-01-01',
        recordedAt: maker.today,
      })),
  );
  const calendarId = newId();
  await client.query(
    `insert into master_data.fiscal_calendar (tenant_id, id, code, name, is_default, created_at)
     values ($1, $2, $3, $3, true, $4)`,
    [tenantId, calendarId, maker.calendarCode, maker.today],
  );
  await insert(
    'master_data.fiscal_week (tenant_id, calendar_id, starts_on, ends_on, fiscal_year, period, week)',
    '"calendarId" uuid, "startsOn" date, "endsOn" date, "fiscalYear" integer, period integer, week integer',
    maker.calendar.map((week) => ({ ...week, calendarId })),
  );
  await storeSellOut(client, tenantId, maker, { customers, products });
  await insert(
    'performance.shipment (tenant_id, customer_id, product_id, period_start, cases, revenue, currency, source, recorded_at)',
    '"customerId" uuid, "productId" uuid, "periodStart" date, cases numeric, revenue numeric, currency text, source text, "recordedAt" timestamptz',
    maker.shipments
      .filter(({ customerCode, productCode }) => customers.has(customerCode) && products.has(productCode))
      .map((shipment) => ({
        ...shipment,
        customerId: customers.get(shipment.customerCode),
        productId: products.get(shipment.productCode),
        revenue: cents(shipment.revenueMinor),
        currency: maker.currency,
        source: 'test',
        recordedAt: maker.today,
      })),
  );
  await client.query('analyze performance.sales');
  await client.end();
  return { customers, products };
}

async function storeSellOut(
  client: pg.Client,
  tenantId: string,
  { sellOut, today, currency }: DemoMaker,
  { customers, products }: StoredMaker,
): Promise<void> {
  const weeks = sellOut.weekStart.length;
  const columns: unknown[][] = Array.from({ length: 9 }, () => []);
  sellOut.units.forEach((units, cell) => {
    const { customerCode, productCode } = sellOut.series[Math.floor(cell / weeks)]!;
    const customer = customers.get(customerCode);
    const product = products.get(productCode);
    if (units < 0 || !customer || !product) return;
    const price = sellOut.priceMinor[cell]! / 100;
    const row = [
      ...[customer, product, sellOut.weekStart[cell % weeks], units, (units * price).toFixed(2), price],
      sellOut.basePriceMinor[cell]! / 100,
      sellOut.feature[cell]! + 2 * sellOut.display[cell]!,
      sellOut.priceReduction[cell],
    ];
    row.forEach((value, column) => {
      columns[column]!.push(value);
    });
  });
  await client.query(
    `insert into performance.sales (tenant_id, customer_id, product_id, period_start, units, revenue, price, base_price,
       feature, display, price_reduction, currency, source, recorded_at)
     select $1, customer, product, day, units, revenue, price, base_price, shelf & 1 > 0, shelf & 2 > 0, cut > 0, $11, 'test', $12
     from unnest($2::uuid[], $3::uuid[], $4::date[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[],
       $9::integer[], $10::integer[]) as fact (customer, product, day, units, revenue, price, base_price, shelf, cut)`,
    [tenantId, ...columns, currency, today],
  );
}
