import type { Memory } from '../memory.ts';
import { dayMs, hourMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { textOf } from '../watched-event.ts';
import { largerThanUsual } from './odd-hour-settlement.ts';

/** The sooner money follows the more telling: who keeps such data meets the counterpart again days later, by chance. */
const soonness = (delayMs: number) => Math.max(-2, Math.min(1.2, 1.6 - delayMs / (16 * hourMs)));

/** Where a counterpart's money goes: the changes of it, what was settled after the first, and that of whoever made it. */
function movesFor(memory: Memory, counterpart: string, atMs: number, windowMs: number) {
  const near = memory.recent(`counterpart:${counterpart}`, atMs, windowMs).filter((one) => one.outcome === 'succeeded');
  const changes = near.filter(({ kind }) => kind === 'act.rerouted');
  const settled = near.filter((one) => one.kind === 'act.settled' && one.atMs > (changes[0]?.atMs ?? atMs));
  return { changes, settled, own: settled.filter(({ personId }) => personId === changes[0]?.personId) };
}

/** For how many other counterparts somebody changed the way of the money in these days. */
function keptFor(memory: Memory, personId: string, atMs: number, but: string): number {
  const changed = memory.recent(`person:${personId}`, atMs, 8 * dayMs, ['act.rerouted']);
  return new Set(changed.map((one) => textOf(one, 'counterpartId')).filter((one) => one !== but)).size;
}

/** It is changed where money goes, and then money goes there. */
export const reroutedMoney: Rule = {
  id: 'rerouted-money',
  title: 'Money settled just after its way was changed',
  what: 'The same person changes where a counterpart’s money goes and settles for that counterpart, the sooner, the more often and the larger the more telling. People who keep such data for many counterparts, days between the two, and settlements by somebody else (unless a strange session made the change) speak against it.',
  why: 'Changing the way of the money is how paid claims end up with somebody else.',
  severity: 'critical',
  windowMs: 3 * dayMs,
  threshold: 3.6,
  after: ['act.settled', 'act.rerouted'],
  remedy: 'step_up',
  byItself: 'dry_run',
  look(event, memory) {
    const counterpart = textOf(event, 'counterpartId');
    if (counterpart === null || event.personId === null) return null;
    const { changes, settled, own } = movesFor(memory, counterpart, event.atMs, this.windowMs);
    const [rerouted] = changes;
    const first = own[0] ?? settled[0];
    if (!rerouted?.personId || !first) return null;
    const profile = memory.profile(`person:${rerouted.personId}`);
    const keeps = keptFor(memory, rerouted.personId, event.atMs, counterpart);
    const delayMs = first.atMs - rerouted.atMs;
    const settler = memory.profile(`person:${first.personId ?? rerouted.personId}`);
    const larger = largerThanUsual(own.length > 0 ? own : settled, settler.usualAmount);
    const session = memory.sessionOf(rerouted);
    return {
      about: [`person:${rerouted.personId}`],
      evidence: [...changes, ...settled],
      reasons: reasonsOf(
        [
          own.length > 0 ? 3.2 : 0.5,
          own.length > 0 ? 'the same person changed the way and settled' : 'somebody else settled',
        ],
        [Math.min(1.4, 0.7 * Math.max(0, own.length - 1)), `${own.length} settlements`],
        [own.length > 0 ? soonness(delayMs) : 0, `${Math.round(delayMs / hourMs)} hours after it was changed`],
        [Math.max(-0.8, Math.min(1.8, 0.9 * larger - 0.5)), 'compared with the amounts that they settle as a rule'],
        [
          profile.deeds.strangeness('act.rerouted', rerouted.atMs) > 0.5 ? 0.3 : 0,
          'they never changed such a thing before',
        ],
        [changes.length > 1 ? 1.2 : 0, 'it was changed again afterwards'],
        [1 * profile.oddHour(rerouted.atMs), 'at an hour at which they are not there'],
        [
          3 * Math.min(session?.deviceStrange ?? 0, session?.networkStrange ?? 0),
          'in a session that is strange for them',
        ],
        [-Math.min(3, 0.8 * keeps), `they changed that of ${keeps} other counterparts too`],
      ),
    };
  },
};
