import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EventMeasurement, type MeasuredScope, measureEvent, prepareMeasurement } from './event-measurement.ts';
import { poolShares, pullTowardsPool } from './event-measurement-pool.ts';
import type { PanelSeries, SalesPanel } from './sales-panel.ts';

const WEEKS = 60;
const weekStart = Array.from({ length: WEEKS }, (_, i) =>
  new Date(Date.parse('2025-01-06') + i * 7 * 86_400_000).toISOString().slice(0, 10),
);
const lastDay = (week: number): string =>
  new Date(Date.parse(weekStart[week]!) + 6 * 86_400_000).toISOString().slice(0, 10);

/** A panel of four customers × the given products; `units` null leaves a week out; R is a competitor's, flagged above 1500. */
function panelOf(
  units: (customer: number, product: string, week: number) => number | null,
  products: readonly string[] = ['A', 'B'],
): SalesPanel {
  const series: PanelSeries[] = [];
  const rows: { s: number; week: number; units: number }[] = [];
  for (let c = 0; c < 4; c++)
    for (const product of products) {
      const s = series.push({
        ...{ customer: `C${c}`, customerGroup: 'G', product, productGroup: 'F', category: 'K', own: product !== 'R' },
      });
      for (let week = 0; week < WEEKS; week++) {
        const sold = units(c, product, week);
        if (sold !== null) rows.push({ s: s - 1, week, units: sold });
      }
    }
  return {
    weekStart,
    series,
    seriesIndex: Int32Array.from(rows, (r) => r.s),
    week: Int32Array.from(rows, (r) => r.week),
    units: Float64Array.from(rows, (r) => r.units),
    price: new Float64Array(rows.length).fill(2),
    basePrice: new Float64Array(rows.length).fill(2),
    feature: new Uint8Array(rows.length),
    display: new Uint8Array(rows.length),
    priceReduction: Uint8Array.from(rows, (r) => (!series[r.s]!.own && r.units > 1500 ? 1 : 0)),
  };
}

function event(first: number, last: number, products: readonly string[] = ['A'], customer = 'C0'): MeasuredScope {
  const series = products.map((product) => ({ customer, product }));
  return { series, startsOn: weekStart[first]!, endsOn: lastDay(last) };
}

function measured(panel: SalesPanel, scope: MeasuredScope, otherEvents: MeasuredScope[] = []): EventMeasurement {
  const result = measureEvent({ panel, event: scope, otherEvents });
  assert.equal(result.refused, undefined);
  return result as EventMeasurement;
}

function refusal(panel: SalesPanel, scope: MeasuredScope): string {
  const result = measureEvent({ panel, event: scope, otherEvents: [] });
  assert.ok(result.refused !== undefined, 'it was measured');
  return result.refused;
}

const near = (actual: number, wanted: number, within: number): void =>
  assert.ok(Math.abs(actual - wanted) <= within, `${actual} instead of ${wanted}`);

test('an event in a season that all customers share is measured against the season', () => {
  const season = (week: number): number => 1 + 0.5 * Math.sin(week / 8);
  const panel = panelOf(
    (c, p, week) => (c + 1) * 1000 * season(week) + (c === 0 && p === 'A' && week === 30 ? 700 : 0),
  );
  const m = measured(panel, event(30, 30));
  near(m.incrementalUnits.value, 700, 15);
  near(m.baselineUnits.value, 1000 * season(30), 15);
  near(m.actualUnits, m.baselineUnits.value + m.incrementalUnits.value, 1e-6);
  assert.ok(m.incrementalUnits.low < 700 && 700 < m.incrementalUnits.high);
});

test('an event whose sales are not all in yet is refused', () => {
  assert.match(
    refusal(
      panelOf(() => 100),
      { ...event(58, 59), endsOn: lastDay(59).replace(/^2026/, '2027') },
    ),
    /without sales data yet/,
  );
});

test('an event on products that were never sold there is refused', () => {
  assert.match(
    refusal(
      panelOf(() => 100),
      event(30, 31, ['Z']),
    ),
    /none of the event's products/,
  );
});

test('an event before its products were listed is refused', () => {
  const panel = panelOf((c, p, week) => (c === 0 && p === 'A' && week < 40 ? null : 100));
  assert.match(refusal(panel, event(20, 21)), /not on sale/);
});

test('an event is refused when its series has fewer than six clean weeks around it', () => {
  const panel = panelOf((c, p, week) => (c === 0 && p === 'A' && (week < 28 || week > 33) ? null : 100));
  assert.match(refusal(panel, event(30, 31)), /1 of 1 series have fewer than 6 clean weeks/);
});

test('an event with more than a fifth of its weeks missing is refused, and a missing week is never a zero', () => {
  const gap = (weeks: number[]) =>
    panelOf((c, p, week) => {
      if (c === 0 && p === 'A' && weeks.includes(week)) return null;
      return c === 0 && week >= 30 && week <= 35 && p === 'A' ? 1500 : 1000;
    });
  assert.match(refusal(gap([31, 32]), event(30, 35)), /2 of 6 series-weeks/);
  const m = measured(gap([31]), event(30, 35));
  near(m.incrementalUnits.value, 3000, 30);
  assert.match(m.notes.join(), /1 of 6 series-weeks missing/);
});

