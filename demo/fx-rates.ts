import type { DemoMaker } from './maker.ts';
import { createRandom } from './random.ts';

/** An exchange rate as a row of the file says it. */
export interface DemoFxRate {
  type: 'plan' | 'closing';
  from: string;
  validOn: string;
  rate: string;
  source: string;
}

/** Invented, near what such currencies were worth. */
const currencies = [
  { from: 'CAD', near: 0.73 },
  { from: 'EUR', near: 1.09 },
  { from: 'GBP', near: 1.27 },
];
const closingPeriods = 6;
const wander = 0.012;

/** Rates into the maker's currency: one of the plan for its fiscal year, and one at the close of each of the last periods. */
export function fxRates({ seed, calendar, today }: Pick<DemoMaker, 'seed' | 'calendar' | 'today'>): DemoFxRate[] {
  const random = createRandom(seed, 'fx');
  const year = calendar.find(({ startsOn, endsOn }) => startsOn <= today && today <= endsOn)!.fiscalYear;
  const yearStart = calendar.find(({ fiscalYear }) => fiscalYear === year)!.startsOn;
  const closes = calendar.filter(
    ({ endsOn, fiscalYear, period }, at) =>
      endsOn < today && (calendar[at + 1]?.period !== period || calendar[at + 1]?.fiscalYear !== fiscalYear),
  );
  return currencies.flatMap(({ from, near }) => {
    let rate = near;
    const closing = closes.slice(-closingPeriods).map(({ endsOn }): DemoFxRate => {
      rate *= 1 + wander * random.normal();
      return {
        type: 'closing',
        from,
        validOn: endsOn,
        rate: rate.toFixed(4),
        source: 'Treasury, close of the period',
      };
    });
    const plan = { type: 'plan' as const, from, validOn: yearStart, rate: near.toFixed(4), source: `Budget ${year}` };
    return [plan, ...closing];
  });
}
