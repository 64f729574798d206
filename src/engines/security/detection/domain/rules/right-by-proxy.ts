import type { Memory } from '../memory.ts';
import { dayMs, hourMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { textOf, type WatchedEvent } from '../watched-event.ts';
import { largerThanUsual } from './odd-hour-settlement.ts';

/** What was settled for the counterpart with the most settlements, where there are at least two. */
function settledForOne(uses: readonly WatchedEvent[]): WatchedEvent[] {
  const by = new Map<string, WatchedEvent[]>();
  for (const one of uses) {
    const counterpart = one.kind === 'act.settled' ? textOf(one, 'counterpartId') : null;
    if (counterpart !== null) by.set(counterpart, [...(by.get(counterpart) ?? []), one]);
  }
  const most = [...by.values()].sort((a, b) => b.length - a.length)[0] ?? [];
  return most.length > 1 ? most : [];
}

/** The middle one of the amounts that others settled in these days; 0 of none. */
function usualOfOthers(memory: Memory, personId: string, atMs: number): number {
  const settled = memory.recent('kind:act.settled', atMs, 4 * dayMs).filter((one) => one.personId !== personId);
  const amounts = settled.map((one) => Number(textOf(one, 'amount') ?? 0)).sort((a, b) => a - b);
  return amounts[Math.floor(amounts.length / 2)] ?? 0;
}

/** The last time in a window that somebody got rights or a higher limit. */
const grantTo = (memory: Memory, personId: string, atMs: number, windowMs: number) =>
  memory
    .recent(`subject:${personId}`, atMs, windowMs, ['right.granted', 'limit.raised'])
    .filter(({ outcome }) => outcome === 'succeeded')
    .at(-1);

/** How many people got rights from the same giver within a day of a grant. */
function alsoGiven(memory: Memory, grant: WatchedEvent, atMs: number, windowMs: number): number {
  const given = memory.recent(`person:${grant.personId}`, atMs, windowMs, ['right.granted']);
  return new Set(given.filter((one) => Math.abs(one.atMs - grant.atMs) < dayMs).map((one) => one.subjectId)).size;
}

/** What somebody decided since they got a right, and what of it served its giver. */
function usesFor(memory: Memory, usedBy: string, giver: string, atMs: number, sinceMs: number) {
  const uses = memory
    .recent(`person:${usedBy}`, atMs, sinceMs, ['act.approved', 'act.settled'])
    .filter(({ outcome }) => outcome === 'succeeded');
  const forGiver = uses.filter((one) => memory.records.get(one.subjectId ?? '')?.makerId === giver);
  // What was settled for one counterpart alone serves somebody as well as what was decided for the giver.
  const settling = forGiver.length === 0;
  return { uses, served: settling ? settledForOne(uses) : forGiver, settling };
}

/** Rights given to somebody who then decides for the giver. */
export const rightByProxy: Rule = {
  id: 'right-by-proxy',
  title: 'Rights given, used for the giver, taken back',
  what: 'Somebody gets rights or a higher limit and soon approves what the giver made, or settles for one counterpart, little else, before the rights are taken back. New colleagues, a reorganisation and a deputy who decides for many speak against it.',
  why: 'Whoever may give rights can decide about their own work by another’s hand.',
  severity: 'critical',
  windowMs: 5 * dayMs,
  threshold: 5.1,
  after: ['act.approved', 'act.settled', 'right.revoked'],
  remedy: 'step_up',
  byItself: 'dry_run',
  look(event, memory) {
    const usedBy = event.kind === 'right.revoked' ? event.subjectId : event.personId;
    if (usedBy === null) return null;
    const grant = grantTo(memory, usedBy, event.atMs, this.windowMs);
    const giver = grant?.personId;
    if (!grant || !giver || giver === usedBy) return null;
    const sinceMs = event.atMs - grant.atMs;
    const { uses, served, settling } = usesFor(memory, usedBy, giver, event.atMs, sinceMs);
    const [first] = served;
    if (!first) return null;
    const others = uses.length - served.length;
    const larger = settling ? largerThanUsual(served, usualOfOthers(memory, usedBy, event.atMs)) : 0;
    const delayMs = first.atMs - grant.atMs;
    const taken = memory.recent(`subject:${usedBy}`, event.atMs, sinceMs, ['right.revoked']);
    const soon = taken.filter(({ atMs }) => atMs - first.atMs < 2 * dayMs);
    const sameDay = alsoGiven(memory, grant, event.atMs, this.windowMs);
    const fresh = memory.records.get(first.subjectId ?? '')?.atMs ?? 0;
    return {
      about: [`person:${usedBy}`, `person:${giver}`],
      evidence: [grant, ...uses, ...soon],
      reasons: reasonsOf(
        [
          Math.min(2.8, 1.1 * served.length - 0.1),
          settling
            ? `${served.length} settled for one counterpart`
            : `${served.length} decided for whoever gave the right`,
        ],
        [settling && larger > 0 ? Math.min(1, 0.6 * larger) : 0, 'larger than what others settle as a rule'],
        [(2 * served.length) / uses.length, `${served.length} of ${uses.length} decisions since then`],
        [delayMs < 6 * hourMs ? 1 : delayMs < 26 * hourMs ? 0.5 : 0, 'soon after the right was given'],
        [
          settling || Math.abs(fresh - grant.atMs) < 2 * dayMs ? 0.6 : 0,
          settling ? 'money left at once' : 'for what was made at about that time',
        ],
        [soon.length > 0 ? (others > 1 ? 0.2 : 1.5) : 0, 'the right was taken back soon'],
        [-Math.min(4, 0.6 * others), `${others} decided for others`],
        [-Math.min(2, 0.5 * Math.max(0, sameDay - 1)), `${sameDay} people got rights on that day`],
      ),
    };
  },
};
