import type { Figure } from '#figure';
import { amountOf, Decimal, type Money, roundToMoney, toDecimal, toJson } from '#money';

/** Version of the formula below. */
const formulaVersion = 'priority-1';

/**
 * Where an item stands in the queue: recoverable money over the days that are left to dispute it; nothing once they are over.
 * Recoverable is what is open less what was found valid and not yet settled.
 */
export function priorityFigure(recoverable: Money, daysLeft: number): Figure {
  const priority =
    daysLeft < 0
      ? roundToMoney(new Decimal(0), recoverable.currency)
      : roundToMoney(toDecimal(recoverable).div(daysLeft + 1), recoverable.currency);
  return {
    value: toJson(priority),
    unit: 'money',
    formula: 'recoverable money / (days to the dispute deadline + 1); 0 past the deadline',
    formulaVersion,
    inputs: [
      {
        name: `recoverable money, ${recoverable.currency}`,
        value: amountOf(recoverable),
        source: 'open money that was not found valid',
      },
      { name: 'days to the dispute deadline', value: String(daysLeft), source: 'the deduction or claim' },
    ],
  };
}
