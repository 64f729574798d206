import { allocate, compare, type Money, subtract, sum, toDecimal, zero } from '#money';
import type { CandidateIndex, MatchableItem, Pulled } from './match-candidates.ts';
import {
  type Evidence,
  EvidenceReader,
  type ItemHints,
  type NoneEvidence,
  type ReasonMemory,
} from './match-evidence.ts';
import { type MatchWeights, pointsOf, probabilitiesOf } from './match-model.ts';
import { candidatesOf, type Proposal, proposalsOf } from './match-proposals.ts';

/** What one tactic of a suggestion answers for. */
export interface SuggestedPart {
  tacticId: string;
  promotionId: string;
  promotionCode: string;
  mechanic: string;
  amount: Money;
}

/** Tactics that may answer for an item together, with how probable that is and why. */
export interface MatchSuggestion {
  parts: SuggestedPart[];
  /** Probability by the model, 0..1, among all that was weighed and "none of them". */
  confidence: number;
  /** In words, the heaviest first. */
  reasons: string[];
  evidence: Evidence;
}

/** What matching says about one item. */
export interface MatchAnswer {
  /** The most probable, where it is probable enough to be proposed: one key accepts it. */
  first: MatchSuggestion | null;
  /** Why nothing is proposed first. */
  abstained: string | null;
  /** The best few, the most probable first. */
  suggestions: MatchSuggestion[];
  /** The probability that none of the tactics answers for it. */
  noneConfidence: number;
  noneEvidence: NoneEvidence;
}

/** What one item is weighed with. */
export interface MatchMaking {
  index: CandidateIndex;
  weights: MatchWeights;
  memory: ReasonMemory;
}

/** Below this probability no first suggestion is made; chosen on seeds 1-9, where 97 of 100 are right. */
export const suggestFrom = 0.7;
/** Suggestions that are kept and shown. */
const shown = 8;

/** Weighs every tactic and sum of tactics that may answer for an item. A suggestion settles nothing. */
export function suggestMatches(item: MatchableItem, hints: ItemHints, making: MatchMaking): MatchAnswer {
  const pulled = making.index.pull(item, hints.customerLine);
  const reader = new EvidenceReader(item, pulled, making.index, hints, making.memory);
  const weighed = proposalsOf(item, pulled).map((proposal) => {
    const evidence = reader.of(proposal);
    return { proposal, evidence, points: pointsOf(making.weights, evidence) };
  });
  const noneEvidence = reader.none(pulled);
  const probabilities = probabilitiesOf([
    pointsOf(making.weights, noneEvidence),
    ...weighed.map(({ points }) => points),
  ]);
  const suggestions = weighed
    .map(({ proposal, evidence }, at) => ({ proposal, evidence, confidence: probabilities[at + 1] ?? 0 }))
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, shown)
    .map(({ proposal, evidence, confidence }) => ({
      parts: partsOf(item, proposal),
      confidence,
      reasons: reasonsOf(evidence, proposal, making.weights),
      evidence,
    }));
  const [best] = suggestions;
  // What may be a repeat is never proposed: whoever settles it must look at the other one first.
  const first = best && best.confidence >= suggestFrom && !hints.duplicate ? best : null;
  const noneConfidence = probabilities[0] ?? 1;
  return {
    first,
    abstained: first ? null : abstention(best, noneConfidence, hints, pulled),
    suggestions,
    noneConfidence,
    noneEvidence,
  };
}

/** Each tactic's share of what is claimed without tax, at most what all of them owe, in proportion and to the minor unit. */
function partsOf({ amount: gross, tax }: MatchableItem, proposal: Proposal): SuggestedPart[] {
  const candidates = candidatesOf(proposal);
  const amount = compare(gross, tax) > 0 ? subtract(gross, tax) : zero(gross.currency);
  const owed = sum(
    candidates.map(({ openLiability }) => openLiability),
    amount.currency,
  );
  const shares = allocate(
    compare(amount, owed) < 0 ? amount : owed,
    candidates.map(({ openLiability }) => toDecimal(openLiability)),
  );
  return candidates.flatMap(({ tacticId, promotionId, promotionCode, mechanic }, at) => {
    const share = shares[at];
    return share && share.minor > 0n ? [{ tacticId, promotionId, promotionCode, mechanic, amount: share }] : [];
  });
}

function abstention(best: MatchSuggestion | undefined, none: number, hints: ItemHints, pulled: Pulled): string {
  if (hints.duplicate) return 'looks like another item that was captured before';
  if (pulled.namedElsewhere.length > 0) return `names ${pulled.namedElsewhere[0]}, which is not this customer’s`;
  if (!best) return 'no tactic of this customer owes anything';
  if (none > best.confidence) return 'probably none of the tactics answers for it';
  return 'several tactics fit about as well';
}

const sentences: Partial<Record<keyof Evidence, string>> = {
  code_slip: 'a code in the text differs from the promotion’s by one slip',
  code_number: 'the text has the promotion’s number',
  other_code: 'the text names another promotion',
  words: 'words of the text are in the promotion’s name or products',
  mechanic_named: 'the text names the mechanic',
  other_mechanic_named: 'the text names another mechanic',
  amount_exact: 'the amount is exactly what is owed',
  amount_net_of_tax: 'without tax the amount is exactly what is owed',
  amount_rounded: 'the amount is what is owed, rounded',
  amount_part: 'the amount is within what is owed',
  amount_beyond: 'the amount is more than is owed',
  during_event: 'taken while the event ran',
  past_claim_by: 'taken after the claim-by date',
  same_customer: 'the same customer',
  category_same: 'the category is the tactic’s mechanic',
  category_other: 'the category is another mechanic',
  several_tactics: 'several tactics together',
};

function reasonsOf(evidence: Evidence, proposal: Proposal, weights: MatchWeights): string[] {
  const codes = [...new Set(candidatesOf(proposal).map(({ promotionCode }) => promotionCode))].join(' and ');
  const told: [weight: number, text: string][] = [];
  for (const [name, value] of Object.entries(evidence) as [keyof Evidence, number][]) {
    if (value === 0) continue;
    const weight = Math.abs((weights[name] ?? 0) * value);
    if (name === 'code_exact') told.push([Number.POSITIVE_INFINITY, `names ${codes}`]);
    else if (name === 'months_since_end_log')
      told.push([weight, `taken ${Math.round(30 * Math.expm1(value))} days after its end`]);
    else if (name === 'reason_memory') {
      told.push([
        weight,
        `the customer’s reason code ${value > 0 ? 'stood' : 'hardly stood'} for this mechanic before`,
      ]);
    } else if (sentences[name]) told.push([weight, sentences[name]]);
  }
  return told.sort((a, b) => b[0] - a[0]).map(([, text]) => text);
}
