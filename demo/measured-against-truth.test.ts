import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EventMeasurement, type MeasuredScope, measureEvent, prepareMeasurement } from '#performance';
import { accountsBelow } from './customers.ts';
import { addDays } from './fiscal-weeks.ts';
import type { DemoMaker, EventTruth } from './maker.ts';
import { makerPanel } from './panel.ts';
import { createRandom } from './random.ts';
import { DEMO_NOISE, NO_NOISE, simulateMaker } from './simulate-maker.ts';

const today = '2026-11-23';

function scopesOf(maker: DemoMaker): Map<string, MeasuredScope> {
  return new Map(
    maker.promotions.map(({ code, customerCode, productCodes, startsOn, endsOn }) => {
      const accounts = accountsBelow(maker.customers, customerCode);
      const series = accounts.flatMap((customer) => productCodes.map((product) => ({ customer, product })));
      return [code, { series, startsOn, endsOn }];
    }),
  );
}

function measureAll(maker: DemoMaker): { truth: EventTruth; measured: EventMeasurement }[] {
  const panel = makerPanel(maker);
  const scopes = scopesOf(maker);
  const model = prepareMeasurement({ panel, events: [...scopes.values()] });
  return maker.truth.events.flatMap((truth) => {
    const measured = measureEvent({ panel, event: scopes.get(truth.code)!, otherEvents: [], model });
    return measured.refused === undefined ? [{ truth, measured }] : [];
  });
}

function quantile(values: number[], share: number): number {
  return values.sort((a, b) => a - b)[Math.floor(share * (values.length - 1))]!;
}

test('without noise the true incremental units come out', () => {
  const all = measureAll(simulateMaker({ seed: 4, today, noise: NO_NOISE }));
  assert.ok(all.length > 150);
  const errors = all.map(({ truth, measured }) =>
    Math.abs(measured.incrementalUnits.value / truth.incrementalUnits - 1),
  );
  assert.ok(quantile(errors, 0.5) < 0.002, `median ${quantile(errors, 0.5)}`);
  assert.ok(quantile(errors, 0.9) < 0.05, `90 % ${quantile(errors, 0.9)}`);
});

test('without noise dip and cannibalisation come out within 3 % of the incremental units', () => {
  const all = measureAll(simulateMaker({ seed: 4, today, noise: NO_NOISE }));
  const errors = (pick: (m: EventMeasurement, t: EventTruth) => number | null): number[] =>
    all.flatMap(({ truth, measured }) => {
      const error = pick(measured, truth);
      return error === null ? [] : [Math.abs(error) / truth.incrementalUnits];
    });
  const dips = errors((m, t) => m.dipUnits && m.dipUnits.value - t.dipUnits);
  const losses = errors((m, t) => m.cannibalisationUnits && m.cannibalisationUnits.value - t.cannibalisationUnits);
  assert.ok(dips.length > 140 && quantile(dips, 0.5) < 0.03, `dip ${quantile(dips, 0.5)}`);
  assert.ok(losses.length > 140 && quantile(losses, 0.5) < 0.03, `cannibalisation ${quantile(losses, 0.5)}`);
});

test('pooled shares lie in the range of the true ones', () => {
  const maker = simulateMaker({ seed: 4, today });
  const model = prepareMeasurement({ panel: makerPanel(maker), events: [...scopesOf(maker).values()] });
  assert.ok(model.dip!.share > 0.1 && model.dip!.share < 0.24, `dip ${model.dip!.share}`);
  const { share } = model.cannibalisation!;
  assert.ok(share > 0.07 && share < 0.17, `cannibalisation ${share}`);
  const wanted = DEMO_NOISE.seriesCv ** 2;
  assert.ok(Math.abs(model.baseline.noiseVariance / wanted - 1) < 0.15, `noise ${model.baseline.noiseVariance}`);
});

