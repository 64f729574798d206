import type { Memory } from '../memory.ts';
import { dayMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { numberOf, textOf, type WatchedEvent } from '../watched-event.ts';

/** What others of the same roles exported within a day before an event, each against their own large days. */
function peersOf(memory: Memory, { personId, atMs }: WatchedEvent) {
  const group = memory.peerGroup(personId ?? '');
  const rows = new Map<string, number>();
  for (const one of memory.recent('kind:data.exported', atMs, dayMs)) {
    if (one.personId === null || one.personId === personId || memory.peerGroup(one.personId) !== group) continue;
    rows.set(one.personId, (rows.get(one.personId) ?? 0) + numberOf(one, 'rows'));
  }
  let [most, busy, byChance, largest] = [0, 0, 0, 0];
  for (const [id, sum] of rows) {
    const { large, days } = memory.profile(`person:${id}`).exportsBefore(atMs);
    most = Math.max(most, sum);
    largest = Math.max(largest, large);
    // A day is beyond nine of ten others once in ten.
    byChance += days < 5 ? 0.4 : 0.15;
    if (sum > 1.2 * Math.max(large, 300)) busy += 1;
  }
  // In standard deviations of what chance alone gives.
  return { most, largest, busier: (busy - byChance) / Math.sqrt(byChance + 0.5) };
}

/** Far more data taken out than the person or their peers ever take. */
export const massExport: Rule = {
  id: 'mass-export',
  title: 'Far more exported than is usual',
  what: 'Rows exported within a day against the person’s own days with exports and against people of the same roles; kinds of data that they had not exported until these days, pieces far larger than theirs, evening after evening and a strange session add to it. Peers who export more than usual at the same time (a quarter’s end), or who had such days before, speak against it.',
  why: 'Terms, prices and promotions of every customer leave in one evening, often in small pieces.',
  severity: 'high',
  windowMs: dayMs,
  threshold: 3.6,
  after: ['data.exported'],
  remedy: 'step_up',
  byItself: 'dry_run',
  look(event, memory) {
    const { personId, atMs } = event;
    if (personId === null) return null;
    const today = memory.recent(`person:${personId}`, atMs, this.windowMs, ['data.exported']);
    const rows = today.reduce((sum, one) => sum + numberOf(one, 'rows'), 0);
    const profile = memory.profile(`person:${personId}`);
    const own = profile.exportsBefore(atMs - 12 * 3_600_000);
    const peers = peersOf(memory, event);
    // Who never exported is compared with what others do.
    const usual = Math.max(own.large, 2 * own.middle, own.days < 4 ? 0.7 * peers.largest : 0, 1_500);
    const beyond = Math.log2(rows / usual);
    const lately = memory.recent(`person:${personId}`, atMs, 8 * dayMs, ['data.exported']);
    const kindsLately = new Set(lately.map((one) => textOf(one, 'what') ?? '')).size;
    const rowsLately = lately.reduce((sum, one) => sum + numberOf(one, 'rows'), 0);
    // What they first exported in these days is still new: data also leave a little every evening.
    const newKinds = [...new Set(lately.map((one) => textOf(one, 'what') ?? ''))].filter(
      (what) => !(atMs - (profile.deeds.firstSeenMs(`data.exported ${what}`) ?? atMs) > 8 * dayMs),
    );
    const evenings = new Set(
      lately.filter((one) => profile.oddHour(one.atMs) > 0.25).map((one) => Math.floor(one.atMs / dayMs)),
    ).size;
    const piece = Math.max(...today.map((one) => numberOf(one, 'rows'))) / Math.max(profile.usualPiece, 300);
    const peersLike = memory.peersOf(personId);
    const like = peersLike.filter((one) => one.exportedLike(atMs, rowsLately, kindsLately)).length;
    const likeShare = like / Math.max(peersLike.length, 8);
    if (beyond <= 0 && (newKinds.length < 3 || evenings < 2)) return null;
    const session = memory.sessionOf(event);
    const strange = session ? session.deviceStrange + session.networkStrange : 0;
    return {
      about: [`person:${personId}`],
      evidence: today,
      reasons: reasonsOf(
        [
          beyond > 0 ? 0.6 + Math.min(2.6, 0.7 * beyond) : -0.4,
          `${rows} rows in a day; a large day of theirs has ${Math.round(usual)}`,
        ],
        [
          newKinds.length === 0 ? -1 : Math.min(1, 0.4 + own.days / 10) * Math.min(3.6, 1.1 * newKinds.length),
          `${newKinds.length} kinds of data that they had not exported until these days`,
        ],
        [
          profile.usualPiece > 0 ? Math.min(1.8, Math.max(0, 0.8 * Math.log2(piece / 8))) : 0,
          'one piece is far larger than theirs are',
        ],
        [Math.min(1.6, 0.5 * Math.max(0, evenings - 1)), `on ${evenings} days at hours at which they are not there`],
        [1.2 * profile.oddHour(atMs), 'at an hour at which they are not there'],
        [beyond < 1 && evenings < 2 ? -1 : 0, 'not much more than on a large day'],
        [0.5 * strange, 'in a session that is strange for them'],
        [rows > 2 * peers.most ? 0.2 : -0.3, 'compared with people of the same roles in these days'],
        [-Math.min(4, 12 * likeShare), `${like} people of the same roles had such a day before`],
        [peers.busier > 1.5 ? -Math.min(2, 0.7 * peers.busier) : 0, 'several peers export more than usual too'],
        [atMs - profile.firstMs < 10 * dayMs ? -1.5 : 0, 'they are new here'],
      ),
    };
  },
};
