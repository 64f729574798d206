import type { Memory } from '../memory.ts';
import { dayMs, hourMs } from '../profile.ts';
import { type Reason, type Rule, reasonsOf } from '../rule.ts';
import type { WatchedEvent } from '../watched-event.ts';
import { deedsIn, isSensitive } from './deeds.ts';

/** The first time in a window that a factor of somebody was taken away, by themselves or by an administrator. */
function removalOf(memory: Memory, owner: string, atMs: number, windowMs: number): WatchedEvent | undefined {
  const of = (key: string) => memory.recent(key, atMs, windowMs, ['factor.removed']);
  // What administrators take away is others'.
  const own = of(`person:${owner}`).filter(({ subjectId }) => (subjectId ?? owner) === owner);
  return own[0] ?? of(`subject:${owner}`)[0];
}

/** Whether another factor took the place of a removed one. Whoever changes telephones may add the new one first. */
function anotherAdded(memory: Memory, owner: string, recent: readonly WatchedEvent[], removed: WatchedEvent): Reason {
  const added = recent.find(({ kind, atMs }) => kind === 'factor.added' && atMs > removed.atMs - hourMs);
  if (!added) return { points: 0.8, because: 'none was added' };
  const strange = memory.deviceStrangeness(added, owner) + memory.networkStrangeness(added, owner);
  return { points: strange < 0.5 ? -3 : -0.8, because: 'another was added' };
}

/** A second factor taken away, and what is done without it. */
export const factorRemoved: Rule = {
  id: 'factor-removed',
  title: 'A second factor removed, then used without',
  what: 'A second factor is removed and not replaced, and within a day the account approves, settles or exports. A new one added from a device of theirs (a new phone), a removal by an administrator after which the person only does their usual work, speak against it.',
  why: 'The first thing to do with a stolen session is to take away what would stop the next one.',
  severity: 'critical',
  windowMs: dayMs,
  threshold: 5.4,
  after: [
    'factor.removed',
    'act.approved',
    'act.settled',
    'act.rerouted',
    'data.exported',
    'factor.added',
    'sign_in.succeeded',
  ],
  remedy: 'end_sessions',
  byItself: 'act',
  look(event, memory) {
    const owner = event.kind === 'factor.removed' ? (event.subjectId ?? event.personId) : event.personId;
    if (owner === null) return null;
    const recent = memory.recent(`person:${owner}`, event.atMs, this.windowMs);
    const removed = removalOf(memory, owner, event.atMs, this.windowMs);
    if (!removed) return null;
    const since = recent.filter(({ atMs, id }) => atMs >= removed.atMs && id !== removed.id);
    const profile = memory.profile(`person:${owner}`);
    const deeds = deedsIn(since, profile);
    const acts = since.filter(isSensitive).length;
    if (acts === 0) return null;
    const byOwner = removed.personId === owner;
    const removing = byOwner ? memory.sessionOf(removed) : undefined;
    const another = anotherAdded(memory, owner, recent, removed);
    const session = memory.sessionOf(event);
    const first = since.find(isSensitive);
    return {
      about: [`person:${owner}`],
      evidence: [removed, ...since],
      reasons: reasonsOf(
        [byOwner ? 1.5 : 0.5, byOwner ? 'removed in the account itself' : 'removed by somebody else'],
        [0.6 + Math.min(1.2, 0.4 * (acts - 1)), `${acts} sensitive acts since`],
        [another.points, another.because],
        [removing && !removing.strong ? 1.6 : 0, 'removed without having been shown'],
        [1.2 * (removing?.deviceStrange ?? 0), 'removed by a device that is new for the person'],
        [1.2 * (removing?.networkStrange ?? 0), 'removed from a network that is new for the person'],
        [
          0.8 * ((session?.deviceStrange ?? 0) + (session?.networkStrange ?? 0)),
          'used in a session that is strange for them',
        ],
        [1.2 * profile.oddHour(removed.atMs), 'at an hour at which they are not there'],
        [first && first.atMs - removed.atMs < hourMs ? 0.8 : 0, 'within an hour'],
        [Math.min(2, 0.8 * deeds.unusual), `${deeds.unusual} acts of kinds that they never do`],
        [deeds.exportedRatio > 1 ? 0.7 : 0, 'more was exported than on a large day of theirs'],
      ),
    };
  },
};
