import { addDays, daysBetween } from '#fiscal-calendar';
import { add, Decimal, type Money, multiply, roundToMoney, subtract, zero } from '#money';
import type { Mechanic } from '#performance';

/** Volume on a tactic's own basis on one day, with the funded rate per volume in major units of the currency. */
export interface EarnedVolume {
  on: string;
  volume: Decimal;
  rate: Decimal;
}

/** A tactic as accruing sees it: what it pays for, and when. */
export interface EarningTactic {
  promotionId: string;
  /** The code that people and remittances call the promotion by. */
  promotionCode: string;
  tacticId: string;
  customerId: string;
  mechanic: Mechanic;
  currency: string;
  startsOn: string;
  endsOn: string;
  /** The last day on which the customer may ask for the money. */
  claimByOn: string;
  /** Units scanned or cases shipped; none for a lump sum alone. */
  volumes: readonly EarnedVolume[];
  lumpSum: Money | null;
  /** How the lump sum is recognised: evenly over the days of the event, or all of it on its first day. */
  lumpSumRecognised: 'straight_line' | 'on_date';
}

/** The mechanics that are settled on the invoice: nothing accrues for them. */
const settledOnInvoice: ReadonlySet<Mechanic> = new Set<Mechanic>(['off_invoice']);

function lumpSumThrough(tactic: EarningTactic, lumpSum: Money, on: string): Money {
  if (on < tactic.startsOn) return zero(tactic.currency);
  if (on >= tactic.endsOn || tactic.lumpSumRecognised === 'on_date') return lumpSum;
  const elapsed = daysBetween(tactic.startsOn, on) + 1;
  const whole = daysBetween(tactic.startsOn, tactic.endsOn) + 1;
  return multiply(lumpSum, new Decimal(elapsed).div(whole));
}

/**
 * What a tactic has earned from its start through a day: Σ rate × volume, rounded once, plus the recognised part of its
 * lump sum. Periods are differences of this sum, so that they add up to the whole to the cent.
 */
export function earnedThrough(tactic: EarningTactic, on: string): Money {
  if (settledOnInvoice.has(tactic.mechanic)) return zero(tactic.currency);
  const exact = tactic.volumes
    .filter((fact) => fact.on <= on)
    .reduce((total, fact) => total.plus(fact.rate.times(fact.volume)), new Decimal(0));
  const rated = roundToMoney(exact, tactic.currency);
  return tactic.lumpSum ? add(rated, lumpSumThrough(tactic, tactic.lumpSum, on)) : rated;
}

/** What a tactic has earned in a period, both days inclusive. */
export function earnedIn(tactic: EarningTactic, period: { startsOn: string; endsOn: string }): Money {
  return subtract(earnedThrough(tactic, period.endsOn), earnedThrough(tactic, addDays(period.startsOn, -1)));
}
