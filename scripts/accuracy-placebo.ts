import { type MeasuredScope, measureEvent, prepareMeasurement, type SalesPanel } from '#performance';
import { addDays } from '../demo/fiscal-weeks.ts';
import { createRandom, type RandomStream } from '../demo/random.ts';

/** Whether the measured intervals of fake events held their true effect, which is zero. */
export interface PlaceboScore {
  measured: number;
  covered: number;
  refused: number;
}

/** Fake events measured together: few enough that the clean weeks they take away from each other do not matter. */
const BATCH = 20;
/** An event's own aftermath is no time in which nothing ran. */
const AFTERMATH_WEEKS = 4;
/** A level needs weeks on both sides of an event. */
const MARGIN_WEEKS = 8;
const LONGEST_WEEKS = 4;
const TRIES = 400;

/** For each series × week whether a promotion ran there or had just ended. */
function busyCells(panel: SalesPanel, events: readonly MeasuredScope[]): Uint8Array {
  const weeks = panel.weekStart.length;
  const busy = new Uint8Array(panel.series.length * weeks);
  const mark = (series: number, week: number) => {
    for (let w = week; w <= Math.min(week + AFTERMATH_WEEKS, weeks - 1); w++) busy[series * weeks + w] = 1;
  };
  for (let i = 0; i < panel.units.length; i++) {
    if (panel.feature[i] || panel.display[i] || panel.priceReduction[i]) mark(panel.seriesIndex[i]!, panel.week[i]!);
  }
  const keys = new Map(panel.series.map(({ customer, product }, s) => [`${customer}|${product}`, s]));
  for (const { series, startsOn, endsOn } of events) {
    panel.weekStart.forEach((weekStart, week) => {
      if (addDays(weekStart, 6) < startsOn || weekStart > endsOn) return;
      for (const { customer, product } of series) {
        const s = keys.get(`${customer}|${product}`);
        if (s !== undefined) mark(s, week);
      }
    });
  }
  return busy;
}

/** Some customers of one group and some products of one family, for some weeks. */
function drawScope(panel: SalesPanel, random: RandomStream): { series: number[]; first: number; last: number } {
  const seed = random.pick(panel.series.filter(({ own }) => own));
  const near = panel.series.flatMap((one, s) =>
    one.own && one.customerGroup === seed.customerGroup && one.productGroup === seed.productGroup ? [s] : [],
  );
  const some = (of: 'customer' | 'product') => {
    const all = [...new Set(near.map((s) => panel.series[s]![of]))];
    return new Set(random.shuffled(all).slice(0, random.whole(1, all.length)));
  };
  const [customers, products] = [some('customer'), some('product')];
  const first = random.whole(MARGIN_WEEKS, panel.weekStart.length - 1 - MARGIN_WEEKS);
  const series = near.filter((s) => customers.has(panel.series[s]!.customer) && products.has(panel.series[s]!.product));
  return { series, first, last: first + random.whole(0, LONGEST_WEEKS - 1) };
}

/** Draws scopes in which nothing ran, at random; fewer than `count` where the panel leaves no room. */
function fakeEvents(panel: SalesPanel, busy: Uint8Array, random: RandomStream, count: number): MeasuredScope[] {
  const weeks = panel.weekStart.length;
  const found: MeasuredScope[] = [];
  for (let tries = 0; found.length < count && tries < TRIES * count; tries++) {
    const { series, first, last } = drawScope(panel, random);
    const ran = series.some((s) => busy.subarray(s * weeks + first, s * weeks + last + 1).some(Boolean));
    if (ran) continue;
    found.push({
      series: series.map((s) => ({ customer: panel.series[s]!.customer, product: panel.series[s]!.product })),
      startsOn: panel.weekStart[first]!,
      endsOn: addDays(panel.weekStart[last]!, 6),
    });
  }
  return found;
}

/**
 * Invents events of random customers, products and weeks in which nothing ran, and has them measured as the product
 * measures any event: beside the real ones, by the same code. Their true effect is zero.
 */
export function scorePlacebos(
  panel: SalesPanel,
  events: readonly MeasuredScope[],
  { seed, count }: { seed: number; count: number },
): PlaceboScore {
  const fakes = fakeEvents(panel, busyCells(panel, events), createRandom(seed, 'placebo events'), count);
  const score: PlaceboScore = { measured: 0, covered: 0, refused: 0 };
  for (let from = 0; from < fakes.length; from += BATCH) {
    const batch = fakes.slice(from, from + BATCH);
    const model = prepareMeasurement({ panel, events: [...events, ...batch] });
    for (const event of batch) {
      const measured = measureEvent({ panel, event, otherEvents: [], model });
      if (measured.refused !== undefined) {
        score.refused++;
        continue;
      }
      score.measured++;
      const { low, high } = measured.incrementalUnits;
      if (low <= 0 && 0 <= high) score.covered++;
    }
  }
  return score;
}

/**
 * The band in which the share of covered events must lie: 90 % ± 3 standard errors of a binomial share of so many
 * events, so that a right interval falls outside once in 370 runs.
 */
export function placeboBand(measured: number): [number, number] {
  const standardError = Math.sqrt((0.9 * 0.1) / measured);
  return [0.9 - 3 * standardError, 0.9 + 3 * standardError];
}
