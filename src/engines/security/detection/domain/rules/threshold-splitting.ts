import { dayMs, hourMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { numberOf, textOf } from '../watched-event.ts';

/** One large thing made as several that each stay just below a limit. */
export const thresholdSplitting: Rule = {
  id: 'threshold-splitting',
  title: 'Pieces just below a limit',
  what: 'Records that one person made for one counterpart within three days, each just below somebody’s approval limit and together well above it. A programme of the same amounts for many counterparts, and a maker whose records are often of this size, speak against it.',
  why: 'Pieces pass where the whole would have needed a higher hand.',
  severity: 'medium',
  windowMs: 3 * dayMs,
  threshold: 3.7,
  after: ['act.made'],
  remedy: null,
  byItself: 'dry_run',
  look(event, memory) {
    const { personId, atMs } = event;
    const counterpart = textOf(event, 'counterpartId');
    if (personId === null || counterpart === null || numberOf(event, 'ofLimit') < 0.8) return null;
    const made = memory.recent(`person:${personId}`, atMs, this.windowMs, ['act.made']);
    const near = made.filter((one) => numberOf(one, 'ofLimit') >= 0.8);
    const here = near.filter((one) => textOf(one, 'counterpartId') === counterpart);
    // A record that is changed is not a second one.
    const pieces = new Set(here.map(({ subjectId }) => subjectId)).size;
    if (pieces < 2) return null;
    const elsewhere = new Set(near.filter((one) => !here.includes(one)).map((one) => textOf(one, 'counterpartId')))
      .size;
    const earlier = memory
      .recent(`person:${personId}`, atMs, 8 * dayMs, ['act.made'])
      .filter((one) => atMs - one.atMs > this.windowMs);
    const habit = earlier.filter((one) => numberOf(one, 'ofLimit') >= 0.8).length / Math.max(earlier.length, 4);
    const tight = here.filter((one) => numberOf(one, 'ofLimit') >= 0.9).length / here.length;
    const hours = (atMs - (here[0]?.atMs ?? atMs)) / hourMs;
    const amounts = new Set(here.map((one) => textOf(one, 'amount')));
    const larger = made.filter((one) => textOf(one, 'counterpartId') === counterpart).length - here.length;
    return {
      about: [`person:${personId}`],
      evidence: here,
      reasons: reasonsOf(
        [Math.min(4.5, 1.5 * (pieces - 1)), `${pieces} records for one counterpart, each just below a limit`],
        [1 * tight, 'most of them within a tenth of it'],
        [hours < 8 ? 0.6 : 0, 'within a few hours'],
        [amounts.size === pieces && pieces > 2 ? 0.3 : 0, 'no two of the same amount'],
        [-Math.min(4.5, 1.2 * elsewhere), `the same for ${elsewhere} other counterparts`],
        [-1.2 * habit, 'they often make records of this size'],
        [larger > 2 ? -0.6 : 0, 'among others of every size'],
      ),
    };
  },
};
