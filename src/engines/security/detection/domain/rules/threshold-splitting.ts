import type { Memory } from '../memory.ts';
import { dayMs, hourMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { numberOf, textOf, type WatchedEvent } from '../watched-event.ts';

/** From this share of a limit a record is near it. */
const nearest = 0.68;

const amountOf = (one: WatchedEvent) => Math.max(Number(textOf(one, 'amount') ?? 0), 0.01);

/** The limit that a record stays below, rounded. */
const limitOf = (one: WatchedEvent) => Math.round(amountOf(one) / Math.max(numberOf(one, 'ofLimit'), 0.01) / 100);

/** Records near a limit that somebody made for a counterpart in the days before. */
const earlierFor = (memory: Memory, event: WatchedEvent, counterpart: string, windowMs: number) =>
  memory
    .recent(`person:${event.personId}`, event.atMs, 30 * dayMs, ['act.made'])
    .filter((one) => event.atMs - one.atMs > windowMs && textOf(one, 'counterpartId') === counterpart)
    .filter((one) => numberOf(one, 'ofLimit') >= nearest).length;

/** One large thing made as several that each stay just below a limit. */
export const thresholdSplitting: Rule = {
  id: 'threshold-splitting',
  title: 'Pieces just below a limit',
  what: 'Records that one person made for one counterpart within five days, each just below somebody’s approval limit and together well above it. A programme of the same amounts for many counterparts, and a maker whose records are often of this size, speak against it.',
  why: 'Pieces pass where the whole would have needed a higher hand.',
  severity: 'medium',
  windowMs: 5 * dayMs,
  threshold: 3.7,
  after: ['act.made'],
  remedy: null,
  byItself: 'dry_run',
  look(event, memory) {
    const { personId, atMs } = event;
    const counterpart = textOf(event, 'counterpartId');
    if (personId === null || counterpart === null || numberOf(event, 'ofLimit') < nearest) return null;
    const made = memory.recent(`person:${personId}`, atMs, this.windowMs, ['act.made']);
    const near = made.filter((one) => numberOf(one, 'ofLimit') >= nearest);
    const here = near.filter((one) => textOf(one, 'counterpartId') === counterpart);
    // A record that is changed is not a second one.
    const pieces = new Set(here.map(({ subjectId }) => subjectId)).size;
    const limits = new Set(here.map(limitOf)).size;
    const fees = earlierFor(memory, event, counterpart, this.windowMs);
    if (pieces < 2) return null;
    const sameAmount = (one: WatchedEvent) => here.some((own) => Math.abs(amountOf(own) / amountOf(one) - 1) < 0.01);
    const elsewhere = new Set(
      near.filter((one) => !here.includes(one) && sameAmount(one)).map((one) => textOf(one, 'counterpartId')),
    ).size;
    const earlier = memory
      .recent(`person:${personId}`, atMs, 8 * dayMs, ['act.made'])
      .filter((one) => atMs - one.atMs > this.windowMs);
    const habit = earlier.filter((one) => numberOf(one, 'ofLimit') >= nearest).length / Math.max(earlier.length, 4);
    const tight = here.filter((one) => numberOf(one, 'ofLimit') >= 0.83).length / here.length;
    const hours = (atMs - (here[0]?.atMs ?? atMs)) / hourMs;
    const amounts = new Set(here.map((one) => textOf(one, 'amount')));
    const larger = made.filter((one) => textOf(one, 'counterpartId') === counterpart).length - here.length;
    return {
      about: [`person:${personId}`],
      evidence: here,
      reasons: reasonsOf(
        [Math.min(4.5, 1.4 * (pieces - 1)), `${pieces} records for one counterpart, each just below a limit`],
        [limits === 1 ? 0.8 : -0.9 * (limits - 1), limits === 1 ? 'the same limit' : `${limits} different limits`],
        [1 * tight - 0.3, 'how many of them are within a sixth of it'],
        [hours < 8 ? 0.6 : 0, 'within a few hours'],
        [amounts.size === pieces && pieces > 2 ? 0.3 : 0, 'no two of the same amount'],
        [-Math.min(4.5, 1.2 * elsewhere), `the same for ${elsewhere} other counterparts`],
        [-1 * habit, 'they often make records of this size'],
        [-Math.min(2, 0.8 * fees), `${fees} such records for this counterpart before: a fee that comes again`],
        [-Math.min(1.8, 0.6 * larger), `among ${larger} others of every size`],
      ),
    };
  },
};
