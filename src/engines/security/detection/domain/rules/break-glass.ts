import { dayMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';

/** Emergency access was used: always told, never weighed. */
export const breakGlass: Rule = {
  id: 'break-glass',
  title: 'Emergency access was used',
  what: 'Every use of emergency access. Nothing speaks against it: somebody looks at each.',
  why: 'It goes around every other rule, so it must not go unseen.',
  severity: 'critical',
  windowMs: dayMs,
  threshold: 1,
  after: ['break_glass.used'],
  remedy: null,
  byItself: 'dry_run',
  look(event, memory) {
    const person = event.personId ?? event.subjectId;
    if (person === null) return null;
    return {
      about: [`person:${person}`],
      evidence: memory.recent(`person:${person}`, event.atMs, this.windowMs),
      reasons: reasonsOf([1, 'emergency access was used']),
    };
  },
};
