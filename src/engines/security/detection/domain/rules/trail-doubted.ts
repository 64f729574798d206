import { dayMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { textOf } from '../watched-event.ts';

/** The product itself found that the audit trail is not to be trusted as it stands. */
export const trailDoubted: Rule = {
  id: 'trail-doubted',
  title: 'The audit trail is in doubt',
  what: 'What the product refuses to do about its own trail: to go on sealing a database that was put back or altered, to drop entries by a retention or a release of a hold that nobody decided, or by a clock that jumped.',
  why: 'Only somebody with the whole database, or with its clock, can do that; or a restore that nobody has accepted yet.',
  severity: 'critical',
  windowMs: dayMs,
  threshold: 1,
  after: ['trail.doubted'],
  remedy: null,
  byItself: 'dry_run',
  look(event) {
    return {
      about: [`trail:${textOf(event, 'doubt') ?? 'unknown'}`],
      evidence: [event],
      reasons: reasonsOf([1, textOf(event, 'because') ?? 'the trail is in doubt']),
    };
  },
};
