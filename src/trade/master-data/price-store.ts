import { todayIn } from '#clock';
import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { amountOf, Decimal, type Money, type MoneyJson, money, toJson } from '#money';
import { Problem } from '#problem';
import { scopeFilter } from '#scope';

/** List price and cost of a case of a product over a range of dates, both inclusive. */
export interface Price {
  id: string;
  productId: string;
  listPrice: MoneyJson;
  cost: MoneyJson;
  validFrom: string;
  /** Null: until a later price begins. */
  validTo: string | null;
  /** When it became known (UTC). */
  recordedAt: string;
}

/** What a plan needs to know of a product on a day. */
export interface PriceOnDay {
  /** Per case. */
  listPrice: Money;
  /** Per case. */
  cost: Money;
  /** Consumer units in a case. */
  unitsPerCase: Decimal;
}

/** Units that a case-based conversion can speak of. */
export type PackUnit = 'inner' | 'case' | 'pallet';

/** From when the first price or conversion of a product holds where the source names no date: since ever. */
export const sinceEver = '1900-01-01';

/** The business date of the tenant now. */
export function tenantToday(tx: TenantTx<Context>): string {
  return todayIn(tx.context.clock, tx.context.tenant.timeZone);
}

const known = (recordedAt?: Date) => (recordedAt ? sql`and recorded_at <= ${recordedAt}` : sql``);

/**
 * The price row in force for a product on a date: of those that cover it the one that starts last, and of equals the
 * one recorded last; as it was known at `recordedAt` where given.
 */
export function priceInForce(productId: RawBuilder<unknown>, date: string, recordedAt?: Date): RawBuilder<unknown> {
  return sql`(select id, list_price, cost, currency, valid_from, valid_to from master_data.product_price
    where product_id = ${productId} and valid_from <= ${date}::date and (valid_to is null or valid_to >= ${date}::date)
    ${known(recordedAt)} order by valid_from desc, seq desc limit 1)`;
}

/** The units of a case in force for a product on a date, by the rule of {@link priceInForce}. */
export function caseInForce(productId: RawBuilder<unknown>, date: string, recordedAt?: Date): RawBuilder<unknown> {
  return sql`(select units from master_data.unit_conversion
    where product_id = ${productId} and unit = 'case' and valid_from <= ${date}::date
    and (valid_to is null or valid_to >= ${date}::date) ${known(recordedAt)} order by valid_from desc, seq desc limit 1)`;
}

interface PriceOnDayRow {
  id: string;
  code: string | null;
  listPrice: string | null;
  cost: string | null;
  currency: string | null;
  units: string | null;
}

type CompleteRow = { [Member in keyof PriceOnDayRow]: NonNullable<PriceOnDayRow[Member]> };

/** Products that a refusal names one by one. */
const mostNamed = 10;

function namesOf(rows: readonly PriceOnDayRow[]): string {
  const names = rows.slice(0, mostNamed).map(({ code, id }) => code ?? id);
  const more = rows.length > mostNamed ? ` and ${rows.length - mostNamed} more` : '';
  return `${rows.length === 1 ? 'The product' : 'The products'} ${names.join(', ')}${more} ${rows.length === 1 ? 'has' : 'have'}`;
}

/** Throws where products lack a price or a case size, naming them and what to do about it. */
function requireComplete(rows: readonly PriceOnDayRow[], date: string): asserts rows is CompleteRow[] {
  const unpriced = rows.filter(({ listPrice }) => listPrice === null);
  if (unpriced.length > 0) {
    throw new Problem('rule.violated', {
      detail: `${namesOf(unpriced)} no list price on ${date}: record one, or name the other products instead of their brand.`,
    });
  }
  const unpacked = rows.filter(({ units }) => units === null);
  if (unpacked.length === 0) return;
  throw new Problem('conversion.missing', {
    detail: `${namesOf(unpacked)} no units per case on ${date}: record them, or name the other products instead of their brand.`,
  });
}

/**
 * List price, cost and units per case of products on a date, as known at `recordedAt` (now when absent). Throws
 * `rule.violated` where products have no price and `conversion.missing` where they have no case size, naming them.
 */
export async function priceOn(
  tx: TenantTx,
  productIds: readonly string[],
  date: string,
  recordedAt?: Date,
): Promise<Map<string, PriceOnDay>> {
  const rows = await tx.many<PriceOnDayRow>(sql`
    select wanted.id, product.code, price.list_price as "listPrice", price.cost, price.currency, case_size.units
    from unnest(${productIds}::uuid[]) wanted (id)
    left join master_data.product product on product.id = wanted.id
    left join lateral ${priceInForce(sql`wanted.id`, date, recordedAt)} price on true
    left join lateral ${caseInForce(sql`wanted.id`, date, recordedAt)} case_size on true`);
  requireComplete(rows, date);
  return new Map(
    rows.map(({ id, listPrice, cost, currency, units }) => [
      id,
      { listPrice: money(listPrice, currency), cost: money(cost, currency), unitsPerCase: new Decimal(units) },
    ]),
  );
}

