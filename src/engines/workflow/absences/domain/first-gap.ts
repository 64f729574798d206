import type { AbsenceInForce } from './stand-in.ts';

/** An absence with its span. */
export interface Spanned extends AbsenceInForce {
  beginsAt: Date;
  endsAt: Date;
}

/** From when to when too few are here; `until` null: it reaches beyond what was looked at. */
export interface Span {
  from: Date;
  until: Date | null;
}

/** Absences in force at a moment, one for each person: that which stands first. Pure. */
export function inForceAt<A extends Spanned>(absences: readonly A[], at: Date): Map<string, A> {
  const found = new Map<string, A>();
  for (const one of absences) {
    if (one.beginsAt <= at && one.endsAt > at && !found.has(one.personId)) found.set(one.personId, one);
  }
  return found;
}

/**
 * The first span from `from` on in which `isCovered` says no of those who are away; null where somebody is always there.
 * Only where an absence begins or ends does the answer change. Pure.
 */
export function firstGap<A extends Spanned>(
  absences: readonly A[],
  { from, until }: { from: Date; until: Date },
  isCovered: (away: ReadonlyMap<string, A>) => boolean,
): (Span & { away: string[] }) | null {
  const moments = absences.flatMap(({ beginsAt, endsAt }) => [beginsAt, endsAt]);
  const within = moments.filter((at) => at > from && at < until).sort((a, b) => a.getTime() - b.getTime());
  let gap: { from: Date; away: string[] } | null = null;
  for (const at of [from, ...within]) {
    const away = inForceAt(absences, at);
    const covered = isCovered(away);
    if (gap && covered) return { ...gap, until: at };
    if (!gap && !covered) gap = { from: at, away: [...away.keys()] };
  }
  return gap && { ...gap, until: null };
}
