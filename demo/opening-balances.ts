import { claimableTactics } from './claims.ts';
import { addDays } from './fiscal-weeks.ts';
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
}

/** Events that ended so long ago have no balance; those that ended so long ago are settled whole, younger ones are owed. */
const balanceWeeks = 12;
const openWeeks = 8;

/** Opening balances of the last weeks' events, from their true spend. */
export function openingBalances(maker: DemoMaker): DemoOpeningBalance[] {
  const [from, openFrom] = [addDays(maker.today, -7 * balanceWeeks), addDays(maker.today, -7 * openWeeks)];
  const ended = new Set(maker.promotions.filter(({ state }) => state === 'ended').map(({ code }) => code));
  return claimableTactics(maker)
    .filter(({ promotionCode, endsOn }) => ended.has(promotionCode) && endsOn >= from)
    .map(({ key, promotionCode, customerCode, mechanic, endsOn, owedMinor }) => ({
      ...{ promotionCode, customerCode, mechanic, endsOn, position: Number(key.split('#')[1]), earnedMinor: owedMinor },
      settledMinor: endsOn < openFrom ? owedMinor : 0,
    }));
}
