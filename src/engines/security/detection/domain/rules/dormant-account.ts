import { dayMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { deedsIn } from './deeds.ts';

/** An account that wakes after a long time and does not behave like somebody who comes back. */
export const dormantAccount: Rule = {
  id: 'dormant-account',
  title: 'A dormant account wakes',
  what: 'A sign-in after 30 days or more of silence, from a device or network that is new, and what follows within two days. Coming back with one’s own device or a second factor, from the office, to one’s usual work speaks against it.',
  why: 'Nobody misses an account that nobody uses.',
  severity: 'high',
  windowMs: 2 * dayMs,
  threshold: 4.2,
  after: [
    'sign_in.succeeded',
    'data.exported',
    'act.approved',
    'act.settled',
    'factor.added',
    'email.changed',
    'access.refused',
  ],
  remedy: 'end_sessions',
  byItself: 'act',
  look(event, memory) {
    const { personId, atMs } = event;
    if (personId === null) return null;
    const recent = memory.recent(`person:${personId}`, atMs, this.windowMs);
    const starts = recent.filter(({ kind }) => kind === 'sign_in.succeeded');
    const woke = starts
      .map(({ sessionId }) => memory.sessions.get(sessionId ?? ''))
      .find((one) => one && one.silenceMs >= 28 * dayMs);
    if (!woke) return null;
    const since = recent.filter((one) => one.atMs >= woke.atMs);
    const deeds = deedsIn(since, memory.profile(`person:${personId}`));
    return {
      about: [`person:${personId}`],
      evidence: since,
      reasons: reasonsOf(
        [1.5, `nothing for ${Math.round(woke.silenceMs / dayMs)} days`],
        [1.2 * woke.deviceStrange, 'the device is new for the person'],
        [1.8 * woke.networkStrange, 'the network is new for the person'],
        [woke.deviceStrange < 0.5 ? -1.5 : 0, 'their own device'],
        [deeds.unusual + deeds.money + deeds.protection + deeds.refused === 0 ? -0.4 : 0, 'nothing telling done yet'],
        [woke.strong ? -1.2 : 0, 'a second factor was shown'],
        [1 * woke.oddHour, 'at an hour at which they are not there'],
        [Math.min(2, 0.8 * deeds.unusual), `${deeds.unusual} acts of kinds that they never do`],
        [deeds.exportedRatio > 1 ? 0.6 : 0, 'more was exported than on a large day of theirs'],
        [deeds.protection > 0 ? 0.8 : 0, 'what protects the account was changed'],
        [deeds.money > 0 ? 0.4 : 0, `${deeds.money} acts that move money`],
        [Math.min(2, 1.1 * deeds.refused), `${deeds.refused} things were refused`],
      ),
    };
  },
};
