import { addDays } from '#fiscal-calendar';
import { type Money, subtract, zero } from '#money';
import { mechanicRules, moneyThrough } from '#performance';
import type { EarningTactic } from './domain/accrual.ts';

/**
 * What a tactic has earned from its start through a day (`moneyThrough` of #performance): also by volumes that are
 * forecast. What is settled on the invoice never accrues.
 */
export function earnedThrough(tactic: EarningTactic, on: string): Money {
  return isOnInvoice(tactic) ? zero(tactic.currency) : moneyThrough(tactic, on);
}

/** Whether a tactic is given on the invoice: earned and paid at once, and never owed. */
export function isOnInvoice({ mechanic }: Pick<EarningTactic, 'mechanic'>): boolean {
  return mechanicRules[mechanic].earnedOn === 'invoice';
}

/** How much of {@link earnedThrough} rests on forecast volumes. */
export function forecastThrough(tactic: EarningTactic, on: string): Money {
  const known = { ...tactic, volumes: tactic.volumes.filter(({ forecast }) => !forecast) };
  return subtract(earnedThrough(tactic, on), earnedThrough(known, on));
}

/** What a tactic has earned in a period, both days inclusive. */
export function earnedIn(tactic: EarningTactic, period: { startsOn: string; endsOn: string }): Money {
  return subtract(earnedThrough(tactic, period.endsOn), earnedThrough(tactic, addDays(period.startsOn, -1)));
}
