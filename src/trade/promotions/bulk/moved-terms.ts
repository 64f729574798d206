import { addDays, daysBetween } from '#fiscal-calendar';
import type { PromotionTerms } from '../domain/promotion.ts';
import { inputOf, type PromotionInput } from '../planning/promotion-terms.ts';

const later = (date: string | null | undefined, days: number) => (date ? addDays(date, days) : date);

/** Terms moved by some days: every date keeps its distance, also those of its tactics. */
export function movedBy(terms: PromotionTerms, days: number): PromotionInput {
  const input = inputOf(terms);
  return {
    ...input,
    startsOn: addDays(terms.startsOn, days),
    endsOn: addDays(terms.endsOn, days),
    shipStartsOn: addDays(terms.shipStartsOn, days),
    shipEndsOn: addDays(terms.shipEndsOn, days),
    claimByOn: addDays(terms.claimByOn, days),
    tactics: input.tactics.map((tactic) => ({
      ...tactic,
      startsOn: later(tactic.startsOn, days),
      endsOn: later(tactic.endsOn, days),
    })),
  };
}

/** Terms as those of another promotion, from another first day on: a copy's tactics are its own. */
export function copiedTo(terms: PromotionTerms, startsOn: string): PromotionInput {
  const moved = movedBy(terms, daysBetween(terms.startsOn, startsOn));
  return { ...moved, tactics: moved.tactics.map(({ id: _id, ...tactic }) => tactic) };
}
