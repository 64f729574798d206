import type { IndexedCandidate, MatchableItem, Pulled, PulledCandidate } from './match-candidates.ts';
import { roundingOf } from './match-candidates.ts';

/** Tactics that may answer for an item together: one, several of a promotion, or several promotions. */
export interface Proposal {
  members: readonly PulledCandidate[];
  /** `single`, `whole` (all open tactics of one promotion), `part` (some of them) or `across` (several promotions). */
  shape: 'single' | 'whole' | 'part' | 'across';
  openMinor: number;
}

/** Most tactics of one promotion of which subsets are tried: 2^8 sums. */
const subsetLimit = 8;
/** Most tactics among which a pair of different promotions is sought. */
const pairLimit = 64;
/** Most promotions named in one text that are taken together. */
const namedTogetherLimit = 6;

const total = (members: readonly PulledCandidate[]) =>
  members.reduce((sum, { candidate }) => sum + candidate.openMinor, 0);

function explains(amounts: readonly number[], openMinor: number): boolean {
  return amounts.some((amount) => Math.abs(amount - openMinor) <= roundingOf(amount));
}

/** The amounts that an item may stand for: with its tax and without. */
export function amountsOf(item: MatchableItem): number[] {
  const whole = Number(item.amount.minor);
  const tax = Number(item.tax.minor);
  return tax > 0 ? [whole, whole - tax] : [whole];
}

/** Everything worth weighing for an item: each tactic alone, and sums of several that explain the amount. */
export function proposalsOf(item: MatchableItem, { candidates }: Pulled): Proposal[] {
  const proposals: Proposal[] = candidates.map((one) => ({
    members: [one],
    shape: 'single',
    openMinor: one.candidate.openMinor,
  }));
  const amounts = amountsOf(item);
  const promotions = new Map<string, PulledCandidate[]>();
  for (const one of candidates) {
    const members = promotions.get(one.candidate.promotionId);
    if (members) members.push(one);
    else promotions.set(one.candidate.promotionId, [one]);
  }
  for (const members of promotions.values()) proposals.push(...withinPromotion(members, amounts));
  proposals.push(...acrossPromotions(candidates, [...promotions.values()], amounts));
  return proposals;
}

function withinPromotion(members: readonly PulledCandidate[], amounts: readonly number[]): Proposal[] {
  if (members.length < 2) return [];
  const named = members[0]?.naming != null;
  const whole: Proposal = { members, shape: 'whole', openMinor: total(members) };
  const found = named || explains(amounts, whole.openMinor) ? [whole] : [];
  if (members.length < 3 || members.length > subsetLimit) return found;
  for (let mask = 3; mask < 2 ** members.length - 1; mask++) {
    const some = members.filter((_, at) => (mask >> at) & 1);
    const openMinor = total(some);
    if (some.length >= 2 && explains(amounts, openMinor)) found.push({ members: some, shape: 'part', openMinor });
  }
  return found;
}

/** Promotions that the text names together, and pairs of tactics whose sum is the amount to the cent. */
function acrossPromotions(
  candidates: readonly PulledCandidate[],
  promotions: readonly (readonly PulledCandidate[])[],
  amounts: readonly number[],
): Proposal[] {
  const found: Proposal[] = [];
  const named = promotions.filter(([first]) => first?.naming === 'exact');
  if (named.length >= 2 && named.length <= namedTogetherLimit) {
    const members = named.flat();
    found.push({ members, shape: 'across', openMinor: total(members) });
  }
  const byOpen = new Map<number, PulledCandidate[]>();
  const few = candidates.slice(-pairLimit);
  for (const one of few) {
    for (const amount of amounts) {
      for (const other of byOpen.get(amount - one.candidate.openMinor) ?? []) {
        if (other.candidate.promotionId === one.candidate.promotionId) continue;
        found.push({
          members: [other, one],
          shape: 'across',
          openMinor: other.candidate.openMinor + one.candidate.openMinor,
        });
      }
    }
    const same = byOpen.get(one.candidate.openMinor);
    if (same) same.push(one);
    else byOpen.set(one.candidate.openMinor, [one]);
  }
  return found;
}

/** The tactics of a proposal. */
export function candidatesOf({ members }: Proposal): IndexedCandidate[] {
  return members.map(({ candidate }) => candidate);
}
