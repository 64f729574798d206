import { dayMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { numberOf, textOf } from '../watched-event.ts';

/** Sealed values that did not open while keys were turned over. */
export const sealedValueDamaged: Rule = {
  id: 'sealed-value-damaged',
  title: 'Something sealed does not open',
  what: 'Values that a turning over of keys could not open: altered, moved, or sealed under a key that is gone. Nothing speaks against it; the rest was turned over.',
  why: 'Only somebody with the database or the key store can alter them, or a copy is not whole.',
  severity: 'high',
  windowMs: dayMs,
  threshold: 1,
  after: ['key.damaged'],
  remedy: null,
  byItself: 'dry_run',
  look(event) {
    const { places } = event.detail;
    const named = Array.isArray(places) ? places.map(String).join('; ') : '';
    return {
      about: [`keys:${textOf(event, 'keys') ?? 'unknown'}`],
      evidence: [event],
      reasons: reasonsOf([1, `${numberOf(event, 'count')} values do not open: ${named}`]),
    };
  },
};
