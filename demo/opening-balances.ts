import { claimableTactics } from './claims-world.ts';
import { addDays, lastPeriodBefore } from './fiscal-weeks.ts';
import type { DemoMaker } from './maker.ts';

/** What a tactic of an ended event had earned and was paid when the books were taken over, cents. */
export interface DemoOpeningBalance {
  promotionCode: string;
  /** Position in the promotion, from 1. */
  position: number;
  customerCode: string;
  mechanic: string;
  endsOn: string;
  earnedMinor: number;
  settledMinor: number;
  /** The day of the balance: the last one of the last fiscal period that is over. */
  asOf: string;
}

/** Events that ended so long before that day have no balance; those that ended so long before are settled whole, younger ones are owed. */
const balanceWeeks = 12;
const openWeeks = 8;

/**
 * Opening balances of the last weeks' events, from their true spend. The books are taken over at the end of a fiscal period,
 * so that there is an ended one to close.
 */
export function openingBalances(maker: DemoMaker): DemoOpeningBalance[] {
  const asOf = lastPeriodBefore(maker.calendar, maker.today).endsOn;
  const [from, openFrom] = [addDays(asOf, -7 * balanceWeeks), addDays(asOf, -7 * openWeeks)];
  return claimableTactics(maker)
    .filter(({ endsOn }) => endsOn >= from && endsOn <= asOf)
    .map(({ key, promotionCode, customerCode, mechanic, endsOn, owedMinor }) => ({
      ...{ promotionCode, customerCode, mechanic, endsOn, position: Number(key.split('#')[1]), earnedMinor: owedMinor },
      ...{ settledMinor: endsOn < openFrom ? owedMinor : 0, asOf },
    }));
}
