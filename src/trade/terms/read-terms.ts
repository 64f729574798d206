import type { Context } from '#context';
import type { TenantTx } from '#db';
import { customerAncestorsOfEach, priceOn, productAncestorsOfEach } from '#master-data';
import { type Money, roundToMoney, toDecimal } from '#money';
import { caseTerms } from './domain/case-terms.ts';
import { type TermsBook, termsReader } from './domain/terms-book.ts';
import { findScopedLines } from './terms-store.ts';

type Tx = TenantTx<Context>;

/** The everyday terms of one case of a product at a customer on a day, each sum rounded once. */
export interface EverydayTerms {
  onInvoice: Money;
  /** Off-invoice and conditional terms that every case carries; tiers and lump sums are not among them. */
  standing: Money;
  /** Ids of the agreement versions that they come from, sorted. */
  versions: string[];
  /** The same for people: `HOLLY-2026/3`, sorted. */
  agreements: string[];
}

/** What terms are read for: nodes of both trees and a range of days, both inclusive. */
export interface TermsQuery {
  customerIds: readonly string[];
  productIds: readonly string[];
  from: string;
  to: string;
  /** As believed at this instant; now where absent. */
  recordedAt?: Date | undefined;
}

/**
 * Every line of agreed terms that any of the customers and products inherits on any of the days, with the trees, in three
 * queries: `termsReader` then answers customer × product × day without the database.
 */
export async function readTermLines(tx: Tx, query: TermsQuery): Promise<TermsBook> {
  const customersAbove = await customerAncestorsOfEach(tx, query.customerIds);
  const productsAbove = await productAncestorsOfEach(tx, query.productIds);
  const nodes = (above: ReadonlyMap<string, readonly string[]>) => [...new Set([...above.values()].flat())];
  const { from, to, recordedAt } = query;
  const lines = await findScopedLines(tx, {
    ...{ customerIds: nodes(customersAbove), productIds: nodes(productsAbove), from, to, recordedAt },
  });
  return { lines, customersAbove, productsAbove };
}

/**
 * The everyday terms of a case by customer and product on a day; products without terms are absent. Throws like
 * {@link priceOn} for a product with terms and no price, `rule.violated` where terms eat the whole price.
 */
export async function everydayTermsOfEach(
  tx: Tx,
  query: { customerIds: readonly string[]; productIds: readonly string[]; on: string; recordedAt?: Date | undefined },
): Promise<Map<string, Map<string, EverydayTerms>>> {
  const { customerIds, productIds, on, recordedAt } = query;
  const book = await readTermLines(tx, { customerIds, productIds, from: on, to: on, recordedAt });
  const found = new Map<string, Map<string, EverydayTerms>>();
  if (book.lines.length === 0) return found;
  const linesOn = termsReader(book);
  const held = (productId: string) => customerIds.some((id) => linesOn(id, productId, on).length > 0);
  const prices = await priceOn(tx, productIds.filter(held), on, recordedAt);
  for (const customerId of customerIds) {
    const terms = new Map<string, EverydayTerms>();
    for (const [productId, { listPrice }] of prices) {
      const { currency } = listPrice;
      const { lines, onInvoice, standing } = caseTerms(
        linesOn(customerId, productId, on),
        toDecimal(listPrice),
        currency,
      );
      if (lines.length === 0) continue;
      terms.set(productId, {
        onInvoice: roundToMoney(onInvoice, currency),
        standing: roundToMoney(standing, currency),
        versions: [...new Set(lines.map(({ line }) => line.versionId))].sort(),
        agreements: [...new Set(lines.map(({ line }) => `${line.agreementCode}/${line.versionNumber}`))].sort(),
      });
    }
    found.set(customerId, terms);
  }
  return found;
}

/** {@link everydayTermsOfEach} of one customer, by product. */
export async function everydayTermsOn(
  tx: Tx,
  customerId: string,
  productIds: readonly string[],
  on: string,
): Promise<Map<string, EverydayTerms>> {
  const byCustomer = await everydayTermsOfEach(tx, { customerIds: [customerId], productIds, on });
  return byCustomer.get(customerId) ?? new Map();
}
