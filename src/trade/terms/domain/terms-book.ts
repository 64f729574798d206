import type { ScopedLine } from './term-line.ts';

/** Terms of customers and products, with the trees they inherit by. */
export interface TermsBook {
  lines: readonly ScopedLine[];
  /** Each customer asked for and what stands above it, itself first. */
  customersAbove: ReadonlyMap<string, readonly string[]>;
  productsAbove: ReadonlyMap<string, readonly string[]>;
}

interface Placed {
  line: ScopedLine;
  /** Steps up to where it was agreed; products: one beyond the root for "all". */
  customerSteps: number;
  productSteps: number;
}

const later = (a: string, b: string): number => (a < b ? 1 : a > b ? -1 : 0);

function nearestFirst(a: Placed, b: Placed): number {
  return (
    a.customerSteps - b.customerSteps ||
    a.productSteps - b.productSteps ||
    later(a.line.validFrom, b.line.validFrom) ||
    later(a.line.agreedAt, b.line.agreedAt) ||
    later(b.line.agreementCode, a.line.agreementCode)
  );
}

/** Whether a condition counts on a day: until it is recorded as unmet it is taken as met. */
export function countsOn(line: ScopedLine, on: string): boolean {
  return line.results.find(({ startsOn, endsOn }) => startsOn <= on && on <= endsOn)?.met ?? true;
}

/**
 * Answers which lines hold for a customer and product on a day, ordered by code. Lines come down both trees and add up;
 * of those with the same code one counts: nearest to the customer, then to the product, then that begins last, then
 * agreed last. A conditional line that was recorded as unmet on the day is left out.
 */
export function termsReader(book: TermsBook): (customerId: string, productId: string, on: string) => ScopedLine[] {
  const byCustomer = Map.groupBy(book.lines, ({ customerId }) => customerId);
  const kept = new Map<string, ScopedLine[]>();
  const candidates = (customerId: string, productId: string): ScopedLine[] => {
    const key = `${customerId}|${productId}`;
    const known = kept.get(key);
    if (known) return known;
    const products = book.productsAbove.get(productId) ?? [];
    const placed = (book.customersAbove.get(customerId) ?? []).flatMap((id, customerSteps) =>
      (byCustomer.get(id) ?? []).flatMap((line): Placed[] => {
        const productSteps = line.productId === null ? products.length : products.indexOf(line.productId);
        return productSteps < 0 ? [] : [{ line, customerSteps, productSteps }];
      }),
    );
    const found = placed.sort(nearestFirst).map(({ line }) => line);
    kept.set(key, found);
    return found;
  };
  return (customerId, productId, on) => {
    const first = new Map<string, ScopedLine>();
    for (const line of candidates(customerId, productId)) {
      const holds = line.validFrom <= on && (line.validTo === null || on <= line.validTo);
      if (holds && !first.has(line.code)) first.set(line.code, line);
    }
    const inOrder = [...first.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
    return inOrder.filter((line) => countsOn(line, on));
  };
}