test('the dip window is four weeks and stops where the next event starts', () => {
  const panel = panelOf((c, p, week) => {
    if (c !== 0 || p !== 'A') return 1000;
    if (week === 30 || week === 33) return 1800;
    return week >= 31 && week <= 34 ? 900 : 1000;
  });
  near(measured(panel, event(30, 30), [event(33, 33)]).dipUnits!.value, 200, 10);
  const alone = panelOf((c, p, week) => {
    if (c !== 0 || p !== 'A') return 1000;
    return week === 30 ? 1800 : week >= 31 && week <= 36 ? 900 : 1000;
  });
  // weeks 35 and 36 are outside the window, and only pull the level down a little
  near(measured(alone, event(30, 30)).dipUnits!.value, 400, 60);
});

test('a dip is not estimated, rather than zero, while its window is not over or there is none', () => {
  const panel = panelOf((_, __, week) => (week >= 57 ? 1500 : 1000));
  assert.equal(measured(panel, event(56, 57)).dipUnits, null);
  assert.equal(measured(panel, event(30, 31), [event(32, 33)]).dipUnits, null);
});

test("cannibalisation is what the customer's other own products lost, and not estimated where there are none", () => {
  const sold = (c: number, p: string, week: number): number => {
    if (c !== 0 || week < 30 || week > 31) return 1000;
    return p === 'A' ? 1900 : 850;
  };
  const m = measured(panelOf(sold, ['A', 'B', 'D']), event(30, 31));
  near(m.cannibalisationUnits!.value, 600, 20);
  near(
    m.cannibalised.reduce((sum, x) => sum + x.units, 0),
    m.cannibalisationUnits!.value,
    1e-6,
  );
  assert.deepEqual(m.cannibalised.map((x) => x.product).sort(), ['B', 'D']);
  const alone = measured(panelOf(sold, ['A']), event(30, 31));
  assert.equal(alone.cannibalisationUnits, null);
  assert.equal(alone.haloUnits, null);
});

test("what a competitor's promotion takes in the event's week is not booked on the event", () => {
  const rivalOn = (c: number, week: number): boolean => (week + 3 * c) % 10 <= 1;
  const panel = panelOf(
    (c, p, week) => {
      if (!rivalOn(c, week)) return 1000;
      if (p === 'R') return 1800;
      return c === 0 && p === 'A' && week === 30 ? 1400 : 800;
    },
    ['A', 'B', 'R'],
  );
  const m = measured(panel, event(30, 30));
  near(m.baselineUnits.value, 800, 50);
  near(m.incrementalUnits.value, 600, 50);
});

test("products' parts add up to the event's figures", () => {
  const panel = panelOf(
    (c, p, week) => {
      if (c !== 0 || p === 'D') return 1000;
      if (week === 30) return p === 'A' ? 2000 : 1400;
      return week === 31 ? 950 : 1000;
    },
    ['A', 'B', 'D'],
  );
  const m = measured(panel, event(30, 30, ['A', 'B']));
  const sum = (pick: (p: EventMeasurement['products'][number]) => number): number =>
    m.products.reduce((total, p) => total + pick(p), 0);
  near(
    sum((p) => p.actualUnits),
    m.actualUnits,
    1e-6,
  );
  near(
    sum((p) => p.incrementalUnits),
    m.incrementalUnits.value,
    1e-6,
  );
  near(
    sum((p) => p.dipUnits!),
    m.dipUnits!.value,
    1e-6,
  );
});

test('the same data gives the same baseline version, restated data another one', () => {
  const sold = (c: number, _: string, week: number): number => 1000 + ((c * 7 + week * 13) % 11);
  const version = (panel: SalesPanel): string => prepareMeasurement({ panel, events: [event(30, 31)] }).version;
  assert.equal(version(panelOf(sold)), version(panelOf(sold)));
  assert.notEqual(version(panelOf((c, p, week) => sold(c, p, week) + (week === 10 ? 25 : 0))), version(panelOf(sold)));
});

test('shares that agree pool to their mean without spread, and fewer than eight events pool to nothing', () => {
  const same = Array.from({ length: 10 }, (_, i) => ({ effect: 0.2 * (i + 1), exposure: i + 1, variance: 0.01 }));
  const pooled = poolShares(same)!;
  near(pooled.share, 0.2, 1e-12);
  assert.equal(pooled.betweenVariance, 0);
  assert.equal(poolShares(same.slice(0, 7)), null);
});

test("an event's own estimate is pulled towards the pool by precision, and stands alone without exposure", () => {
  const pool = { share: 0.2, shareVariance: 0, betweenVariance: 0.01, events: 10 };
  const own = { effect: 40, variance: 100 };
  const pulled = pullTowardsPool(own, 100, 0, pool)!;
  near(pulled.effect, 30, 1e-9);
  near(pulled.variance, 50, 1e-9);
  assert.equal(pullTowardsPool(own, 0, 0, pool), own);
  assert.equal(pullTowardsPool(null, 100, 0, null), null);
});
