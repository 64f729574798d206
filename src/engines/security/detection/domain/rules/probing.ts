import type { Memory } from '../memory.ts';
import { dayMs, hourMs, minuteMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { textOf, type WatchedEvent } from '../watched-event.ts';

/** How telling a refusal is that so many others had in these days. */
const weightOf = (others: number) => (others < 2 ? 1 : others === 2 ? 0.7 : 0.3);

const permissionsIn = (some: readonly WatchedEvent[]) => new Set(some.map((one) => textOf(one, 'permission') ?? ''));

/** How many others ran into most of the same walls in these days: what changed for them changed for this person too. */
function alikeOf(wanted: ReadonlySet<string>, others: readonly WatchedEvent[]): number {
  const by = new Map<string, Set<string>>();
  for (const one of others) {
    const permission = textOf(one, 'permission') ?? '';
    if (one.personId !== null && wanted.has(permission))
      by.set(one.personId, (by.get(one.personId) ?? new Set()).add(permission));
  }
  return [...by.values()].filter(({ size }) => size >= 2 && size >= 0.6 * wanted.size).length;
}

/** Whether the first of some refusals came right after a sign-in, with nothing done between them. */
function comesFor(memory: Memory, refused: readonly WatchedEvent[]): boolean {
  const [first] = refused;
  if (!first) return false;
  const before = memory
    .recent(`person:${first.personId}`, first.atMs, 10 * minuteMs)
    .filter(({ id }) => id !== first.id);
  return before.at(-1)?.kind === 'sign_in.succeeded';
}

/** What was refused on each day for the first time in these days. */
function newByDay(refused: readonly WatchedEvent[]): string[][] {
  const seen = new Set<string>();
  const days = new Map<number, string[]>();
  for (const one of refused) {
    const permission = textOf(one, 'permission') ?? '';
    if (seen.has(permission)) continue;
    seen.add(permission);
    const day = Math.floor(one.atMs / dayMs);
    days.set(day, [...(days.get(day) ?? []), permission]);
  }
  // A day on which much was tried was judged on that day.
  return [...days.values()].filter((some) => some.length <= 4);
}

/** What came to be tried over days: one or two things a day are as telling as many at once, once they have come to many. */
function slowlyTried(before: readonly WatchedEvent[], lost: ReadonlySet<string>, others: readonly WatchedEvent[]) {
  const refusedToo = (permission: string) =>
    new Set(others.filter((one) => textOf(one, 'permission') === permission).map((one) => one.personId)).size;
  const weight = (sum: number, one: string) => sum + (lost.has(one) ? 0 : weightOf(refusedToo(one)));
  const perDay = newByDay(before).map((some) => Math.min(3, some.reduce(weight, 0)));
  return { telling: perDay.reduce((sum, one) => sum + one, 0), days: perDay.filter((one) => one > 0).length };
}

/** Permissions that were taken from somebody in these days: that they are refused says nothing. */
function lostBy(memory: Memory, personId: string, atMs: number): Set<string> {
  const revoked = memory.recent(`subject:${personId}`, atMs, 8 * dayMs, ['right.revoked']);
  return new Set(
    revoked.flatMap(({ detail }) => (Array.isArray(detail.permissions) ? detail.permissions.map(String) : [])),
  );
}

/** Somebody trying what they may. */
export const probing: Rule = {
  id: 'probing',
  title: 'Many things tried that are not allowed',
  what: 'Different permissions refused to one person within three hours, or a few each day over a week. Trying as soon as they have signed in adds to it; what was refused to them before or in the same set to a colleague, one thing refused over and over, and a change of their roles in these days speak against it.',
  why: 'Whoever does not know what an account may has to try.',
  severity: 'medium',
  windowMs: 3 * hourMs,
  threshold: 4.3,
  after: ['access.refused'],
  remedy: 'step_up',
  byItself: 'dry_run',
  look(event, memory) {
    const { personId, atMs } = event;
    if (personId === null) return null;
    const refused = memory.recent(`person:${personId}`, atMs, this.windowMs, ['access.refused']);
    const wanted = permissionsIn(refused);
    const before = memory.recent(`person:${personId}`, atMs, 8 * dayMs, ['access.refused']);
    const inDays = permissionsIn(before);
    if (inDays.size < 3) return null;
    const known = permissionsIn(before.filter((one) => atMs - one.atMs > this.windowMs));
    const lost = lostBy(memory, personId, atMs);
    const telling = [...wanted].filter((one) => !known.has(one) && !lost.has(one)).length;
    const others = memory
      .recent('kind:access.refused', atMs, 2 * dayMs)
      .filter((one) => one.personId !== null && one.personId !== personId);
    const alike = alikeOf(wanted, others);
    const slow = slowlyTried(before, lost, others);
    const roleChange =
      memory.recent(`subject:${personId}`, atMs, 3 * dayMs, ['right.granted', 'right.revoked']).length > 0;
    const profile = memory.profile(`person:${personId}`);
    const session = memory.sessionOf(event);
    return {
      about: [`person:${personId}`],
      evidence: refused,
      reasons: reasonsOf(
        [
          Math.min(6, Math.max(0.55 * telling, slow.days > 2 ? 0.74 * slow.telling : 0)),
          `${wanted.size} different permissions now, ${inDays.size} in ${slow.days} days; of the slow ones those that others are refused too count less`,
        ],
        [-Math.min(3, 1 * alike), `${alike} others were refused most of the same`],
        [comesFor(memory, refused) ? 1 : 0, 'tried as soon as they had signed in'],
        [0.8 * (session?.deviceStrange ?? 0), 'the device is new for the person'],
        [0.6 * (session?.networkStrange ?? 0), 'the network is new for the person'],
        [1.5 * profile.oddHour(atMs), 'at an hour at which they are not there'],
        [roleChange ? -1.5 : 0, 'their rights changed in these days'],
        [atMs - profile.firstMs < 7 * dayMs ? -1.5 : 0, 'they are new here'],
      ),
    };
  },
};
