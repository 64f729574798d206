import type { Memory } from '../memory.ts';
import { hourMs, minuteMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { isGuess, textOf, type WatchedEvent } from '../watched-event.ts';

/** Whether an event is a wrong password, or a wrong code after the right one. */
const isTry = (one: WatchedEvent) =>
  isGuess(one) || (one.kind === 'sign_in.second_factor' && one.outcome === 'refused');

/** How much some tries weigh by where they come from, and from how many networks that are not the owner's. */
function weighPlaces(memory: Memory, personId: string, tries: readonly WatchedEvent[]) {
  const away = (one: WatchedEvent) => memory.networkStrangeness(one, personId) > 0.5;
  const weight = tries.reduce((sum, one) => {
    // Known networks, the office among them, are where owners get new devices; and who is held up clicks again.
    const place = away(one) ? 1 : 0.12;
    return sum + (one.kind === 'sign_in.throttled' ? place / 2 : place);
  }, 0);
  return { weight, places: new Set(tries.filter(away).map(({ network }) => network)).size };
}

function isByProgram(tries: readonly WatchedEvent[]): boolean {
  const paces = tries.slice(1).map((one, i) => one.atMs - (tries[i]?.atMs ?? 0));
  return tries.length > 12 && Math.max(...paces) < 3 * minuteMs;
}

/** Many wrong passwords or codes for one account, by somebody who is not its owner. */
export const bruteForce: Rule = {
  id: 'brute-force',
  title: 'Guessing at one account',
  what: 'Wrong passwords and codes for one account within 36 hours, from devices and networks that are not its owner’s. The owner’s own device, an office, and a reset or sign-in by the owner speak against it.',
  why: 'Guessing that is spread over hours and addresses stays below every throttle.',
  severity: 'high',
  windowMs: 36 * hourMs,
  threshold: 5,
  after: ['sign_in.password', 'sign_in.second_factor', 'sign_in.throttled', 'sign_in.succeeded'],
  remedy: 'step_up',
  byItself: 'act',
  look(event, memory) {
    const { personId, atMs } = event;
    if (personId === null) return null;
    const person = memory.recent(`person:${personId}`, atMs, this.windowMs);
    const strange = person.filter((one) => isTry(one) && memory.deviceStrangeness(one, personId) > 0.5);
    if (strange.length < 3) return null;
    const { weight, places } = weighPlaces(memory, personId, strange);
    const first = strange[0]?.atMs ?? atMs;
    const codes = strange.filter(({ kind }) => kind === 'sign_in.second_factor').length;
    const asked = person.some(({ kind, atMs: at }) => kind === 'password.reset_requested' && at >= first);
    const changed = person.some((one) => one.kind === 'password.changed' && one.atMs < first);
    const owner = person.some(
      (one) => one.kind === 'sign_in.succeeded' && one.atMs >= first && memory.deviceStrangeness(one, personId) < 0.5,
    );
    const away = first - memory.profile(`person:${personId}`).lastMs > 9 * 24 * hourMs;
    // Who tries many accounts from one place is found once.
    const from = strange.at(-1)?.network ?? null;
    const place = from !== null && memory.usersOf(from).size === 0 ? [`network:${from}`] : [];
    return {
      about: [`person:${personId}`, ...place],
      evidence: strange,
      reasons: reasonsOf(
        [Math.min(6, 1.6 * Math.log2(1 + weight)), `${strange.length} refused from devices that are not theirs`],
        [Math.min(3, 1.2 * Math.max(0, places - 1)), `from ${places} networks`],
        [codes > 2 ? 1 : 0, 'the password was right, the code was guessed at'],
        [isByProgram(strange) ? 1 : 0, 'at the pace of a program'],
        [changed ? -1.5 : 0, 'the password was changed in these days: a device of theirs may not know it yet'],
        [asked ? -2.5 : 0, 'a new password was asked for in the course of it'],
        [away ? -1 : 0, 'the person comes back after a time away'],
        [owner && places < 2 ? -1 : 0, 'the owner signed in meanwhile'],
        [textOf(event, 'reason') === 'expired' ? -2 : 0, 'the password had expired'],
      ),
    };
  },
};
