import type { SessionStart } from '../memory.ts';
import { dayMs, hourMs, type Profile } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import type { WatchedEvent } from '../watched-event.ts';
import { deedsIn } from './deeds.ts';

/** Whether somebody was at work with a device of theirs at about the time at which a session began on another. */
function isAtWorkElsewhere(recent: readonly WatchedEvent[], session: SessionStart, profile: Profile): boolean {
  return recent.some(
    ({ atMs, device, outcome }) =>
      outcome === 'succeeded' &&
      device !== session.device &&
      Math.abs(atMs - session.atMs) < 1.5 * hourMs &&
      profile.devices.strangeness(device, atMs) < 0.5,
  );
}

/** A session from a device and a network that the person never used, and what is done in it. */
export const strangeSignIn: Rule = {
  id: 'strange-sign-in',
  title: 'A session that is not like its owner',
  what: 'A sign-in by a device and from a network that are both new for the person, without a second factor, at an odd hour or after failures, followed by acts that are not usual for them. Either one alone (a traveller, a new laptop at the office) is not enough.',
  why: 'Whoever has a stolen password has neither its owner’s device nor their habits.',
  severity: 'high',
  windowMs: dayMs,
  threshold: 5.5,
  after: [
    'sign_in.succeeded',
    'data.exported',
    'act.made',
    'act.approved',
    'act.settled',
    'act.rerouted',
    'factor.added',
    'factor.removed',
    'email.changed',
    'password.changed',
    'key.created',
    'right.granted',
    'access.refused',
  ],
  remedy: 'end_sessions',
  byItself: 'act',
  look(event, memory) {
    const session = memory.sessionOf(event);
    if (!session || session.deviceStrange < 0.5 || session.networkStrange < 0.5) return null;
    const { personId } = session;
    const profile = memory.profile(`person:${personId}`);
    // Nobody is unlike somebody of whom nothing is known.
    if (Number.isNaN(profile.firstMs) || session.atMs - profile.firstMs < 5 * dayMs) return null;
    const recent = memory.recent(`person:${personId}`, event.atMs, this.windowMs);
    const since = recent.filter(({ atMs }) => atMs >= session.atMs);
    const there = recent.filter((one) => one.device === session.device && one.atMs <= session.atMs);
    const failed = there.filter(({ kind, outcome }) => kind === 'sign_in.password' && outcome === 'refused');
    const asked = there.some(({ kind }) => kind === 'password.reset_requested');
    const others = [...memory.usersOf(session.network).keys()].filter((one) => one !== `person:${personId}`).length;
    const deeds = deedsIn(since, profile);
    const elsewhere = isAtWorkElsewhere(recent, session, profile);
    return {
      about: [`person:${personId}`],
      evidence: [...failed.slice(-5), ...since],
      reasons: reasonsOf(
        [2 * session.deviceStrange, 'the device is new for the person'],
        [2 * session.networkStrange, 'the network is new for the person'],
        [session.strong ? -1.2 : 0, 'a second factor was shown'],
        [!session.strong && profile.isStrongByHabit ? 1.5 : 0, 'without the second factor that they show as a rule'],
        [1.2 * session.oddHour, 'at an hour at which they are not there'],
        [asked ? 1 : 0, 'after a new password was asked for there'],
        [-Math.min(2.4, 0.8 * others), `${others} others came to that network too`],
        [elsewhere ? 0.5 : 0, 'while the person was at work with a device of theirs'],
        [Math.min(3.4, 2.3 * deeds.protection), 'what protects the account was changed'],
        [Math.min(2.4, 0.8 * deeds.unusual), `${deeds.unusual} acts of kinds that they never do`],
        [
          deeds.exportedRatio > 1 ? Math.min(2.5, 0.8 + 0.5 * Math.log2(deeds.exportedRatio)) : 0,
          'more was exported than on a large day of theirs',
        ],
        [deeds.money > 0 ? 0.2 : 0, `${deeds.money} acts that move money`],
        [deeds.refused > 2 ? 0.8 : 0, 'several things were refused'],
      ),
    };
  },
};
