import type { Vote } from '../definitions/process-model.ts';

/** How many approvals a vote of so many seats needs. */
export function approvalsNeeded({ needs }: Vote, seats: number): number {
  if (needs === 'consensus') return seats;
  // A share of 0.6 of 5 seats is 3, whatever doubles make of it.
  return 'count' in needs ? needs.count : Math.max(1, Math.ceil(needs.share * seats - 1e-9));
}

/**
 * What a vote has come to: an outcome, or null while it is open. The first outcome is the approval; a vote that is lost takes
 * the refusal that most gave, of as many the one that the task names first.
 */
export function tallyVotes(
  vote: Vote,
  seats: number,
  outcomes: readonly string[],
  ballots: readonly string[],
): string | null {
  const [approval = '', ...refusals] = outcomes;
  const needed = approvalsNeeded(vote, seats);
  const given = ballots.filter((ballot) => ballot === approval).length;
  const against = ballots.length - given;
  const isOver = ballots.length >= seats;
  if (against > 0 && vote.veto) return mostGiven(refusals, ballots);
  if (!isOver && vote.stopsEarly === false) return null;
  if (given >= needed) return approval;
  return isOver || given + seats - ballots.length < needed ? mostGiven(refusals, ballots) : null;
}

function mostGiven(refusals: readonly string[], ballots: readonly string[]): string | null {
  const counted = refusals.map((outcome) => ({
    outcome,
    given: ballots.filter((ballot) => ballot === outcome).length,
  }));
  return counted.sort((a, b) => b.given - a.given)[0]?.outcome ?? null;
}
