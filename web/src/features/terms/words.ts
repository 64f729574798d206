import { amountText, volumeText } from '../../ui/format.ts';
import type { TermLine, Tier } from './shapes.ts';

/** Kinds of term in the words of the trade, in the order of the waterfall. */
export const kindWords: Readonly<Record<TermLine['kind'], string>> = {
  on_invoice: 'On-invoice',
  off_invoice: 'Off-invoice',
  conditional: 'Conditional',
  growth: 'Growth rebate',
  volume_rebate: 'Volume rebate',
};

/** What a rate is of. */
export const basisWords: Readonly<Record<TermLine['basis'], string>> = {
  percent_of_list: '% of list',
  percent_of_invoice: '% of invoice',
  per_case: 'per case',
  lump_sum: 'lump sum',
};

/** When a term is paid. */
export const paymentWords: Readonly<Record<TermLine['payment'], string>> = {
  on_invoice: 'On the invoice',
  quarterly: 'Quarterly',
  yearly: 'Yearly',
};

/** A rate as people read it: "3 % of list", "0.50 USD per case". */
export function rateText(rate: string, basis: TermLine['basis'], currency: string): string {
  if (basis === 'percent_of_list' || basis === 'percent_of_invoice')
    return `${volumeText(rate, 6)} ${basisWords[basis]}`;
  return `${amountText({ amount: rate, currency })} ${currency} ${basis === 'per_case' ? 'per case' : 'lump sum'}`;
}

/** Where a tier begins: "from 1,000 cases", "from 3 % over last year". */
export function thresholdText(line: TermLine, { from }: Tier, currency: string): string {
  if (line.kind === 'growth') return `from ${volumeText(from, 6)} % over last year`;
  return line.tiers?.measure === 'money'
    ? `from ${volumeText(from, 0)} ${currency} at list`
    : `from ${volumeText(from, 3)} cases`;
}

/** A line's rate or tiers in words. */
export function termText(line: TermLine, currency: string): string[] {
  if (!line.tiers) {
    const each = line.basis === 'lump_sum' ? ' a period' : '';
    return line.rate === null ? [] : [rateText(line.rate, line.basis, currency) + each];
  }
  return line.tiers.steps.map(
    (step) => `${thresholdText(line, step, currency)}: ${rateText(step.rate, line.basis, currency)}`,
  );
}
