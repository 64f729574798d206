import { dayMs } from '../profile.ts';
import type { Rule } from '../rule.ts';

/** An event over which a rule failed: it finds nothing by itself, its incidents are raised where a rule throws. */
export const unjudged: Rule = {
  id: 'unjudged',
  title: 'An event could not be judged',
  what: 'Events at which a rule failed. The event stands in the evidence, the rule among what it is about; the other rules have looked at it.',
  why: 'What one rule cannot look at would otherwise go unseen, or keep everything after it from being seen.',
  severity: 'medium',
  windowMs: dayMs,
  threshold: 1,
  after: [],
  remedy: null,
  byItself: 'dry_run',
  look: () => null,
};
