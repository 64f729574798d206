import { Decimal } from '#money';
import type { ScopedLine } from './domain/term-line.ts';

/** A line in force with what a test does not care about filled in: 5 % of list on the invoice, at the banner, on all. */
export function scopedLine(line: Omit<Partial<ScopedLine>, 'rate'> & { rate?: string | null } = {}): ScopedLine {
  const { rate = '5', ...rest } = line;
  return {
    ...{ code: 'ON-INVOICE', kind: 'on_invoice', basis: 'percent_of_list', tiers: null, condition: null },
    ...{ payment: 'on_invoice', agreementId: 'agreement', agreementCode: 'A', versionId: 'version', versionNumber: 1 },
    ...{ currency: 'USD', customerId: 'banner', productId: null, validFrom: '2026-01-01', validTo: null },
    ...{ agreedAt: '2025-12-01T00:00:00.000Z', results: [] },
    ...rest,
    rate: rate === null ? null : new Decimal(rate),
  };
}

/** Tiers from `{ 1000: '1.5' }`. */
export function steps(tiers: Record<string, string>): { from: Decimal; rate: Decimal }[] {
  return Object.entries(tiers).map(([from, rate]) => ({ from: new Decimal(from), rate: new Decimal(rate) }));
}
