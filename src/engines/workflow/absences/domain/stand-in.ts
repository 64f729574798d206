/** An absence as far as one task goes. */
export interface AbsenceInForce {
  id: string;
  personId: string;
  substituteId: string | null;
}

/** How many substitutes are followed who are away themselves: after the third nobody stands in. */
export const longestChain = 3;

/**
 * Who stands in for somebody who is away: their substitute, or where that one is away too the substitute's own, at most
 * {@link longestChain} on; null where there is none, or where the chain comes round to somebody in it. Pure.
 */
export function standInOf(personId: string, absences: ReadonlyMap<string, AbsenceInForce>): string | null {
  const passed = new Set([personId]);
  let at = absences.get(personId)?.substituteId ?? null;
  while (at !== null && absences.has(at)) {
    if (passed.has(at) || passed.size >= longestChain) return null;
    passed.add(at);
    at = absences.get(at)?.substituteId ?? null;
  }
  return at;
}

/** Somebody and all whose substitutes lead to them: whose tasks may change hands when that one goes or comes. Pure. */
export function leadingTo(personId: string, absences: Iterable<AbsenceInForce>): string[] {
  const known = [...absences];
  const reached = new Set([personId]);
  for (let hops = 0; hops < longestChain; hops++) {
    for (const { personId: from, substituteId } of known)
      if (substituteId !== null && reached.has(substituteId)) reached.add(from);
  }
  return [...reached];
}
