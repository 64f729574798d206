import type { Figure } from '#figure';
import { Decimal } from '#money';
import type { Figures } from './event-figure.ts';

/** What to do with an event of this kind next time. */
export interface Verdict {
  decision: 'repeat' | 'fix' | 'stop';
  /** Sentences for people, the weightiest first. */
  reasons: string[];
}

const numberOf = (value: Figure['value'] | undefined): Decimal | null =>
  value === null || value === undefined ? null : new Decimal(typeof value === 'string' ? value : value.amount);

/** A share in whole percent, for sentences. */
export const percent = (share: Decimal): string => `${share.times(100).toFixed(0)} %`;

/** A whole amount with thousands apart and a true minus: −11,012. */
const grouped = (value: Decimal): string =>
  value
    .toFixed(0)
    .replace('-', '−')
    .replace(/\B(?=(\d{3})+$)/g, ',');

const currencyOf = (value: Figure['value']): string =>
  value !== null && typeof value === 'object' ? value.currency : '';

/** Parts of the loss above this share of the spend are named as what to fix. */
export const worthNaming = 0.15;

function leaks(figures: Figures, spend: Decimal, boughtAhead: Figure | null): string[] {
  const parts: [Decimal | null, string][] = [
    [numberOf(figures.subsidisedBase.value), 'of the spend went to units that would have sold anyway'],
    [numberOf(boughtAhead?.value), 'of the spend was paid for cases that customers bought ahead'],
    [numberOf(figures.dipContribution.value), 'of the spend was lost again in the weeks after the event'],
    [numberOf(figures.cannibalisationContribution.value), 'of the spend was taken from our own other products'],
  ];
  return parts
    .flatMap(([amount, words]) => (amount && spend.gt(0) ? [{ share: amount.div(spend), words }] : []))
    .filter(({ share }) => share.gte(worthNaming))
    .sort((a, b) => b.share.comparedTo(a.share))
    .map(({ share, words }) => `${percent(share)} ${words}.`);
}

function liftReason(figures: Figures): string | null {
  const lift = numberOf(figures.lift.value);
  const needed = numberOf(figures.breakEvenLift.value);
  if (!lift) return null;
  if (!needed) return 'The discount is larger than the contribution of a case: no lift can pay for it.';
  return `The lift was ${percent(lift)}; ${percent(needed)} would have paid for the event before dip and cannibalisation.`;
}

/**
 * The verdict on a measured event: repeat where the net profit's whole interval is above zero (or its value is and the
 * loss is not certain), stop where the whole interval is below zero and not even the upper end of the lift reaches
 * break-even, else fix, with where the money went; `boughtAhead` is the spend on cases bought ahead.
 */
export function verdictOf(figures: Figures, boughtAhead: Figure | null = null): Verdict {
  const profit = numberOf(figures.netProfit.value)!;
  const low = numberOf(figures.netProfit.low) ?? profit;
  const high = numberOf(figures.netProfit.high) ?? profit;
  const spend = numberOf(figures.eventSpend.value)!;
  const lift = liftReason(figures);
  const rest = [...(lift ? [lift] : []), ...leaks(figures, spend, boughtAhead)];
  const between = `net profit between ${grouped(low)} and ${grouped(high)} ${currencyOf(figures.netProfit.value)}`;
  if (profit.gte(0)) {
    const sure = low.gte(0) ? 'The event earned money' : 'The event earned money, though not for certain';
    return { decision: 'repeat', reasons: [`${sure}: ${between}.`, ...rest] };
  }
  const needed = numberOf(figures.breakEvenLift.value);
  const bestLift = numberOf(figures.lift.high ?? figures.lift.value);
  const hopeless = !needed || (bestLift?.lt(needed) ?? true);
  if (high.lt(0) && hopeless) return { decision: 'stop', reasons: [`The event lost money: ${between}.`, ...rest] };
  return { decision: 'fix', reasons: [`The event did not pay: ${between}.`, ...rest] };
}
