import type { BreachKind, Difference, ReplayedApproval } from './compare-approval.ts';

/** How often something happened to approvals. */
export interface Tally {
  approvals: number;
  moreSteps: number;
  fewerSteps: number;
  breaches: number;
}

/** What a replay came to, counted exactly. */
export interface ReplaySummary {
  approvals: number;
  /** Approvals that come out as they did. */
  same: number;
  stepsThen: number;
  stepsNow: number;
  /** Approvals by in what they differ; one may differ in several ways. */
  differences: Partial<Record<Difference, number>>;
  /** Approvals by the breaches in them. */
  breaches: Partial<Record<BreachKind, number>>;
  /** How often each step was taken then and would be, and in how many of these one person alone or nobody could. */
  steps: {
    step: string;
    before: number;
    after: number;
    added: number;
    dropped: number;
    alone: number;
    nobody: number;
  }[];
  /** Approvals by the row of the tried table that answered. */
  rows: ({ row: number } & Tally)[];
  /** What each person took then, how much of that they still could, and how often they are among those who could. */
  people: { personId: string; took: number; still: number; could: number }[];
  /** Approvals by what they are grouped by, the most first. */
  groups: ({ group: string } & Tally)[];
  /** Why approvals did not come to an end, the most frequent first. */
  stopped: { why: string; approvals: number }[];
}

/** Groups, people and reasons beyond so many are counted in all else, and not listed. */
const mostListed = 500;
const mostKept = 20_000;

const isIn = (found: readonly Difference[], what: Difference) => found.includes(what);

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V | undefined {
  const known = map.get(key);
  if (known || map.size >= mostKept) return known;
  const made = make();
  map.set(key, made);
  return made;
}

const noTally = (): Tally => ({ approvals: 0, moreSteps: 0, fewerSteps: 0, breaches: 0 });

function addTo(tally: Tally | undefined, found: readonly Difference[]): void {
  if (!tally) return;
  tally.approvals += 1;
  if (isIn(found, 'more-steps')) tally.moreSteps += 1;
  if (isIn(found, 'fewer-steps')) tally.fewerSteps += 1;
  if (isIn(found, 'breach')) tally.breaches += 1;
}

type Counted<K extends string> = Partial<Record<K, number>>;
function count<K extends string>(counts: Counted<K>, what: K): void {
  counts[what] = (counts[what] ?? 0) + 1;
}

/** Adds replayed approvals up. */
export class ReplayCounts {
  readonly #steps = new Map<string, Omit<ReplaySummary['steps'][number], 'step'>>();
  readonly #rows = new Map<number, Tally>();
  readonly #people = new Map<string, { took: number; still: number; could: number }>();
  readonly #groups = new Map<string, Tally>();
  readonly #stopped = new Map<string, { approvals: number }>();
  readonly #differences: Counted<Difference> = {};
  readonly #breaches: Counted<BreachKind> = {};
  readonly #all = { approvals: 0, same: 0, stepsThen: 0, stepsNow: 0 };

  add(replayed: ReplayedApproval): void {
    const { differences, breaches, rows, group, stopped, stepsThen, stepsNow } = replayed;
    this.#all.approvals += 1;
    if (differences.length === 0) this.#all.same += 1;
    for (const one of differences) count(this.#differences, one);
    for (const kind of new Set(breaches.map((breach) => breach.kind))) count(this.#breaches, kind);
    for (const row of new Set(rows)) addTo(entryOf(this.#rows, row, noTally), differences);
    if (group !== null) addTo(entryOf(this.#groups, group, noTally), differences);
    if (stopped !== null) {
      const why = entryOf(this.#stopped, stopped, () => ({ approvals: 0 }));
      if (why) why.approvals += 1;
      return;
    }
    this.#all.stepsThen += stepsThen;
    this.#all.stepsNow += stepsNow;
    for (const step of replayed.steps) this.#addStep(step);
  }

  #addStep({ step, is, by, barred, people }: ReplayedApproval['steps'][number]): void {
    const none = () => ({ before: 0, after: 0, added: 0, dropped: 0, alone: 0, nobody: 0 });
    const counts = entryOf(this.#steps, step, none);
    if (!counts) return;
    if (is !== 'added') counts.before += 1;
    if (is !== 'dropped') counts.after += 1;
    if (is === 'added') counts.added += 1;
    if (is === 'dropped') counts.dropped += 1;
    else if (people.length === 1) counts.alone += 1;
    else if (people.length === 0) counts.nobody += 1;
    if (by !== null) this.#addTaken(by, is === 'kept' && barred === null);
    for (const person of people) {
      const own = entryOf(this.#people, person, () => ({ took: 0, still: 0, could: 0 }));
      if (own) own.could += 1;
    }
  }

  #addTaken(person: string, isStill: boolean): void {
    const own = entryOf(this.#people, person, () => ({ took: 0, still: 0, could: 0 }));
    if (!own) return;
    own.took += 1;
    if (isStill) own.still += 1;
  }

  /** The sums so far. */
  summary(): ReplaySummary {
    const most = <T extends { approvals: number }>(all: T[]) =>
      all.sort((a, b) => b.approvals - a.approvals).slice(0, mostListed);
    return {
      ...this.#all,
      differences: { ...this.#differences },
      breaches: { ...this.#breaches },
      steps: [...this.#steps].map(([step, counts]) => ({ step, ...counts })),
      rows: [...this.#rows].map(([row, tally]) => ({ row, ...tally })).sort((a, b) => a.row - b.row),
      people: [...this.#people]
        .map(([personId, counts]) => ({ personId, ...counts }))
        .sort((a, b) => b.took - a.took || b.could - a.could)
        .slice(0, mostListed),
      groups: most([...this.#groups].map(([group, tally]) => ({ group, ...tally }))),
      stopped: most([...this.#stopped].map(([why, { approvals }]) => ({ why, approvals }))),
    };
  }
}
