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
  what: 'Rows exported within a day against the person’s own days with exports and against people of the same roles; kinds of data that they never export, an odd hour and a strange session add to it. Peers who export more than usual at the same time (a quarter’s end) speak against it.',
  why: 'Terms, prices and promotions of every customer leave in one evening, often in small pieces.',
  severity: 'high',
  windowMs: dayMs,
  threshold: 4.4,
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
    if (beyond <= 0) return null;
    const kinds = new Set(today.map((one) => textOf(one, 'what') ?? ''));
    const newKinds = [...kinds].filter((what) => profile.deeds.strangeness(`data.exported ${what}`, atMs) > 0.5);
    const session = memory.sessionOf(event);
    const strange = session ? session.deviceStrange + session.networkStrange : 0;
    return {
      about: [`person:${personId}`],
      evidence: today,
      reasons: reasonsOf(
        [0.8 + Math.min(4.4, 1.1 * beyond), `${rows} rows in a day; a large day of theirs has ${Math.round(usual)}`],
        [rows > 2 * peers.most ? 0.5 : -0.3, 'compared with people of the same roles in these days'],
        [
          Math.min(1, own.days / 6) * Math.min(3.6, 1.2 * newKinds.length),
          `${newKinds.length} kinds of data that they never export`,
        ],
        [2.2 * profile.oddHour(atMs), 'at an hour at which they are not there'],
        [0.7 * strange, 'in a session that is strange for them'],
        [today.length > 6 ? 0.6 : 0, `in ${today.length} pieces`],
        [peers.busier > 1.5 ? -Math.min(3, peers.busier) : 0, 'several peers export more than usual too'],
        [
          own.days > 0 && newKinds.length === 0 && profile.oddHour(atMs) < 0.3 ? -1 : 0,
          'the data and the hours that they always work with',
        ],
        [atMs - profile.firstMs < 10 * dayMs ? -1.5 : 0, 'they are new here'],
      ),
    };
  },
};
