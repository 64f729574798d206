import { wordsOf } from '../../ui/format.ts';

/** How an outcome is chosen and told. */
export interface OutcomeWords {
  verb: string;
  done: string;
  color: string;
  key: string;
}

const known: Readonly<Record<string, OutcomeWords>> = {
  approved: { verb: 'Approve', done: 'Approved', color: 'accent', key: 'a' },
  rejected: { verb: 'Reject', done: 'Rejected', color: 'red', key: 'r' },
  returned: { verb: 'Return', done: 'Returned to the maker', color: 'gray', key: 'b' },
};

/** What every approval of the product asks; the first is the approval, every other says why. */
export const usualOutcomes: readonly string[] = ['approved', 'returned', 'rejected'];

/** The outcomes of a task as they are offered: the usual ones in their usual order. */
export const inUsualOrder = (outcomes: readonly string[]): readonly string[] =>
  outcomes.every((one) => usualOutcomes.includes(one))
    ? usualOutcomes.filter((one) => outcomes.includes(one))
    : outcomes;

/** The words of an outcome; those that a process names itself are chosen by their place, 1 to 9. */
export function wordsOfOutcome(outcome: string, outcomes: readonly string[]): OutcomeWords {
  const words = wordsOf(outcome.replaceAll('-', ' '));
  const color = outcome === outcomes[0] ? 'accent' : 'gray';
  return known[outcome] ?? { verb: words, done: words, color, key: String(outcomes.indexOf(outcome) + 1) };
}

/** Whether an outcome sends it back or ends it: nothing else has to be filled in then. */
export const refuses = (outcome: string): boolean => outcome === 'rejected' || outcome === 'returned';

/** Whether an outcome is nothing without a reason. */
export const needsReason = (outcome: string, outcomes: readonly string[]): boolean => outcome !== outcomes[0];

/** Records whose tasks ask for {@link usualOutcomes}, without a form; of others the process says what they ask. */
export const decidedAsUsual: ReadonlySet<string> = new Set([
  'promotion',
  'promotion_amendment',
  'fund_transfer',
  'fund_budget_request',
]);
