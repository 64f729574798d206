import type { Approval, Memory } from '../memory.ts';
import { dayMs, minuteMs } from '../profile.ts';
import { type Finding, type Rule, reasonsOf } from '../rule.ts';
import type { WatchedEvent } from '../watched-event.ts';

/** −log10 of the chance that a Poisson count of this mean is at least `count`. */
export function surprise(count: number, mean: number): number {
  if (count === 0) return 0;
  let term = Math.exp(-mean);
  let below = 0;
  for (let n = 0; n < count; n++) {
    below += term;
    term *= mean / (n + 1);
  }
  return -Math.log10(Math.max(1 - below, 1e-12));
}

/** How much of what others than `maker` decide on for the same people falls to `approver`. */
function shareOf(approvals: Memory['approvals'], maker: string, approver: string): number {
  const ofOthers = approvals.filter((one) => one.makerId !== maker);
  // Those who decide for the same people as this approver are who might have decided instead.
  const served = new Set(ofOthers.filter((one) => one.approverId === approver).map(({ makerId }) => makerId));
  let [own, all] = [0, 0];
  for (const { makerId, approverId } of ofOthers) {
    if (approverId === maker || !served.has(makerId)) continue;
    all += 1;
    if (approverId === approver) own += 1;
  }
  return (own + 1) / (all + 1);
}

interface Pair {
  there: number;
  back: number;
  expectedThere: number;
  expectedBack: number;
}

function countPair(approvals: Memory['approvals'], a: string, b: string, shares: [number, number]): Pair {
  const made = (maker: string) => approvals.filter((one) => one.makerId === maker);
  const [ofA, ofB] = [made(a), made(b)];
  return {
    there: ofA.filter(({ approverId }) => approverId === b).length,
    back: ofB.filter(({ approverId }) => approverId === a).length,
    expectedThere: ofA.length * shares[0],
    expectedBack: ofB.length * shares[1],
  };
}

/** The less surprising of the two directions: a ring needs both. */
const lesserSurprise = (pair: Pair) =>
  Math.min(surprise(pair.there, pair.expectedThere), surprise(pair.back, pair.expectedBack));

const pairOf = (a: string, b: string) => `pair:${[a, b].sort().join('+')}`;

/** Approvals within this time were not thought about. */
const quickMs = 30 * minuteMs;

/** How much the approvals of some people look like a favour: quick ones, for few counterparts. */
function favours(approvals: readonly Approval[]): { quick: number; spread: number } {
  const counterparts = new Set(approvals.map((one) => one.counterpartId ?? one.eventId)).size;
  return {
    quick: approvals.filter(({ waitedMs }) => waitedMs < quickMs).length / Math.max(approvals.length, 1),
    spread: counterparts / Math.max(approvals.length, 1),
  };
}

/** Approvals that close a circle of three with one just given: of the approver by a third, of the third by the maker. */
function circleOf(memory: Memory, maker: string, approver: string, sinceMs: number): readonly Approval[] {
  const between = (from: string, by: string) =>
    memory.approvalsOf(from).filter((one) => one.approverId === by && one.atMs >= sinceMs);
  const own = between(maker, approver);
  const thirds = new Set(memory.approvalsOf(approver).map(({ approverId }) => approverId));
  for (const third of thirds) {
    if (third === maker) continue;
    const [there, back] = [between(approver, third), between(third, maker)];
    if (Math.min(own.length, there.length, back.length) >= 3) return [...own, ...there, ...back];
  }
  return [];
}

function favourReasons(quick: number, spread: number): [number, string][] {
  return [
    [quick >= 0.2 ? Math.min(2, 3 * quick) : -2.2, `${Math.round(100 * quick)} % within half an hour`],
    [spread < 0.5 ? 1 : spread > 0.8 ? -1 : 0, spread < 0.5 ? 'for few counterparts' : 'for many counterparts'],
  ];
}

function lookAtCircle(event: WatchedEvent, memory: Memory, maker: string, approver: string): Finding | null {
  const circle = circleOf(memory, maker, approver, event.atMs - 18 * dayMs);
  if (circle.length === 0) return null;
  const { quick, spread } = favours(circle);
  const ids = new Set(circle.map(({ eventId }) => eventId));
  return {
    about: [...new Set(circle.map((one) => pairOf(one.makerId, one.approverId)))].sort(),
    evidence: memory.recent('kind:act.approved', event.atMs, 18 * dayMs).filter(({ id }) => ids.has(id)),
    reasons: reasonsOf(
      [Math.min(2.4, 0.2 * circle.length), `${circle.length} approvals go around a circle of three`],
      ...favourReasons(quick, spread),
    ),
  };
}

/** Two people who approve each other's work beyond chance. */
export const approvalRing: Rule = {
  id: 'approval-ring',
  title: 'Two people approve each other’s work',
  what: 'How often two people decided for each other in 18 and in 60 days, against how often they would have if each had decided for everybody alike; and circles of three. Decisions within half an hour and for few counterparts add to it. Few approvers, or one who decides most things, make it likely and speak against it.',
  why: 'Separation of duties holds for each record, and two people together walk around it.',
  severity: 'high',
  windowMs: 60 * dayMs,
  threshold: 3.2,
  after: ['act.approved'],
  remedy: null,
  byItself: 'dry_run',
  look(event, memory) {
    const maker = memory.records.get(event.subjectId ?? '')?.makerId;
    const approver = event.personId;
    if (maker === undefined || approver === null || maker === approver) return null;
    const back = memory.approvalsOf(approver).filter((one) => one.approverId === maker);
    if (back.length < 3) return lookAtCircle(event, memory, maker, approver);
    const all = memory.approvals.filter(({ atMs }) => event.atMs - atMs < this.windowMs);
    const shares: [number, number] = [shareOf(all, maker, approver), shareOf(all, approver, maker)];
    const lately = all.filter(({ atMs }) => event.atMs - atMs < 18 * dayMs);
    const pairs = [lately, all].map((some) => countPair(some, maker, approver, shares));
    const [told] = pairs
      .filter(({ there, back }) => Math.min(there, back) >= 3)
      .sort((p, q) => lesserSurprise(q) - lesserSurprise(p));
    if (!told) return null;
    const pair = [maker, approver];
    const inPair = new Set(
      all
        .filter(
          ({ makerId, approverId }) => pair.includes(makerId) && pair.includes(approverId) && makerId !== approverId,
        )
        .map(({ eventId }) => eventId),
    );
    const { quick, spread } = favours(lately.filter(({ eventId }) => inPair.has(eventId)));
    const { expectedThere, expectedBack } = told;
    const by = `by chance ${expectedThere.toFixed(1)} and ${expectedBack.toFixed(1)}`;
    const more = Math.max(surprise(told.there, expectedThere), surprise(told.back, expectedBack));
    return {
      about: [pairOf(maker, approver)],
      evidence: memory.recent('kind:act.approved', event.atMs, this.windowMs).filter(({ id }) => inPair.has(id)),
      reasons: reasonsOf(
        [Math.min(4, 1.6 * lesserSurprise(told)), `${told.there} and ${told.back} times; ${by}`],
        [Math.min(1.2, 0.3 * more), 'one way is beyond chance the more'],
        ...favourReasons(quick, spread),
      ),
    };
  },
};
