import { dayMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { textOf } from '../watched-event.ts';

/** An exception from the separation of duties is over: nobody must have to look at a calendar to know. */
export const dutyExceptionOver: Rule = {
  id: 'duty-exception-over',
  title: 'An exception from the separation of duties is over',
  what: 'Exceptions whose last day is over, and those that somebody ended while the person can still do both. That another exception goes on speaks against it; else somebody sees that what was allowed has ended.',
  why: 'What was allowed for a while stays allowed where nobody notices its end.',
  severity: 'high',
  windowMs: dayMs,
  threshold: 1,
  after: ['duty.exception_ended'],
  remedy: null,
  byItself: 'dry_run',
  look(event) {
    const { subjectId, detail } = event;
    const both = detail.both === true;
    if (subjectId === null || detail.goesOn === true || (detail.happened !== 'expired' && !both)) return null;
    const taken = Array.isArray(detail.taken) ? detail.taken.join(', ') : '';
    return {
      about: [`person:${subjectId}`],
      evidence: [event],
      reasons: reasonsOf(
        [1, `the exception from ${textOf(event, 'conflict')} is over`],
        [taken === '' ? 0 : 0.5, `roles given under it were taken back: ${taken}`],
        [both ? 1 : 0, 'the person can still do both: take one side away, or have a new exception granted'],
      ),
    };
  },
};
