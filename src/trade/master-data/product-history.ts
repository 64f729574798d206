import { sql, type TenantTx } from '#db';
import { Decimal, type Money, money } from '#money';
import { Problem } from '#problem';
import type { PackUnit, PriceOnDay } from './price-store.ts';

interface Dated {
  productId: string;
  validFrom: string;
  validTo: string | null;
  recordedAt: Date;
}
interface PriceRow extends Dated {
  listPrice: string;
  cost: string;
  currency: string;
}
interface ConversionRow extends Dated {
  unit: PackUnit;
  units: string;
}

/** Prices and pack sizes of some products over all time, for questions of many days. */
export interface ProductHistory {
  /**
   * What a plan needs to know of a product on a day, as known at `knownAt` (now when absent; where nothing was known then,
   * as first recorded after). Throws `rule.violated` without a price, `conversion.missing` without a case size.
   */
  priceOn(productId: string, on: string, knownAt?: Date): PriceOnDay;
  /** The list price of a product on a day as known now; undefined without one. */
  listPriceOn(productId: string, on: string): Money | undefined;
  /** First and last days (null: open) of the prices that were recorded for a product, in no order. */
  priceDays(productId: string): { validFrom: string; validTo: string | null }[];
  /** Consumer units in one unit of a product on a day. Throws `conversion.missing`. */
  unitsPer(productId: string, unit: PackUnit | 'each', on: string): Decimal;
}

/** Of rows in the order of precedence: the first that covers the day and was known; else the one known soonest after. */
function inForce<Row extends Dated>(rows: readonly Row[], on: string, knownAt?: Date): Row | undefined {
  const covering = rows.filter(({ validFrom, validTo }) => validFrom <= on && (validTo === null || validTo >= on));
  if (!knownAt) return covering[0];
  const soonest = (a: Row, b: Row) => a.recordedAt.getTime() - b.recordedAt.getTime();
  return covering.find(({ recordedAt }) => recordedAt <= knownAt) ?? [...covering].sort(soonest)[0];
}

/** Reads prices and unit conversions of products, with three queries in all. */
export async function readProductHistory(tx: TenantTx, productIds: readonly string[]): Promise<ProductHistory> {
  const ids = [...new Set(productIds)];
  const dated = sql`product_id as "productId", valid_from as "validFrom", valid_to as "validTo", recorded_at as "recordedAt"`;
  const order = sql`where product_id = any(${ids}::uuid[]) order by product_id, valid_from desc, seq desc`;
  const prices = await tx.many<PriceRow>(
    sql`select ${dated}, list_price as "listPrice", cost, currency from master_data.product_price ${order}`,
  );
  const conversions = await tx.many<ConversionRow>(
    sql`select ${dated}, unit, units from master_data.unit_conversion ${order}`,
  );
  const named = await tx.many<{ id: string; code: string }>(
    sql`select id, code from master_data.product where id = any(${ids}::uuid[])`,
  );
  const codes = new Map(named.map(({ id, code }) => [id, code]));
  const nameOf = (productId: string): string => codes.get(productId) ?? productId;
  const pricesOf = Map.groupBy(prices, ({ productId }) => productId);
  const sizesOf = Map.groupBy(conversions, ({ productId, unit }) => `${productId} ${unit}`);
  const unitsPer: ProductHistory['unitsPer'] = (productId, unit, on) => {
    if (unit === 'each') return new Decimal(1);
    const size = inForce(sizesOf.get(`${productId} ${unit}`) ?? [], on);
    if (size) return new Decimal(size.units);
    throw new Problem('conversion.missing', {
      detail: `The product ${nameOf(productId)} has no units per ${unit} on ${on}.`,
    });
  };
  return {
    unitsPer,
    priceDays: (productId) => pricesOf.get(productId) ?? [],
    listPriceOn: (productId, on) => {
      const price = inForce(pricesOf.get(productId) ?? [], on);
      return price && money(price.listPrice, price.currency);
    },
    priceOn: (productId, on, knownAt) => {
      const price = inForce(pricesOf.get(productId) ?? [], on, knownAt);
      if (!price)
        throw new Problem('rule.violated', { detail: `The product ${nameOf(productId)} has no list price on ${on}.` });
      return {
        listPrice: money(price.listPrice, price.currency),
        cost: money(price.cost, price.currency),
        unitsPerCase: unitsPer(productId, 'case', on),
      };
    },
  };
}
