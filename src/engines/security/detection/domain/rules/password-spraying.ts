import type { Memory } from '../memory.ts';
import { dayMs, hourMs, minuteMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { isGuess, type WatchedEvent } from '../watched-event.ts';

const targetOf = ({ personId, account, id }: WatchedEvent) => personId ?? account ?? id;

/** The largest number of targets that one device tried. */
function mostByOneDevice(events: readonly WatchedEvent[]): number {
  const targets = new Map<string, Set<string>>();
  for (const event of events) {
    const device = event.device ?? '';
    targets.set(device, (targets.get(device) ?? new Set()).add(targetOf(event)));
  }
  return Math.max(0, ...[...targets.values()].map(({ size }) => size));
}

/** How long one try is after the other on average, and how many there are at an account. */
function paceOf(guesses: readonly WatchedEvent[]): { everyMs: number; each: number } {
  const lastsMs = (guesses.at(-1)?.atMs ?? 0) - (guesses[0]?.atMs ?? 0);
  return {
    everyMs: lastsMs / Math.max(guesses.length - 1, 1),
    each: guesses.length / new Set(guesses.map(targetOf)).size,
  };
}

const isSlow = ({ everyMs, each }: ReturnType<typeof paceOf>) => everyMs > 10 * minuteMs && each < 1.3;

/** Other networks that try other accounts as slowly in the same hours: one attack that goes through several ways out. */
function alongside(memory: Memory, { network, atMs }: WatchedEvent, own: readonly WatchedEvent[]): string[] {
  if (!isSlow(paceOf(own))) return [];
  const tried = new Set(own.map(targetOf));
  const by = new Map<string, WatchedEvent[]>();
  for (const one of memory.recent('kind:sign_in.password', atMs, dayMs)) {
    if (!isGuess(one) || one.network === null || one.network === network) continue;
    if (memory.usersOf(one.network).size === 0) by.set(one.network, [...(by.get(one.network) ?? []), one]);
  }
  return [...by]
    .filter(([, guesses]) => guesses.length >= 3 && isSlow(paceOf(guesses)))
    .filter(([, guesses]) => !guesses.some((one) => tried.has(targetOf(one))))
    .filter(([, guesses]) => Math.abs((guesses[0]?.atMs ?? 0) - (own[0]?.atMs ?? 0)) < 4 * hourMs)
    .map(([other]) => `network:${other}`);
}

/** Few tries at each of many accounts from one network. */
export const passwordSpraying: Rule = {
  id: 'password-spraying',
  title: 'A few passwords tried at many accounts',
  what: 'One network trying many accounts within a day by devices that do not belong to them. Accounts that get in from there, devices that are theirs, and an office speak against it.',
  why: 'One common password tried at everybody gets in somewhere and never trips the throttle of an account.',
  severity: 'high',
  windowMs: dayMs,
  threshold: 5,
  after: ['sign_in.password', 'sign_in.throttled'],
  remedy: null,
  byItself: 'dry_run',
  look(event, memory) {
    const { network, atMs } = event;
    if (network === null || event.outcome !== 'refused') return null;
    const there = memory.recent(`network:${network}`, atMs, this.windowMs);
    const strange = there
      .filter(isGuess)
      .filter((one) => one.personId === null || memory.deviceStrangeness(one, one.personId) > 0.5);
    const targets = new Set(strange.map(targetOf));
    if (targets.size < 4) return null;
    const entered = there.filter(({ kind, personId }) => kind === 'sign_in.succeeded' && personId !== null);
    const inside = new Set(entered.map(({ personId }) => personId));
    const own = new Set(
      entered.filter((one) => !strange.some(({ device }) => device === one.device)).map((one) => one.personId),
    );
    const nobody = new Set(strange.filter(({ personId }) => personId === null).map(targetOf)).size;
    const byOne = mostByOneDevice(strange);
    const devices = new Set(strange.map(({ device }) => device)).size;
    const share = inside.size / (targets.size + inside.size);
    return {
      about: [`network:${network}`, ...alongside(memory, event, strange)],
      evidence: strange,
      reasons: reasonsOf(
        [Math.min(5, 1.5 * Math.log2(targets.size)), `${targets.size} accounts tried by devices that are not theirs`],
        [Math.min(2.5, 0.45 * byOne), `${byOne} of them by one device`],
        [Math.min(1.5, 0.3 * nobody), `${nobody} of them accounts that nobody has`],
        [devices > 2 && devices >= 0.5 * targets.size ? -2.4 : 0, `each from a device of its own`],
        [-6 * share, `${inside.size} people got in from there`],
        [-Math.min(2, 0.5 * own.size), `${own.size} of them by other devices`],
        [memory.isHouseNetwork(network, atMs) ? -2 : 0, 'it is a network of the house'],
      ),
    };
  },
};
