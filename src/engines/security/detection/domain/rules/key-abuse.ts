import type { Memory } from '../memory.ts';
import { dayMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { textOf, type WatchedEvent } from '../watched-event.ts';

const seen = ['key.used', 'access.refused', 'data.exported'] as const;

/** Who else is at the strange networks: keys that came there in these days, people who were there before. */
function othersAt(memory: Memory, networks: ReadonlySet<string>, key: string) {
  const users = [...networks].flatMap((network) => [...memory.usersOf(network).keys()]);
  return {
    keys: new Set(users.filter((one) => one.startsWith('key:') && one !== `key:${key}`)).size,
    people: new Set(users.filter((one) => one.startsWith('person:'))).size,
  };
}

/** Permissions refused at strange networks, and elsewhere, that were not refused in the days before. */
function newlyDenied(
  memory: Memory,
  key: string,
  atMs: number,
  refused: readonly WatchedEvent[],
  strange: (one: WatchedEvent) => boolean,
) {
  const earlier = memory.recent(`subject:${key}`, atMs, 8 * dayMs, ['access.refused']);
  const known = new Set(earlier.filter((one) => atMs - one.atMs > dayMs).map((one) => textOf(one, 'permission')));
  const fresh = refused.filter((one) => !known.has(textOf(one, 'permission')));
  const count = (some: readonly WatchedEvent[]) => new Set(some.map((one) => textOf(one, 'permission'))).size;
  return { there: count(fresh.filter(strange)), here: count(fresh.filter((one) => !strange(one))) };
}

/** An API key in other hands: another network, other wishes. */
export const keyAbuse: Rule = {
  id: 'key-abuse',
  title: 'An API key used by somebody else',
  what: 'A key used from a network that is new for it and that nobody here was ever seen on, asking there for what it may not, while it is in use at its old place too. Other keys that move to the same network, a network of people who work here, and refusals at the usual place (a new release) speak against it.',
  why: 'A key that leaked from a script works from everywhere, and whoever found it tries what it opens.',
  severity: 'high',
  windowMs: dayMs,
  threshold: 3,
  after: ['key.used', 'access.refused', 'data.exported'],
  remedy: 'quarantine_key',
  byItself: 'act',
  look(event, memory) {
    const key = textOf(event, 'keyId') ?? (event.kind === 'key.used' ? event.subjectId : null);
    if (key === null) return null;
    const profile = memory.profile(`key:${key}`);
    // A key of which little is known is being set up.
    if (Number.isNaN(profile.firstMs) || event.atMs - profile.firstMs < 4 * dayMs) return null;
    const today = memory.recent(`subject:${key}`, event.atMs, this.windowMs, seen);
    // A place where it was first seen in these two days is still strange.
    const strange = ({ network }: WatchedEvent) =>
      network !== null && !(event.atMs - (profile.networks.firstSeenMs(network) ?? event.atMs) > 2 * dayMs);
    const networks = new Set(today.filter(strange).map(({ network }) => network ?? ''));
    if (networks.size === 0) return null;
    const firstMs = today.find(strange)?.atMs ?? event.atMs;
    const old = today.some((one) => one.kind === 'key.used' && !strange(one) && one.atMs >= firstMs);
    const uses = today.filter(({ kind, atMs }) => kind === 'key.used' && atMs >= firstMs).map(strange);
    const turns = uses.filter((one, n) => n > 0 && one !== uses[n - 1]).length;
    const denied = newlyDenied(
      memory,
      key,
      event.atMs,
      today.filter(({ outcome }) => outcome === 'refused'),
      strange,
    );
    const others = othersAt(memory, networks, key);
    return {
      about: [`key:${key}`],
      evidence: today,
      reasons: reasonsOf(
        [2, 'the network is new for the key'],
        [Math.min(3, 1.4 * denied.there), `${denied.there} permissions that it does not have were asked for there`],
        [Math.min(0.6, 0.2 * denied.here), `${denied.here} were refused at its usual place`],
        [networks.size > 1 ? 1 : 0, `${networks.size} networks at once`],
        [old ? 0.6 : 0, 'it is in use at its old place too'],
        [turns > 2 ? 0.5 : 0, 'it goes back and forth between both'],
        [-Math.min(3, 1.5 * others.keys), `${others.keys} other keys are there too`],
        [others.people > 0 ? -2.5 : 0, 'people who work here are there too'],
      ),
    };
  },
};
