import { dayMs, hourMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { textOf } from '../watched-event.ts';

/** Somebody trying what they may. */
export const probing: Rule = {
  id: 'probing',
  title: 'Many things tried that are not allowed',
  what: 'Different permissions refused to one person within three hours. What was refused to them or to several colleagues before, one thing refused over and over, and a change of their roles in these days speak against it.',
  why: 'Whoever does not know what an account may has to try.',
  severity: 'medium',
  windowMs: 3 * hourMs,
  threshold: 4,
  after: ['access.refused'],
  remedy: 'step_up',
  byItself: 'dry_run',
  look(event, memory) {
    const { personId, atMs } = event;
    if (personId === null) return null;
    const refused = memory.recent(`person:${personId}`, atMs, this.windowMs, ['access.refused']);
    const wanted = new Set(refused.map((one) => textOf(one, 'permission') ?? ''));
    if (wanted.size < 3) return null;
    const before = memory.recent(`person:${personId}`, atMs, 8 * dayMs, ['access.refused']);
    const known = new Set(
      before.filter((one) => atMs - one.atMs > this.windowMs).map((one) => textOf(one, 'permission') ?? ''),
    );
    const others = memory
      .recent('kind:access.refused', atMs, 2 * dayMs)
      .filter((one) => one.personId !== null && one.personId !== personId);
    const common = (permission: string) =>
      new Set(others.filter((one) => textOf(one, 'permission') === permission).map((one) => one.personId)).size >= 3;
    const telling = [...wanted].filter((one) => !known.has(one)).reduce((sum, one) => sum + (common(one) ? 0.4 : 1), 0);
    const roleChange =
      memory.recent(`subject:${personId}`, atMs, 3 * dayMs, ['right.granted', 'right.revoked']).length > 0;
    const profile = memory.profile(`person:${personId}`);
    const session = memory.sessionOf(event);
    const isNew = atMs - profile.firstMs < 7 * dayMs;
    return {
      about: [`person:${personId}`],
      evidence: refused,
      reasons: reasonsOf(
        [
          Math.min(6, 0.7 * telling),
          `${wanted.size} different permissions; those that others are refused too count less`,
        ],
        [1.2 * (session?.deviceStrange ?? 0), 'the device is new for the person'],
        [1 * (session?.networkStrange ?? 0), 'the network is new for the person'],
        [1.5 * profile.oddHour(atMs), 'at an hour at which they are not there'],
        [roleChange ? -3.5 : 0, 'their rights changed in these days'],
        [isNew ? -1.5 : 0, 'they are new here'],
      ),
    };
  },
};
