import type { Decimal } from '#money';

/** What a term is: off the price on the invoice, a standing rebate, one on a condition, or one by growth or volume. */
export const termKinds = ['on_invoice', 'off_invoice', 'conditional', 'growth', 'volume_rebate'] as const;
/** What a rate is of; a lump sum is for a fiscal period, or for the fiscal year where it has tiers. */
export const termBases = ['percent_of_list', 'percent_of_invoice', 'per_case', 'lump_sum'] as const;
/** When a term is paid. */
export const termPayments = ['on_invoice', 'quarterly', 'yearly'] as const;
/** A tier's rate holds for everything (`retroactive`), or for what lies above its threshold (`incremental`). */
export const tierMethods = ['retroactive', 'incremental'] as const;
/** What thresholds count: cases, or gross sales at list. Those of growth are percent over last year's. */
export const tierMeasures = ['cases', 'money'] as const;

/** A kind of term. */
export type TermKind = (typeof termKinds)[number];
/** What a rate is of. */
export type TermBasis = (typeof termBases)[number];

/** From a threshold on, a rate: in percent, or in major units of the agreement's currency. */
export interface TermTier {
  from: Decimal;
  rate: Decimal;
}

/** Tiers of a growth or volume rebate, thresholds rising. */
export interface TermTiers {
  method: (typeof tierMethods)[number];
  measure: (typeof tierMeasures)[number];
  steps: readonly TermTier[];
}

/** One line of an agreement. */
export interface TermLine {
  /** Names the term: of lines with the same code the nearest to a customer and product counts. */
  code: string;
  kind: TermKind;
  basis: TermBasis;
  /** Percent (12.5 is 12.5 %) or major units of the agreement's currency; null where there are tiers. */
  rate: Decimal | null;
  tiers: TermTiers | null;
  /** What the customer does for it, in words; conditional lines only. */
  condition: string | null;
  payment: (typeof termPayments)[number];
}

/** Whether a condition was met in a range of days. */
export interface ConditionResult {
  startsOn: string;
  endsOn: string;
  met: boolean;
}

/** A line in force, with where and when it holds. */
export interface ScopedLine extends TermLine {
  agreementId: string;
  agreementCode: string;
  versionId: string;
  versionNumber: number;
  currency: string;
  customerId: string;
  /** Null: all products. */
  productId: string | null;
  validFrom: string;
  validTo: string | null;
  /** When its version was agreed, ISO 8601. */
  agreedAt: string;
  /** The last word on each fiscal period, of conditional lines. */
  results: readonly ConditionResult[];
}

const percents: ReadonlySet<TermBasis> = new Set(['percent_of_list', 'percent_of_invoice']);

function rateFaults({ basis, kind }: TermLine, rate: Decimal): string[] {
  if (rate.lt(0)) return ['a rate is not negative'];
  if (percents.has(basis) && rate.gte(100)) return ['a percentage is below 100'];
  return rate.isZero() && kind !== 'growth' && kind !== 'volume_rebate' ? ['a rate is above zero'] : [];
}

function tierFaults(line: TermLine, { steps }: TermTiers): string[] {
  if (steps.length === 0) return ['tiers need at least one step'];
  const rising = steps.every(({ from }, i) => from.gte(0) && (i === 0 || from.gt(steps[i - 1]!.from)));
  return [
    ...(rising ? [] : ['thresholds rise from step to step']),
    ...steps.flatMap(({ rate }) => rateFaults(line, rate)),
  ];
}

/** What is wrong with a line by itself, in words; empty where nothing is. */
export function lineFaults(line: TermLine): string[] {
  const { kind, basis, rate, tiers, condition, payment } = line;
  const tiered = kind === 'growth' || kind === 'volume_rebate';
  const faults: string[] = [];
  if (tiered && !tiers) faults.push(`a ${kind} line needs tiers`);
  if (!tiered && tiers) faults.push(`a ${kind} line has a rate, not tiers`);
  if (!tiers && !rate) faults.push('a line needs a rate');
  if (rate && tiers) faults.push('a line has a rate or tiers, not both');
  if ((kind === 'conditional') !== (condition !== null)) faults.push('a condition belongs to a conditional line');
  if ((kind === 'on_invoice') !== (payment === 'on_invoice'))
    faults.push('what is on the invoice is paid on the invoice');
  if (kind === 'on_invoice' && basis === 'lump_sum') faults.push('a lump sum is not on the invoice');
  if (rate) faults.push(...rateFaults(line, rate));
  if (tiers) faults.push(...tierFaults(line, tiers));
  return [...new Set(faults)];
}
