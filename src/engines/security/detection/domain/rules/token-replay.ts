import { hourMs, minuteMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';

/** A token of a session that turns up with somebody else. */
export const tokenReplay: Rule = {
  id: 'token-replay',
  title: 'A session’s token used by somebody else',
  what: 'A spent refresh token, or a session that goes on, with a device that is not the one which began it, from a network that is new for the person, while the session is in use. Tabs that race and a phone that leaves the office network keep their device.',
  why: 'A copied token is as good as a password, and needs none.',
  severity: 'critical',
  windowMs: 12 * hourMs,
  threshold: 4,
  after: ['token.reused', 'session.moved'],
  remedy: 'end_sessions',
  byItself: 'act',
  look(event, memory) {
    const { personId, sessionId, atMs } = event;
    if (personId === null) return null;
    const began = sessionId === null ? undefined : memory.sessions.get(sessionId);
    const deviceStrange = memory.deviceStrangeness(event, personId);
    const networkStrange = memory.networkStrangeness(event, personId);
    const other = began !== undefined && began.device !== event.device;
    const recent = memory.recent(`person:${personId}`, atMs, this.windowMs);
    const inUse = recent.some(
      (one) =>
        one.id !== event.id &&
        one.device === began?.device &&
        one.network !== event.network &&
        atMs - one.atMs < 45 * minuteMs,
    );
    const again = recent.filter(
      ({ kind, device }) => (kind === 'token.reused' || kind === 'session.moved') && device === event.device,
    );
    return {
      about: [`person:${personId}`],
      evidence: recent.filter((one) => one.sessionId === sessionId).slice(-20),
      reasons: reasonsOf(
        [
          event.kind === 'token.reused' ? 1 : 0.5,
          event.kind === 'token.reused' ? 'a spent token came again' : 'the session moved',
        ],
        [
          other ? 1.2 : -2.5,
          other ? 'another device than the one that began the session' : 'the device that began the session',
        ],
        [1.6 * deviceStrange, 'the device is new for the person'],
        [1.6 * networkStrange, 'the network is new for the person'],
        [networkStrange < 0.3 ? -1.5 : 0, 'a network that they know'],
        [inUse && other ? 0.8 : 0, 'the session was in use elsewhere at that time'],
        [again.length > 1 && other ? 0.4 : 0, 'more than once'],
      ),
    };
  },
};
