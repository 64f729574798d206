import { type AbsenceInForce, standInOf } from './stand-in.ts';

/** Somebody who may take a task, and who passed it on to them. */
export interface Candidate {
  personId: string;
  givenBy: string | null;
}

/** Somebody who is away from a task, and what stood there before. */
export interface Cover {
  personId: string;
  absenceId: string;
  /** Null: nobody stands in, others have it. */
  substituteId: string | null;
  givenBy: string | null;
  /** The substitute is a candidate only because of this. */
  lent: boolean;
  /** The substitute has the right anyway; only for whom they act was written beside it. */
  marked: boolean;
  /** The person who is away had claimed it. */
  claimed: boolean;
}

/** Who has a task. */
export interface Hands {
  candidates: readonly Candidate[];
  assigneeId: string | null;
  covers: readonly Cover[];
}

/** Puts back who had a task before anybody stood in, but for votes that stand-ins have cast. Pure. */
export function giveBack({ candidates, assigneeId, covers }: Hands, voted: ReadonlySet<string>): Hands {
  const kept = covers.filter(({ substituteId }) => substituteId !== null && voted.has(substituteId));
  const over = covers.filter((cover) => !kept.includes(cover));
  const lent = new Set(over.flatMap((one) => (one.lent && one.substituteId ? [one.substituteId] : [])));
  const marked = new Set(over.flatMap((one) => (one.marked ? [one.substituteId] : [])));
  const present = candidates
    .filter(({ personId }) => !lent.has(personId))
    .map((one) => (marked.has(one.personId) ? { ...one, givenBy: null } : one));
  const returned = over
    .filter(({ personId }) => !present.some((one) => one.personId === personId))
    .map(({ personId, givenBy }) => ({ personId, givenBy }));
  const claim = over.find(({ claimed, substituteId }) => claimed && substituteId === assigneeId);
  const isGone = assigneeId !== null && lent.has(assigneeId);
  return {
    candidates: [...present, ...returned],
    assigneeId: claim ? claim.personId : isGone ? null : assigneeId,
    covers: kept,
  };
}

/** What decides who stands in for a task. */
export interface Arranging {
  /** By person: absences in force that concern the task. */
  absences: ReadonlyMap<string, AbsenceInForce>;
  /** Who meets all of the task's rule but to be named by it. */
  fit: ReadonlySet<string>;
  /** Who has cast a vote on it; null: one decides it. */
  voted: ReadonlySet<string> | null;
}

/**
 * Takes who is away out of a task and puts in who stands in for them. An absence never leaves a task to nobody: where nobody
 * else has it, it stays with who is away. A vote keeps its seats: each of them changes hands or stays. Pure.
 */
export function coverAbsent(hands: Hands, { absences, fit, voted }: Arranging): Hands {
  const here = new Map<string, Candidate>();
  const gone: Candidate[] = [];
  for (const one of hands.candidates) {
    if (absences.has(one.personId) && !voted?.has(one.personId)) gone.push(one);
    else here.set(one.personId, { ...one });
  }
  const covers: Cover[] = [];
  const left: Candidate[] = [];
  for (const one of gone) {
    const standIn = standInOf(one.personId, absences);
    const known = standIn === null ? undefined : here.get(standIn);
    if (standIn === null || !fit.has(standIn) || (voted && known)) {
      left.push(one);
      continue;
    }
    const marked = known !== undefined && known.givenBy === null;
    const lent = !hands.candidates.some(({ personId }) => personId === standIn);
    here.set(standIn, { personId: standIn, givenBy: known?.givenBy ?? one.personId });
    covers.push({ ...coverOf(one, hands, absences), substituteId: standIn, lent, marked });
  }
  const isSkipped = !voted && here.size > 0;
  if (isSkipped) covers.push(...left.map((one) => coverOf(one, hands, absences)));
  const taken = covers.find(({ claimed }) => claimed);
  return {
    candidates: [...here.values(), ...(isSkipped ? [] : left)],
    // A claim goes with the task: to who stands in, else back to all who have it.
    assigneeId: taken ? taken.substituteId : hands.assigneeId,
    covers: [...hands.covers, ...covers],
  };
}

/** A cover by which nobody stands in yet. */
function coverOf({ personId, givenBy }: Candidate, { assigneeId }: Hands, absences: Arranging['absences']): Cover {
  const absenceId = absences.get(personId)?.id ?? '';
  const claimed = assigneeId === personId;
  return { personId, absenceId, substituteId: null, givenBy, lent: false, marked: false, claimed };
}
