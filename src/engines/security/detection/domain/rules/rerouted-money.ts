import { dayMs, hourMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { textOf } from '../watched-event.ts';
import { largerThanUsual } from './odd-hour-settlement.ts';

/** It is changed where money goes, and then money goes there. */
export const reroutedMoney: Rule = {
  id: 'rerouted-money',
  title: 'Money settled just after its way was changed',
  what: 'The same person changes where a counterpart’s money goes and settles for that counterpart within three days. People who keep such data for many counterparts, and settlements by somebody else, speak against it.',
  why: 'Changing the way of the money is how paid claims end up with somebody else.',
  severity: 'critical',
  windowMs: 3 * dayMs,
  threshold: 3.6,
  after: ['act.settled', 'act.rerouted'],
  remedy: 'step_up',
  byItself: 'dry_run',
  look(event, memory) {
    const { atMs } = event;
    const counterpart = textOf(event, 'counterpartId');
    if (counterpart === null || event.personId === null) return null;
    const near = (kind: 'act.rerouted' | 'act.settled') =>
      memory
        .recent(`kind:${kind}`, atMs, this.windowMs)
        .filter((one) => textOf(one, 'counterpartId') === counterpart && one.outcome === 'succeeded');
    const rerouted = near('act.rerouted')[0];
    if (!rerouted?.personId) return null;
    const settled = near('act.settled').filter((one) => one.atMs > rerouted.atMs);
    const own = settled.filter(({ personId }) => personId === rerouted.personId);
    const [first] = settled;
    if (!first) return null;
    const profile = memory.profile(`person:${rerouted.personId}`);
    const keeps = new Set(
      memory
        .recent(`person:${rerouted.personId}`, atMs, 8 * dayMs, ['act.rerouted'])
        .map((one) => textOf(one, 'counterpartId'))
        .filter((one) => one !== counterpart),
    ).size;
    const backAgain = near('act.rerouted').length > 1;
    const delayMs = first.atMs - rerouted.atMs;
    const settler = memory.profile(`person:${first.personId ?? rerouted.personId}`);
    const larger = largerThanUsual(settled, settler.usualAmount);
    const session = memory.sessionOf(rerouted);
    return {
      about: [`person:${rerouted.personId}`],
      evidence: [...near('act.rerouted'), ...settled],
      reasons: reasonsOf(
        [
          own.length > 0 ? 3 : 0.5,
          own.length > 0 ? 'the same person changed the way and settled' : 'somebody else settled',
        ],
        [Math.min(0.8, 0.4 * (own.length - 1)), `${own.length} settlements`],
        [
          delayMs < 6 * hourMs ? 0.8 : delayMs > 31 * hourMs ? -0.6 : 0,
          delayMs < 6 * hourMs ? 'within hours' : 'not within a day',
        ],
        [Math.max(-0.8, Math.min(1.8, 0.9 * larger - 0.5)), 'compared with the amounts that they settle as a rule'],
        [
          profile.deeds.strangeness('act.rerouted', rerouted.atMs) > 0.5 ? 0.3 : 0,
          'they never changed such a thing before',
        ],
        [backAgain ? 1.2 : 0, 'it was changed again afterwards'],
        [1 * profile.oddHour(rerouted.atMs), 'at an hour at which they are not there'],
        [
          2.4 * Math.min(session?.deviceStrange ?? 0, session?.networkStrange ?? 0),
          'in a session that is strange for them',
        ],
        [-Math.min(3, 0.8 * keeps), `they changed that of ${keeps} other counterparts too`],
      ),
    };
  },
};
