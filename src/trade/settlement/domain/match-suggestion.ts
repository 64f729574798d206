import { compare, type Money, subtract } from '#money';

/** A deduction or claim as matching looks at it. */
export interface MatchableItem {
  customerId: string;
  /** What is open of it. */
  amount: Money;
  takenOn: string;
  category: string | null;
  /** Reference, reason code and note in one. */
  text: string;
}

/** A tactic that owes something, of a customer on the same branch as the item's. */
export interface MatchCandidate {
  tacticId: string;
  promotionId: string;
  promotionCode: string;
  customerId: string;
  mechanic: string;
  startsOn: string;
  claimByOn: string;
  openLiability: Money;
}

/** A tactic that may answer for an item: the higher the score, the better; reasons in words. */
export interface MatchSuggestion {
  tacticId: string;
  promotionId: string;
  promotionCode: string;
  mechanic: string;
  /** The lesser of what is open on both sides. */
  amount: Money;
  score: number;
  reasons: string[];
}

/** Whether a text names a code as a word of its own: P-1 is not in "P-12". */
function names(text: string, code: string): boolean {
  const at = text.toUpperCase().indexOf(code.toUpperCase());
  if (at < 0 || code === '') return false;
  const isWord = (character: string | undefined) => character !== undefined && /[A-Z0-9]/i.test(character);
  return !isWord(text[at - 1]) && !isWord(text[at + code.length]);
}

type Evidence = [holds: boolean, points: number, reason: string];

function weigh(item: MatchableItem, candidate: MatchCandidate): MatchSuggestion {
  const gap = subtract(item.amount, candidate.openLiability).minor;
  const evidence: Evidence[] = [
    [names(item.text, candidate.promotionCode), 60, `names ${candidate.promotionCode}`],
    [gap === 0n, 30, 'the amount is exactly what is owed'],
    [gap < 0n, 5, 'the amount is within what is owed'],
    [gap > 0n, -15, 'the amount is more than is owed'],
    [item.takenOn >= candidate.startsOn && item.takenOn <= candidate.claimByOn, 15, 'taken before the claim-by date'],
    [item.takenOn > candidate.claimByOn, -30, 'taken after the claim-by date'],
    [item.customerId === candidate.customerId, 10, 'the same customer'],
    [item.category === candidate.mechanic, 10, `categorised as ${candidate.mechanic}`],
  ];
  const holding = evidence.filter(([holds]) => holds);
  const { tacticId, promotionId, promotionCode, mechanic, openLiability } = candidate;
  return {
    ...{ tacticId, promotionId, promotionCode, mechanic },
    amount: compare(item.amount, openLiability) < 0 ? item.amount : openLiability,
    score: holding.reduce((total, [, points]) => total + points, 0),
    reasons: holding.map(([, , reason]) => reason),
  };
}

/**
 * Tactics that may answer for an item, best first, with reasons; those with more against them than for them are left
 * out. A suggestion settles nothing: a person matches.
 */
export function suggestMatches(item: MatchableItem, candidates: readonly MatchCandidate[]): MatchSuggestion[] {
  return candidates
    .filter(({ startsOn, openLiability }) => startsOn <= item.takenOn && openLiability.minor > 0n)
    .map((candidate) => weigh(item, candidate))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.tacticId < b.tacticId ? -1 : 1));
}
