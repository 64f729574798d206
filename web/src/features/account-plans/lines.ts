import { figureText, isNegative } from '../../ui/format.ts';
import type { PlanColumn, PlanLine, PlanValue, TargetLine } from './shapes.ts';

/** What people call the lines. */
export const lineNames: Readonly<Record<PlanLine, string>> = {
  volume: 'Volume',
  baseline: 'Baseline',
  incremental: 'Incremental',
  grossSales: 'Gross sales at list',
  onInvoiceTerms: 'On-invoice terms',
  invoiceSales: 'Invoice sales',
  offInvoiceTerms: 'Off-invoice terms',
  netSales: 'Net sales',
  tacticSpend: 'Tactic spend',
  pocketSales: 'Pocket sales',
  cost: 'Cost',
  contribution: 'Contribution',
  tradeSpend: 'Trade spend',
  tradeRate: 'Trade rate',
};

/** What people call the columns. */
export const columnNames: Readonly<Record<PlanColumn, string>> = {
  target: 'Target',
  plan: 'Plan',
  latestEstimate: 'Latest estimate',
  actual: 'Actual',
  gap: 'Gap',
};

/** Lines that are sums of others stand out; what is taken off is set in. */
export const strongLines: ReadonlySet<PlanLine> = new Set<PlanLine>([
  'volume',
  'grossSales',
  'invoiceSales',
  'netSales',
  'pocketSales',
  'contribution',
]);
export const innerLines: ReadonlySet<PlanLine> = new Set<PlanLine>([
  'baseline',
  'incremental',
  'onInvoiceTerms',
  'offInvoiceTerms',
  'tacticSpend',
  'cost',
]);

/** Lines that may have a target, with the unit that it is typed in. */
export const targetLines: readonly [line: TargetLine, unit: 'cases' | 'money'][] = [
  ['volume', 'cases'],
  ['grossSales', 'money'],
  ['tradeSpend', 'money'],
  ['contribution', 'money'],
];

/** A line whose growth is bad news. */
const costsMore: ReadonlySet<PlanLine> = new Set<PlanLine>(['tradeSpend', 'tradeRate', 'tacticSpend', 'cost']);

/** Whether a gap or a difference is bad news: fewer cases, less profit, more spend. */
export function isBad(line: PlanLine, value: PlanValue): boolean {
  if (value === null) return false;
  const negative = isNegative(value);
  const zero = !/[1-9]/.test(typeof value === 'string' ? value : value.amount);
  return costsMore.has(line) ? !negative && !zero : negative;
}

/** A value of a line, whole: money without its currency, cases, percent. */
export function valueText(line: PlanLine, value: PlanValue): string {
  if (value === null) return '–';
  if (typeof value === 'object') return wholeAmount(value.amount);
  return line === 'tradeRate' ? figureText(value, 'ratio') : wholeAmount(value);
}

/** A difference of a line: a rate's is in percentage points, which are not percent of it. */
export function differenceText(line: PlanLine, value: PlanValue): string {
  if (line !== 'tradeRate' || typeof value !== 'string') return valueText(line, value);
  return figureText(value, 'points');
}

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
// Intl takes decimal strings without going through a float.
const wholeAmount = (amount: string): string => whole.format(amount as unknown as number).replace(/^-/, '\u2212');
