import type { Memory } from '../memory.ts';
import { dayMs, hourMs, minuteMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import type { WatchedEvent } from '../watched-event.ts';

/** Since when somebody has been at work without a long break before an event. */
function atWorkSince(memory: Memory, event: WatchedEvent): number {
  const day = memory.recent(`person:${event.personId}`, event.atMs, 18 * hourMs);
  let since = event.atMs;
  for (const { atMs } of day.reverse()) {
    if (since - atMs > 100 * minuteMs) break;
    since = atMs;
  }
  return since;
}

/** Money settled when its settler is never there. */
export const oddHourSettlement: Rule = {
  id: 'odd-hour-settlement',
  title: 'Money settled at an hour that is not the person’s',
  what: 'Settlements at hours at which this person, by their own habits, is not at work. Colleagues who settle at the same time (a month’s end), work that went on from the day, and people who travel speak against it.',
  why: 'What nobody is there to see is done when nobody is there.',
  severity: 'medium',
  windowMs: 6 * hourMs,
  threshold: 2.8,
  after: ['act.settled'],
  remedy: 'step_up',
  byItself: 'dry_run',
  look(event, memory) {
    const { personId, atMs } = event;
    if (personId === null || event.outcome !== 'succeeded') return null;
    const profile = memory.profile(`person:${personId}`);
    const odd = profile.oddHour(atMs);
    if (odd < 0.3) return null;
    const settled = memory.recent(`person:${personId}`, atMs, this.windowMs, ['act.settled']);
    const since = atWorkSince(memory, event);
    const others = new Set(
      memory
        .recent('kind:act.settled', atMs, 2 * hourMs)
        .filter((one) => one.personId !== null && one.personId !== personId)
        .filter((one) => memory.profile(`person:${one.personId}`).oddHour(one.atMs) > 0.3)
        .map((one) => one.personId),
    ).size;
    const session = memory.sessionOf(event);
    const late = memory
      .recent(`person:${personId}`, atMs, 8 * dayMs)
      .filter((one) => one.outcome === 'succeeded' && atMs - one.atMs > 12 * hourMs && profile.oddHour(one.atMs) > 0.4);
    const nights = new Set(late.map((one) => Math.floor((one.atMs - 6 * hourMs) / dayMs))).size;
    const date = new Date(atMs).getUTCDate();
    const away = session !== undefined && session.networkStrange > 0.5 && session.deviceStrange < 0.5;
    return {
      about: [`person:${personId}`],
      evidence: settled,
      reasons: reasonsOf(
        [3.2 * odd, 'an hour at which they are not there'],
        [
          settled.length === 1 ? -0.8 : Math.min(1.8, 0.3 + 0.7 * (settled.length - 2)),
          `${settled.length} settlements`,
        ],
        [atMs - since < 2 * hourMs ? 0.8 : 0, 'they came for this'],
        [profile.oddHour(since) < 0.3 ? -2.5 : 0, 'they have been at work since their usual hours'],
        [-Math.min(3.5, others), `${others} others settle at this hour too`],
        [-Math.min(2.4, 0.8 * nights), `other odd hours in these days: ${nights}`],
        [date >= 28 || date <= 4 ? -1.6 : 0, 'a month ends in these days'],
        [away ? -2 : 0, 'they travel with their own device'],
      ),
    };
  },
};