/** A price as its row is written. */
export interface NewPrice {
  productId: string;
  listPrice: Money;
  cost: Money;
  validFrom: string;
  validTo: string | null;
}

/** Adds a price; earlier rows stay as they are. */
export async function insertPrice(tx: TenantTx<Context>, id: string, price: NewPrice): Promise<void> {
  const { tenant, clock } = tx.context;
  await tx.run(sql`
    insert into master_data.product_price (tenant_id, id, product_id, list_price, cost, currency, valid_from, valid_to, recorded_at)
    values (${tenant.id}, ${id}, ${price.productId}, ${amountOf(price.listPrice)}, ${amountOf(price.cost)},
      ${price.listPrice.currency}, ${price.validFrom}, ${price.validTo}, ${clock.now()})`);
}

/** Adds a unit conversion; earlier rows stay as they are. */
export async function insertConversion(
  tx: TenantTx<Context>,
  conversion: { productId: string; unit: PackUnit; units: string; validFrom: string; validTo: string | null },
): Promise<void> {
  const { tenant, clock, newId } = tx.context;
  await tx.run(sql`
    insert into master_data.unit_conversion (tenant_id, id, product_id, unit, units, valid_from, valid_to, recorded_at)
    values (${tenant.id}, ${newId()}, ${conversion.productId}, ${conversion.unit}, ${conversion.units},
      ${conversion.validFrom}, ${conversion.validTo}, ${clock.now()})`);
}

/** A price of a product and the days it was recorded for, with the product's code. */
export type RecordedPrice = Pick<Price, 'listPrice' | 'cost' | 'validFrom' | 'validTo'> & { productCode: string };

/** The price that counts for each product and first day (the one recorded last), by code and day. */
export async function allPrices(tx: TenantTx): Promise<RecordedPrice[]> {
  const rows = await tx.many<
    Record<'code' | 'listPrice' | 'cost' | 'currency' | 'validFrom', string> & { validTo: string | null }
  >(sql`
    select distinct on (product.code, valid_from) product.code, list_price as "listPrice", cost, currency,
      valid_from as "validFrom", valid_to as "validTo"
    from master_data.product_price price join master_data.product product on product.id = price.product_id
    order by product.code, valid_from, seq desc`);
  return rows.map(({ code, listPrice, cost, currency, validFrom, validTo }) => ({
    productCode: code,
    listPrice: toJson(money(listPrice, currency)),
    cost: toJson(money(cost, currency)),
    validFrom,
    validTo,
  }));
}

interface PriceRow extends Omit<Price, 'listPrice' | 'cost' | 'recordedAt'> {
  recordedAt: Date;
  listPrice: string;
  cost: string;
  currency: string;
}

/**
 * A page of prices, newest first unless `sort` says otherwise; `date`: only rows that cover it; `on`: only the one in
 * force for each product on that day; `recordedBy`: only what was known at that instant (ISO 8601).
 */
export async function listPrices(
  tx: TenantTx<Context>,
  filter: {
    productId?: string | undefined;
    date?: string | undefined;
    on?: string | undefined;
    recordedBy?: string | undefined;
  },
  request: ListRequest,
): Promise<Page<Price>> {
  const where = [];
  if (filter.productId) where.push(sql`price.product_id = ${filter.productId}`);
  if (filter.date) {
    where.push(sql`price.valid_from <= ${filter.date}::date`);
    where.push(sql`(price.valid_to is null or price.valid_to >= ${filter.date}::date)`);
  }
  if (filter.recordedBy) where.push(sql`price.recorded_at <= ${filter.recordedBy}`);
  where.push(scopeFilter(tx.context, { product: sql`price.product_id` }));
  if (filter.on) {
    const knownAt = filter.recordedBy ? new Date(filter.recordedBy) : undefined;
    where.push(sql`price.id = (select id from ${priceInForce(sql`price.product_id`, filter.on, knownAt)} in_force)`);
  }
  const list = {
    columns: sql`price.id, price.product_id as "productId", price.list_price as "listPrice", price.cost, price.currency,
      price.valid_from as "validFrom", price.valid_to as "validTo", price.recorded_at as "recordedAt"`,
    from: sql`master_data.product_price price`,
    where,
    sortable: { seq: sql`price.seq`, validFrom: sql`price.valid_from` },
    id: sql`price.id`,
    defaultSort: '-seq',
  };
  const page = await keysetPage<PriceRow>(tx, list, request);
  const items = page.items.map(({ currency, ...row }) => ({
    ...row,
    recordedAt: row.recordedAt.toISOString(),
    listPrice: toJson(money(row.listPrice, currency)),
    cost: toJson(money(row.cost, currency)),
  }));
  return { ...page, items };
}
