import { dayMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { textOf } from '../watched-event.ts';

const ways: Record<string, string> = {
  added: 'was set up by an administrator alone',
  changed: 'was changed by an administrator alone',
  'asked to be added': 'waits for a second person to be set up',
  'asked to be changed': 'waits for a second person to be changed',
};

/** A sign-in provider that somebody set up or changed: whom it vouches for is believed. */
export const providerChanged: Rule = {
  id: 'provider-changed',
  title: 'A sign-in provider was set up or changed',
  what: 'Somebody set up a provider of single sign-on, or changed one. Nothing speaks against it: whoever runs the provider can sign in as every member whose e-mail it vouches for.',
  why: 'An administrator with a provider of their own could act as anybody of the tenant, also as whoever decides on their work.',
  severity: 'high',
  windowMs: dayMs,
  threshold: 1,
  after: ['provider.changed'],
  // Whether the provider is the tenant's own only people know.
  remedy: null,
  byItself: 'dry_run',
  look(event) {
    if (event.personId === null || event.outcome !== 'succeeded') return null;
    const happened = textOf(event, 'happened');
    const how = ways[happened ?? ''] ?? 'was changed';
    return {
      about: [`person:${event.personId}`],
      evidence: [event],
      reasons: reasonsOf([1, `a provider of single sign-on ${how}: make sure that it is the tenant’s own`]),
    };
  },
};
