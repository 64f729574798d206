import {
  bannerOf,
  type ClaimableTactic,
  type CustomerParents,
  claimDifficulty,
  type Difficulty,
} from './claims-world.ts';
import { addDays } from './fiscal-weeks.ts';
import type { RandomStream } from './random.ts';

/** What is claimed at once before it is dressed up as a customer would send it. */
export interface Taking {
  tactics: ClaimableTactic[];
  amountMinor: number;
  takenOn: string;
  difficulty: string[];
}

function dayTaken(random: RandomStream, { startsOn, endsOn }: ClaimableTactic): string {
  const draw = random.uniform();
  if (draw < 0.6) return addDays(endsOn, random.whole(3, 35));
  if (draw < 0.85) return addDays(endsOn, random.whole(36, 80));
  if (draw < 0.92) return endsOn > addDays(startsOn, 6) ? addDays(startsOn, 6) : endsOn;
  return addDays(endsOn, random.whole(81, 115));
}

/** What customers truly take for the tactics of one promotion. */
export function takingsOf(random: RandomStream, tactics: readonly ClaimableTactic[], difficulty: Difficulty): Taking[] {
  if (random.chance(0.08)) return [];
  const owed = (some: readonly ClaimableTactic[]) => some.reduce((sum, { owedMinor }) => sum + owedMinor, 0);
  const first = tactics[0];
  if (first && tactics.length > 1 && random.chance(difficulty.wholePromotion)) {
    const takenOn = addDays(first.endsOn, random.whole(3, 60));
    return [{ tactics: [...tactics], amountMinor: owed(tactics), takenOn, difficulty: ['several_tactics'] }];
  }
  return tactics.flatMap((tactic) => {
    if (!random.chance(difficulty.partial)) {
      const takenOn = dayTaken(random, tactic);
      return [{ tactics: [tactic], amountMinor: owed([tactic]), takenOn, difficulty: [] }];
    }
    let rest = tactic.owedMinor;
    const count = random.whole(2, difficulty.partsMost);
    return Array.from({ length: count }, (_, at): Taking => {
      const amountMinor = at === count - 1 ? rest : Math.round(rest * random.between(0.2, 0.7));
      rest -= amountMinor;
      const takenOn = addDays(tactic.endsOn, 3 + difficulty.partEveryDays * at + random.whole(0, 15));
      return { tactics: [tactic], amountMinor, takenOn, difficulty: ['partial'] };
    });
  });
}

/** Joins some takings of one retailer that lie close together into one sum. */
export function joinAcross(random: RandomStream, takings: readonly Taking[], parents: CustomerParents): Taking[] {
  const joined: Taking[] = [];
  const open = new Map<string, Taking>();
  for (const taking of takings) {
    const banner = bannerOf(taking.tactics[0]?.customerCode ?? '', parents);
    const before = open.get(banner);
    open.set(banner, taking);
    const apart = before && before.tactics[0]?.promotionCode !== taking.tactics[0]?.promotionCode;
    const plain = before && before.difficulty.length === 0 && taking.difficulty.length === 0;
    if (
      apart &&
      plain &&
      addDays(before.takenOn, 30) >= taking.takenOn &&
      random.chance(2 * claimDifficulty.acrossPromotions)
    ) {
      before.tactics.push(...taking.tactics);
      before.amountMinor += taking.amountMinor;
      before.takenOn = [before.takenOn, taking.takenOn].sort()[1] as string;
      before.difficulty.push('across_promotions');
    } else joined.push(taking);
  }
  return joined;
}
