import type { MatchAnswer } from './match-suggestion.ts';

/** Below this probability nothing is settled without a person. */
export const autoSettleFrom = 0.95;

/**
 * Why a person must look at an item, or null where its evidence is exact: the promotion's code in the text and no other,
 * one tactic, its amount to the cent and nobody else's, in time, seen for the first time. The tenant's switch and limit come on top.
 */
export function personNeeded({ first, suggestions }: MatchAnswer, duplicate: boolean): string | null {
  if (duplicate) return 'it looks like a duplicate';
  if (!first) return 'there is no first suggestion';
  const { evidence } = first;
  if (first.parts.length !== 1) return 'several tactics answer for it';
  if (evidence.code_exact !== 1 || evidence.other_code) return 'the text does not name exactly one promotion';
  if (!evidence.amount_exact) return 'the amount is not exactly what is owed';
  if (evidence.past_claim_by) return 'it was taken after the claim-by date';
  if (evidence.other_mechanic_named || evidence.category_other) return 'the mechanic does not fit';
  if (suggestions.some((one) => one !== first && one.evidence.amount_exact))
    return 'another tactic owes the same amount';
  if (first.confidence < autoSettleFrom) return 'the match is not certain enough';
  return null;
}
