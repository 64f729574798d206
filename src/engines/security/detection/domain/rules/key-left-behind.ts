import { dayMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';

/** Keys of programs that somebody has read who may not come in any more, or not do any more what comes with them. */
export const keyLeftBehind: Rule = {
  id: 'key-left-behind',
  title: 'Somebody knows keys of programs who should not any more',
  what: 'A person lost access, the right to handle keys, or a right that a key opens, and had made keys of programs that still work: whoever makes a key reads it. Nothing speaks against it; rotating, setting aside or revoking the keys ends it.',
  why: 'A key goes on working for whoever wrote it down, also after their own access or right ended.',
  severity: 'medium',
  windowMs: dayMs,
  threshold: 1,
  after: ['person.disabled', 'right.revoked'],
  // Setting a key aside stops the program: people choose when.
  remedy: null,
  byItself: 'dry_run',
  look(event) {
    const keys = Array.isArray(event.detail.keys) ? event.detail.keys.map(String) : [];
    if (event.subjectId === null || keys.length === 0) return null;
    const how =
      event.kind === 'person.disabled' ? 'they may not come in any more' : 'they lost a right that comes with them';
    return {
      about: [`person:${event.subjectId}`, ...keys.map((key) => `key:${key}`)],
      evidence: [event],
      reasons: reasonsOf([
        1,
        `${keys.length} keys of programs that they have read still work, and ${how}: rotate or revoke them`,
      ]),
    };
  },
};
