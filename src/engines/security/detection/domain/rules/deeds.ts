import type { Profile } from '../profile.ts';
import { numberOf, textOf, type WatchedEvent } from '../watched-event.ts';

const protecting: readonly string[] = [
  'factor.added',
  'factor.removed',
  'email.changed',
  'password.changed',
  'key.created',
];
const moving: readonly string[] = ['act.approved', 'act.settled', 'act.rerouted'];

/** Whether an event is an act that a stranger would be after. */
export function isSensitive({ kind, outcome }: WatchedEvent): boolean {
  return outcome === 'succeeded' && (moving.includes(kind) || kind === 'data.exported' || kind === 'right.granted');
}

/** What was done, beside what the person usually does. */
export interface Deeds {
  /** Changes of what protects the account. */
  protection: number;
  /** Sensitive kinds of act, and kinds of exported data, that the person has not to do with as a rule. */
  unusual: number;
  /** Rows exported, as a multiple of a large day of theirs; 0 without exports. */
  exportedRatio: number;
  /** Acts that move money. */
  money: number;
  refused: number;
}

/** Sums up what was done in some events of one person. */
export function deedsIn(events: readonly WatchedEvent[], profile: Profile): Deeds {
  const done = events.filter(({ outcome }) => outcome === 'succeeded');
  const unusual = new Set<string>();
  let rows = 0;
  for (const event of done.filter(isSensitive)) {
    const what = textOf(event, 'what');
    const deed = what === null ? event.kind : `${event.kind} ${what}`;
    if (profile.deeds.strangeness(deed, event.atMs) > 0.5) unusual.add(deed);
    if (event.kind === 'data.exported') rows += numberOf(event, 'rows');
  }
  const last = events.at(-1);
  const large = last ? profile.exportsBefore(last.atMs).large : 0;
  return {
    protection: new Set(done.filter(({ kind }) => protecting.includes(kind)).map(({ kind }) => kind)).size,
    unusual: unusual.size,
    exportedRatio: rows / Math.max(large, 1_000),
    money: done.filter(({ kind }) => moving.includes(kind)).length,
    refused: new Set(events.filter(({ kind }) => kind === 'access.refused').map((one) => textOf(one, 'permission')))
      .size,
  };
}
