import type { Memory } from '../memory.ts';
import { dayMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { numberOf, textOf, type WatchedEvent } from '../watched-event.ts';

/** Below so many rows a day is not large for anybody, and a piece of that many is small. */
const smallDay = 1_500;
const smallPiece = 300;

const between = (low: number, value: number, high: number) => Math.max(low, Math.min(high, value));
const rowsIn = (some: readonly WatchedEvent[]) => some.reduce((sum, one) => sum + numberOf(one, 'rows'), 0);
const kindsIn = (some: readonly WatchedEvent[]) => new Set(some.map((one) => textOf(one, 'what') ?? ''));

/** What is a large day for people of the same roles, and how many of them have a larger one just now. */
function peersAt(memory: Memory, personId: string, atMs: number): { large: number; busier: number; share: number } {
  const larges: number[] = [];
  let busier = 0;
  const peers = memory.peersOf(personId);
  for (const id of peers) {
    const profile = memory.profile(`person:${id}`);
    const { large, days } = profile.exportsBefore(atMs);
    if (days > 0) larges.push(large);
    if (profile.exportedSinceYesterday(atMs) > 1.5 * Math.max(large, smallDay)) busier += 1;
  }
  larges.sort((a, b) => a - b);
  return { large: larges[Math.floor(larges.length / 2)] ?? 0, busier, share: busier / Math.max(peers.length, 5) };
}

/** How the pieces of a day stand to what somebody exports as a rule. */
function piecesOf(memory: Memory, personId: string, today: readonly WatchedEvent[]): { larger: number; again: number } {
  const { usualPiece } = memory.profile(`person:${personId}`);
  const largest = Math.max(...today.map((one) => numberOf(one, 'rows')));
  return {
    larger: usualPiece === 0 ? 0 : Math.log2(Math.max(largest, 1) / Math.max(usualPiece, smallPiece)),
    again: 1 - kindsIn(today).size / today.length,
  };
}

/** What somebody had not exported until these eight days: data also leave a little every evening. */
function newKinds(memory: Memory, personId: string, atMs: number): number {
  const { deeds } = memory.profile(`person:${personId}`);
  const lately = memory.recent(`person:${personId}`, atMs, 8 * dayMs, ['data.exported']);
  const isNew = (what: string) => !(atMs - (deeds.firstSeenMs(`data.exported ${what}`) ?? atMs) > 8 * dayMs);
  return [...kindsIn(lately)].filter(isNew).length;
}

/** Far more data taken out than the person or their peers ever take. */
export const massExport: Rule = {
  id: 'mass-export',
  title: 'Far more exported than is usual',
  what: 'Rows exported within a day against large days of people of the same roles, pieces larger than the person’s own, and kinds of data that they had not exported until these days; hours and days at which they are not there add to it. The same kind again and again (a report that is tried until it fits), peers who export more than usual at the same time (a quarter’s end) and new colleagues speak against it.',
  why: 'Terms, prices and promotions of every customer leave in one evening, often in small pieces, or a little of everything every evening.',
  severity: 'high',
  windowMs: 8 * dayMs,
  threshold: 3.8,
  after: ['data.exported'],
  remedy: 'step_up',
  byItself: 'dry_run',
  look(event, memory) {
    const { personId, atMs } = event;
    if (personId === null) return null;
    const today = memory.recent(`person:${personId}`, atMs, dayMs, ['data.exported']);
    const rows = rowsIn(today);
    const profile = memory.profile(`person:${personId}`);
    const fresh = newKinds(memory, personId, atMs);
    const { larger, again } = piecesOf(memory, personId, today);
    const peers = peersAt(memory, personId, atMs);
    const beyond = Math.log2(Math.max(rows, 1) / Math.max(peers.large, smallDay));
    return {
      about: [`person:${personId}`],
      evidence: today,
      reasons: reasonsOf(
        [
          0.6 * between(-2, beyond, 4),
          `${rows} rows in a day; a large day of their peers has ${Math.max(peers.large, smallDay)}`,
        ],
        [0.48 * Math.min(5, fresh), `${fresh} kinds of data that they had not exported until these days`],
        [0.35 * between(-1, larger, 6), 'the largest piece, compared with theirs'],
        [-3 * again, `${Math.round(100 * again)} % of the pieces are the same kind of data again`],
        [profile.oddHour(atMs), 'at an hour at which they are not there'],
        [2.2 * profile.oddDay(atMs), 'on a day of the week on which they are not there'],
        [-7 * Math.min(0.5, peers.share), `${peers.busier} of their peers export more than usual too`],
        [atMs - profile.firstMs < 10 * dayMs ? -2 : 0, 'they are new here'],
      ),
    };
  },
};
