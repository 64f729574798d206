import type { Figure } from '#figure';
import { Decimal, fromMinor, toJson } from '#money';
import { type CountedLine, countedLines, lineCount } from './grid-inputs.ts';

/** The version of the formulas that every figure of an account plan names. */
export const formulaVersion = 'account-plan/1';

/** The lines of the customer P&L, in the order in which it is read. */
export const planLines = [
  'volume',
  'baseline',
  'incremental',
  'grossSales',
  'onInvoiceTerms',
  'invoiceSales',
  'offInvoiceTerms',
  'netSales',
  'tacticSpend',
  'pocketSales',
  'cost',
  'contribution',
  'tradeSpend',
  'tradeRate',
] as const;
export type PlanLine = (typeof planLines)[number];

/** What the P&L compares. */
export const planColumns = ['target', 'plan', 'latestEstimate', 'actual', 'gap'] as const;
export type PlanColumn = (typeof planColumns)[number];

/** Whole numbers of one period, or of the year: minor units, and thousandths of a case; null where nothing is known. */
export type PlanValues = Partial<Record<Exclude<PlanLine, 'tradeRate'>, bigint | null>>;

/** What a line is, in words of the trade. */
export const lineFormulas: Readonly<Record<PlanLine, { unit: Figure['unit']; formula: string; inputs: PlanLine[] }>> = {
  volume: { unit: 'units', formula: 'baseline + incremental', inputs: ['baseline', 'incremental'] },
  baseline: { unit: 'units', formula: 'Σ baseline over account × product × week', inputs: [] },
  incremental: { unit: 'units', formula: 'Σ predicted incremental of the promotions, dips taken off', inputs: [] },
  grossSales: { unit: 'money', formula: 'Σ volume × list price of the week', inputs: ['volume'] },
  onInvoiceTerms: { unit: 'money', formula: 'Σ volume × on-invoice terms per case', inputs: ['volume'] },
  invoiceSales: {
    unit: 'money',
    formula: 'gross sales − on-invoice terms',
    inputs: ['grossSales', 'onInvoiceTerms'],
  },
  offInvoiceTerms: { unit: 'money', formula: 'Σ volume × standing off-invoice terms per case', inputs: ['volume'] },
  netSales: {
    unit: 'money',
    formula: 'invoice sales − off-invoice terms',
    inputs: ['invoiceSales', 'offInvoiceTerms'],
  },
  tacticSpend: { unit: 'money', formula: 'Σ spend of the tactics, by the days and volume of their events', inputs: [] },
  pocketSales: { unit: 'money', formula: 'net sales − tactic spend', inputs: ['netSales', 'tacticSpend'] },
  cost: { unit: 'money', formula: 'Σ volume × cost per case of the week', inputs: ['volume'] },
  contribution: { unit: 'money', formula: 'pocket sales − cost', inputs: ['pocketSales', 'cost'] },
  tradeSpend: {
    unit: 'money',
    formula: 'on-invoice terms + off-invoice terms + tactic spend',
    inputs: ['onInvoiceTerms', 'offInvoiceTerms', 'tacticSpend'],
  },
  tradeRate: { unit: 'ratio', formula: 'trade spend / gross sales', inputs: ['tradeSpend', 'grossSales'] },
};

/** The counted lines of a segment, read from the sums of a grid. */
export function countedOf(totals: BigInt64Array, segment: number): Record<CountedLine, bigint> {
  const at = segment * lineCount;
  return Object.fromEntries(countedLines.map((line, i) => [line, totals[at + i] ?? 0n])) as Record<CountedLine, bigint>;
}

/** Σ of counted lines. */
export function sumCounted(parts: readonly Record<CountedLine, bigint>[]): Record<CountedLine, bigint> {
  const total = (line: CountedLine) => parts.reduce((sum, part) => sum + part[line], 0n);
  return Object.fromEntries(countedLines.map((line) => [line, total(line)])) as Record<CountedLine, bigint>;
}

/** The P&L of counted lines; `predicted` says whether baseline and incremental are told apart. */
export function valuesOf(counted: Record<CountedLine, bigint>, { predicted }: { predicted: boolean }): PlanValues {
  const { volume, incremental, grossSales, onInvoiceTerms, offInvoiceTerms, tacticSpend, cost } = counted;
  const invoiceSales = grossSales - onInvoiceTerms;
  const netSales = invoiceSales - offInvoiceTerms;
  const pocketSales = netSales - tacticSpend;
  return {
    ...{ volume, grossSales, onInvoiceTerms, invoiceSales, offInvoiceTerms, netSales, tacticSpend, pocketSales, cost },
    baseline: predicted ? volume - incremental : null,
    incremental: predicted ? incremental : null,
    contribution: pocketSales - cost,
    tradeSpend: onInvoiceTerms + offInvoiceTerms + tacticSpend,
  };
}

/** Trade spend of each 1.0000 of gross sales; null without sales. Ratios are made after adding up, never averaged. */
export function tradeRateOf({ tradeSpend, grossSales }: PlanValues): string | null {
  if (tradeSpend === null || tradeSpend === undefined || !grossSales) return null;
  return new Decimal(tradeSpend.toString()).div(grossSales.toString()).toFixed(4);
}

/** A value of a line ready for JSON: money, cases to three places, or null. */
export function lineJson(line: Exclude<PlanLine, 'tradeRate'>, value: bigint | null | undefined, currency: string) {
  if (value === null || value === undefined) return null;
  if (lineFormulas[line].unit === 'money') return toJson(fromMinor(value, currency));
  return new Decimal(value.toString()).div(1000).toFixed(3);
}