test('a halo on other categories that was planted comes out, and without one the interval holds zero', () => {
  const maker = simulateMaker({ seed: 4, today });
  const plain = makerPanel(maker);
  const scopes = [...scopesOf(maker).values()];
  const share = 0.3;
  const before = prepareMeasurement({ panel: plain, events: scopes });
  const bare = scopes.map((event) => measureEvent({ panel: plain, event, otherEvents: [], model: before }));
  const units = plain.units.slice();
  const cellOf = new Map<string, number>();
  plain.units.forEach((_, i) => {
    cellOf.set(`${plain.seriesIndex[i]}|${plain.week[i]}`, i);
  });
  const seriesOf = new Map(plain.series.map((one, s) => [`${one.customer}|${one.product}`, s]));
  const planted = bare.map((measured, number) => {
    if (measured.refused !== undefined || measured.incrementalUnits.value <= 0) return 0;
    const { series, startsOn, endsOn } = scopes[number]!;
    const customers = new Set(series.map(({ customer }) => customer));
    const inside = new Set(
      series.map((one) => plain.series[seriesOf.get(`${one.customer}|${one.product}`)!]?.category),
    );
    const weeks = plain.weekStart.flatMap((start, week) => (start >= startsOn && start <= endsOn ? [week] : []));
    const { clean, weeks: width } = before.grid;
    const cells = plain.series.flatMap((one, s) =>
      one.own && customers.has(one.customer) && !inside.has(one.category)
        ? weeks.flatMap((week) => (clean[s * width + week] ? [cellOf.get(`${s}|${week}`)!] : []))
        : [],
    );
    for (const cell of cells) units[cell]! += (share * measured.incrementalUnits.value) / cells.length;
    return cells.length > 0 ? share * measured.incrementalUnits.value : 0;
  });
  const panel = { ...plain, units };
  const model = prepareMeasurement({ panel, events: scopes });
  assert.ok(Math.abs(before.halo!.share) < 0.06, `without a halo ${before.halo!.share}`);
  assert.ok(Math.abs(model.halo!.share - share) < 0.08, `with one of ${share}: ${model.halo!.share}`);
  let [covered, zero, count] = [0, 0, 0];
  scopes.forEach((event, number) => {
    const [now, was] = [measureEvent({ panel, event, otherEvents: [], model }), bare[number]!];
    if (now.refused !== undefined || was.refused !== undefined || !now.haloUnits || !was.haloUnits) return;
    if (!planted[number]) return;
    count++;
    if (now.haloUnits.low <= planted[number]! && planted[number]! <= now.haloUnits.high) covered++;
    if (was.haloUnits.low <= 0 && 0 <= was.haloUnits.high) zero++;
  });
  assert.ok(count > 100, `${count} events`);
  assert.ok(covered > 0.8 * count, `${covered} of ${count} hold what was planted`);
  assert.ok(zero > 0.85 * count, `${zero} of ${count} hold zero where none was`);
});

test('the interval of a fake event covers zero about nine times in ten', () => {
  let covered = 0;
  let count = 0;
  for (const seed of [11, 12]) {
    const maker = simulateMaker({ seed, today });
    const panel = makerPanel(maker);
    const model = prepareMeasurement({ panel, events: [...scopesOf(maker).values()] });
    const { grid } = model;
    const random = createRandom(seed, 'fake events');
    const families = maker.products.filter((p) => p.level === 'family' && p.own).map((p) => p.code);
    for (let tries = 0; tries < 4000 && count < 150 * (seed - 10); tries++) {
      const first = random.whole(10, grid.weeks - 12);
      const last = first + random.whole(0, 3);
      const customer = random.pick(maker.customers.filter((c) => c.type === 'account')).code;
      const family = random.pick(families);
      const rows = grid.series.flatMap((s, i) => (s.customer === customer && s.productGroup === family ? [i] : []));
      const clean = rows.every((s) =>
        grid.clean.subarray(s * grid.weeks + first, s * grid.weeks + last + 1).every(Boolean),
      );
      if (rows.length < 2 || !clean) continue;
      const series = rows.map((s) => grid.series[s]!);
      const event = { series, startsOn: grid.weekStart[first]!, endsOn: addDays(grid.weekStart[last]!, 6) };
      const measured = measureEvent({ panel, event, otherEvents: [], model });
      if (measured.refused !== undefined) continue;
      count++;
      if (measured.incrementalUnits.low <= 0 && 0 <= measured.incrementalUnits.high) covered++;
    }
  }
  assert.ok(count >= 250, `${count} fake events`);
  // 90 % of 300 has a standard error of 1.7 %
  assert.ok(covered / count > 0.84 && covered / count < 0.955, `${covered} of ${count}`);
});
