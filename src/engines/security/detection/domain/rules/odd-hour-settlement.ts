import type { Memory } from '../memory.ts';
import { dayMs, hourMs, minuteMs, type Profile } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { textOf, type WatchedEvent } from '../watched-event.ts';

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

/** Whether somebody is hardly ever there at that time. */
const isOdd = (profile: Profile, atMs: number) => Math.max(profile.oddHour(atMs), profile.oddDay(atMs)) > 0.35;

/** How many others settle at this time who are hardly ever there at it. */
function othersAtOddHours(memory: Memory, personId: string, atMs: number): number {
  const settled = memory.recent('kind:act.settled', atMs, 2 * hourMs);
  const others = settled.filter((one) => one.personId !== null && one.personId !== personId);
  const odd = others.filter((one) => isOdd(memory.profile(`person:${one.personId}`), one.atMs));
  return new Set(odd.map((one) => one.personId)).size;
}

/** On how many other nights of these days somebody was at work at odd hours. */
function oddNights(memory: Memory, personId: string, atMs: number): number {
  const profile = memory.profile(`person:${personId}`);
  const late = memory
    .recent(`person:${personId}`, atMs, 8 * dayMs)
    .filter((one) => one.outcome === 'succeeded' && atMs - one.atMs > 12 * hourMs && isOdd(profile, one.atMs));
  return new Set(late.map((one) => Math.floor((one.atMs - 6 * hourMs) / dayMs))).size;
}

/** The largest number of some settlements for one counterpart. */
function mostForOne(settled: readonly WatchedEvent[]): number {
  const counts = new Map<string, number>();
  for (const one of settled) {
    const counterpart = textOf(one, 'counterpartId') ?? one.id;
    counts.set(counterpart, (counts.get(counterpart) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** How much larger settlements are than what somebody settles as a rule, as a power of two; 0 where that is not known. */
export function largerThanUsual(settled: readonly WatchedEvent[], usualAmount: number): number {
  if (usualAmount <= 0 || settled.length === 0) return 0;
  const sum = settled.reduce(
    (all, one) => all + Math.log2(Math.max(1, Number(textOf(one, 'amount') ?? 0)) / usualAmount),
    0,
  );
  return sum / settled.length;
}

/** Money settled when its settler is never there. */
export const oddHourSettlement: Rule = {
  id: 'odd-hour-settlement',
  title: 'Money settled at an hour that is not the person’s',
  what: 'Settlements at hours or on days at which this person, by their own habits, is not at work: above all several in one sitting for one counterpart and nobody else, larger than usual. Many counterparts, colleagues who settle at the same time (a month’s end), work that went on from the day, and people who travel speak against it.',
  why: 'What nobody is there to see is done when nobody is there.',
  severity: 'medium',
  windowMs: 6 * hourMs,
  threshold: 1.6,
  after: ['act.settled'],
  remedy: 'step_up',
  byItself: 'dry_run',
  look(event, memory) {
    const { personId, atMs } = event;
    if (personId === null || event.outcome !== 'succeeded') return null;
    const profile = memory.profile(`person:${personId}`);
    const odd = Math.max(profile.oddHour(atMs), profile.oddDay(atMs));
    if (odd < 0.15) return null;
    const since = atWorkSince(memory, event);
    const settled = memory.recent(`person:${personId}`, atMs, Math.min(this.windowMs, atMs - since), ['act.settled']);
    const others = othersAtOddHours(memory, personId, atMs);
    const session = memory.sessionOf(event);
    const nights = oddNights(memory, personId, atMs);
    const most = mostForOne(settled);
    const counterparts = new Set(settled.map((one) => textOf(one, 'counterpartId'))).size;
    const larger = largerThanUsual(settled, profile.usualAmount);
    const away = session !== undefined && session.networkStrange > 0.5 && session.deviceStrange < 0.5;
    return {
      about: [`person:${personId}`],
      evidence: settled,
      reasons: reasonsOf(
        [2.2 * odd, 'a time at which they are not there'],
        [
          most > 1 ? Math.min(2.6, 1.2 + 0.5 * (most - 2)) : settled.length > 1 ? -2 : -3,
          `${most} for one counterpart, of ${settled.length}`,
        ],
        [counterparts === 1 && most > 1 ? 0.8 : 0, 'and for nobody else in that sitting'],
        [counterparts > 2 ? -Math.min(2, 0.6 * (counterparts - 2)) : 0, `for ${counterparts} counterparts`],
        [Math.max(-0.8, Math.min(1.2, 0.8 * larger - 0.4)), 'compared with the amounts that they settle as a rule'],
        [atMs - since < 2 * hourMs ? 0.5 : 0, 'they came for this'],
        [isOdd(profile, since) ? 0 : -1, 'they have been at work since their usual hours'],
        [-Math.min(2.4, 0.8 * others), `${others} others settle at this time too`],
        [-Math.min(1.6, 0.6 * nights), `other odd hours in these days: ${nights}`],
        [away ? -1.5 : 0, 'they travel with their own device'],
      ),
    };
  },
};
