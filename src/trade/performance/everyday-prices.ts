import type { Context } from '#context';
import type { TenantTx } from '#db';
import { addDays } from '#fiscal-calendar';
import { type PriceOnDay, priceOn } from '#master-data';
import { Decimal, type Money, roundToMoney, toDecimal } from '#money';
import { type EverydayTerms, everydayTermsOfEach } from '#terms';
import { soldUnits } from './sold-units-store.ts';

type Tx = TenantTx<Context>;

/** What a case costs and brings every day: price, cost, and the terms of the customers at hand. */
export interface EverydayPrice extends PriceOnDay {
  /** Per case; absent where there are none. */
  onInvoiceTerms?: Money;
  standingTerms?: Money;
  /** Agreements with their version that the terms come from. */
  agreements?: readonly string[];
}

/** Terms that differ between customers are weighed by what they sold in so many days before. */
const weighedDays = 364;

type TermsByCustomer = ReadonlyMap<string, ReadonlyMap<string, EverydayTerms>>;

const sameAs = (a: EverydayTerms | undefined, b: EverydayTerms | undefined): boolean =>
  a?.onInvoice.minor === b?.onInvoice.minor && a?.standing.minor === b?.standing.minor;

/** Mean of the customers' terms, weighed; evenly where none has a weight. */
function meanOf(
  terms: readonly (EverydayTerms | undefined)[],
  weights: readonly Decimal[],
  currency: string,
): EverydayTerms {
  const sold = weights.some((weight) => weight.gt(0)) ? weights : weights.map(() => new Decimal(1));
  const all = Decimal.sum(0, ...sold);
  const mean = (of: (terms: EverydayTerms) => Money) => {
    const parts = terms.map((one, i) => (one ? toDecimal(of(one)).times(sold[i]!) : new Decimal(0)));
    return roundToMoney(Decimal.sum(0, ...parts).div(all), currency);
  };
  const names = (of: (terms: EverydayTerms) => readonly string[]) =>
    [...new Set(terms.flatMap((one) => (one ? of(one) : [])))].sort();
  return {
    ...{ onInvoice: mean(({ onInvoice }) => onInvoice), standing: mean(({ standing }) => standing) },
    ...{ versions: names(({ versions }) => versions), agreements: names(({ agreements }) => agreements) },
  };
}

/** The terms of each product over all customers: theirs where they agree, else the mean by what they sold. */
async function termsOver(
  tx: Tx,
  { customerIds, on }: { customerIds: readonly string[]; on: string },
  byCustomer: TermsByCustomer,
  prices: ReadonlyMap<string, PriceOnDay>,
): Promise<Map<string, EverydayTerms>> {
  const termsOf = (productId: string) => customerIds.map((id) => byCustomer.get(id)?.get(productId));
  const held = [...prices.keys()].filter((productId) => termsOf(productId).some(Boolean));
  const differing = held.filter((productId) => {
    const [first, ...rest] = termsOf(productId);
    return !rest.every((terms) => sameAs(terms, first));
  });
  const sold = differing.length
    ? await soldUnits(tx, { customerIds, productIds: differing, from: addDays(on, -weighedDays), to: addDays(on, -1) })
    : new Map<string, string>();
  return new Map(
    held.map((productId) => {
      const weights = customerIds.map((id) => new Decimal(sold.get(`${id}|${productId}`) ?? 0));
      return [productId, meanOf(termsOf(productId), weights, prices.get(productId)!.listPrice.currency)];
    }),
  );
}

/**
 * Prices of products on a day with the everyday terms of leaf customers: where these differ, their mean by what each sold
 * in the year before; as believed at `recordedAt` where given. Throws like {@link priceOn} and {@link everydayTermsOfEach}.
 */
export async function everydayPrices(
  tx: Tx,
  query: { customerIds: readonly string[]; productIds: readonly string[]; on: string; recordedAt?: Date | undefined },
): Promise<Map<string, EverydayPrice>> {
  const prices = await priceOn(tx, query.productIds, query.on, query.recordedAt);
  const byCustomer = await everydayTermsOfEach(tx, query);
  if (byCustomer.size === 0) return prices;
  const terms = await termsOver(tx, query, byCustomer, prices);
  return new Map(
    [...prices].map(([productId, price]) => {
      const { onInvoice: onInvoiceTerms, standing: standingTerms, agreements } = terms.get(productId) ?? {};
      return [
        productId,
        onInvoiceTerms && standingTerms ? { ...price, onInvoiceTerms, standingTerms, agreements } : price,
      ];
    }),
  );
}

/** The agreements behind prices, for the source of a figure's m; undefined where there are none. */
export function agreementsOf(
  prices: ReadonlyMap<string, EverydayPrice>,
  productIds: readonly string[],
): string | undefined {
  const names = new Set(productIds.flatMap((id) => prices.get(id)?.agreements ?? []));
  return names.size ? [...names].sort().join(', ') : undefined;
}
