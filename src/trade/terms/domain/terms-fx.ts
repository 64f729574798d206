import { Decimal } from '#money';
import type { ScopedLine } from './term-line.ts';

/** The exchange rate that a version of terms is converted at: the one of its type that was in force on a day. */
export interface TermsFx {
  type: string;
  on: string;
  from: string;
  to: string;
  rate: string;
  rateId: string;
}

/** A line in the currency that its customer trades in: amounts and thresholds of money times the rate, not rounded. */
export function inTradingCurrency(line: ScopedLine, fx: TermsFx | null): ScopedLine {
  if (!fx) return line;
  const converted = (value: Decimal) => value.times(new Decimal(fx.rate));
  const isMoney = line.basis === 'per_case' || line.basis === 'lump_sum';
  const { tiers, rate } = line;
  // Thresholds of growth are percent over last year.
  const byMoney = tiers?.measure === 'money' && line.kind !== 'growth';
  return {
    ...line,
    currency: fx.to,
    rate: rate && isMoney ? converted(rate) : rate,
    tiers: tiers && {
      ...tiers,
      steps: tiers.steps.map((step) => ({
        from: byMoney ? converted(step.from) : step.from,
        rate: isMoney ? converted(step.rate) : step.rate,
      })),
    },
  };
}
