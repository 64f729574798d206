import { Decimal } from '#money';
import { Problem } from '#problem';
import type { ScopedLine } from './term-line.ts';

/** What a line takes off one case, in major units. */
export interface CaseTerm {
  line: ScopedLine;
  perCase: Decimal;
}

/** The everyday terms of one case, in major units, exact. */
export interface CaseTerms {
  /** Lines with a rate on the case, those on the invoice first. Tiers and lump sums belong to no single case. */
  lines: CaseTerm[];
  onInvoice: Decimal;
  invoicePrice: Decimal;
  /** Off-invoice and conditional lines: what every case carries beside its invoice. */
  standing: Decimal;
}

const hundred = new Decimal(100);
const total = (terms: readonly CaseTerm[]): Decimal => Decimal.sum(0, ...terms.map(({ perCase }) => perCase));

/** What `rate` takes off a case at a list and an invoice price; null for a lump sum. */
export function ratePerCase(
  { basis, currency }: Pick<ScopedLine, 'basis' | 'currency'>,
  rate: Decimal,
  prices: { list: Decimal; invoice: Decimal; currency: string },
): Decimal | null {
  if (basis === 'percent_of_list') return prices.list.times(rate).div(hundred);
  if (basis === 'percent_of_invoice') return prices.invoice.times(rate).div(hundred);
  if (basis === 'lump_sum') return null;
  if (currency === prices.currency) return rate;
  throw new Problem('money.currency_mismatch', {
    detail: `The terms are in ${currency}, the price of the product in ${prices.currency}.`,
  });
}

/**
 * How percentages stack: each `percent_of_list` is of the list price. On the invoice, a `percent_of_invoice` is of what
 * remains after all other on-invoice lines, and such lines do not compound with each other. Off the invoice it is of the
 * invoice price, after every on-invoice line. Throws `rule.violated` where the invoice would fall to zero.
 */
export function caseTerms(lines: readonly ScopedLine[], listPrice: Decimal, currency: string): CaseTerms {
  const onCase = (wanted: readonly ScopedLine[], invoice: Decimal): CaseTerm[] =>
    wanted.flatMap((line): CaseTerm[] => {
      const perCase = line.rate && ratePerCase(line, line.rate, { list: listPrice, invoice, currency });
      return perCase ? [{ line, perCase }] : [];
    });
  const onInvoice = lines.filter(({ kind }) => kind === 'on_invoice');
  const first = onCase(
    onInvoice.filter(({ basis }) => basis !== 'percent_of_invoice'),
    listPrice,
  );
  const second = onCase(
    onInvoice.filter(({ basis }) => basis === 'percent_of_invoice'),
    listPrice.minus(total(first)),
  );
  const taken = total([...first, ...second]);
  const invoicePrice = listPrice.minus(taken);
  if (!invoicePrice.gt(0)) {
    const codes = onInvoice.map(({ code }) => code).join(', ');
    throw new Problem('rule.violated', { detail: `The terms ${codes} leave nothing of a list price of ${listPrice}.` });
  }
  const standing = onCase(
    lines.filter(({ kind }) => kind === 'off_invoice' || kind === 'conditional'),
    invoicePrice,
  );
  return { lines: [...first, ...second, ...standing], onInvoice: taken, invoicePrice, standing: total(standing) };
}
