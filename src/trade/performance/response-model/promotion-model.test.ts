import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SalesPanel } from '../domain/sales-panel.ts';
import {
  describeProducts,
  fitPromotionModel,
  type PlannedWeek,
  type PromotionModel,
  predictTotal,
  predictTotals,
  predictWeeks,
  type Refusal,
} from './promotion-model.ts';
import { plannedWeekOf } from './response-calibration.ts';
import { SIMULATED_TRUTH, simulatePanel } from './response-simulated-panel.ts';

const ORIGIN = 104;
const panel = simulatePanel({ seed: 11, weeks: 116, noise: 0.2, sharedNoise: 0.1 });
const model = fitted(panel);

function fitted(from: SalesPanel, originWeek = ORIGIN): PromotionModel {
  return given(fitPromotionModel(from, { originWeek }));
}

function given<T extends object>(answer: T | Refusal): T {
  if ('refused' in answer) assert.fail(answer.refused);
  return answer;
}

function refusalOf(answer: object): Refusal {
  assert.ok('refused' in answer, 'an answer where a refusal was due');
  return answer as Refusal;
}

/** Weeks after the origin of one customer × product, quiet at base price 3 unless said otherwise. */
function plan(weeks: number, change: (week: number) => Partial<PlannedWeek> = () => ({})): PlannedWeek[] {
  return Array.from({ length: weeks }, (_, week) => ({
    customer: 'C2',
    product: 'P1',
    weekStart: panel.weekStart[ORIGIN + week]!,
    price: 3.24,
    basePrice: 3.24,
    feature: false,
    display: false,
    priceReduction: false,
    ...change(week),
  }));
}

function isDeal(i: number): boolean {
  return panel.feature[i] === 1 || panel.display[i] === 1 || panel.priceReduction[i] === 1;
}

const deal = { price: 3.24 * 0.8, feature: true };
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

test('the price, feature and display response that the data were made with is recovered', () => {
  const products = describeProducts(model);
  assert.equal(products.length, 6);
  for (const product of products) {
    assert.ok(Math.abs(product.promotionalElasticity + SIMULATED_TRUTH.depth) < 0.35, JSON.stringify(product));
    assert.ok(Math.abs(product.regularElasticity - SIMULATED_TRUTH.regularPrice) < 0.5, JSON.stringify(product));
    assert.ok(Math.abs(Math.log(product.feature) - SIMULATED_TRUTH.feature) < 0.12, JSON.stringify(product));
    assert.ok(Math.abs(Math.log(product.display) - SIMULATED_TRUTH.display) < 0.12, JSON.stringify(product));
  }
});

test('an event lifts its own week by the true multiple and is paid for by a dip in the week after', () => {
  const weeks = given(
    predictWeeks(
      model,
      plan(4, (week) => (week === 1 ? deal : {})),
    ),
  );
  const lift = Math.exp(SIMULATED_TRUTH.depth * Math.log(1 / 0.8) + SIMULATED_TRUTH.feature);
  assert.ok(
    Math.abs(weeks[1]!.expected / weeks[1]!.baseline / lift - 1) < 0.1,
    `×${weeks[1]!.expected / weeks[1]!.baseline}`,
  );
  assert.equal(weeks[2]!.ownLift, 0);
  assert.ok(Math.abs(Math.log(weeks[2]!.expected / weeks[2]!.baseline) - SIMULATED_TRUTH.dip) < 0.12);
});

test('baseline, own lift, pull-forward and cross effect add up to what is expected, week by week and in total', () => {
  const rows = plan(6, (week) => (week < 2 ? deal : {})).concat(
    plan(6, (week) => ({ product: 'P3', ...(week === 1 ? deal : {}) })),
  );
  const weeks = given(predictWeeks(model, rows));
  for (const week of weeks) {
    const parts = week.baseline + week.ownLift + week.pullForward + week.cross;
    assert.ok(Math.abs(parts - week.expected) < 1e-9 * week.expected);
    assert.ok(week.low <= week.expected && week.expected <= week.high);
  }
  const total = given(predictTotal(model, rows));
  assert.ok(Math.abs(total.expected.units - sum(weeks.map((week) => week.expected))) < 1e-6);
  assert.ok(Math.abs(total.incremental.units - (total.expected.units - total.baseline.units)) < 1e-9);
  assert.ok(Math.abs(total.incremental.units - total.ownLift - total.pullForward - total.cross) < 1e-6);
});

test('what another product of the plan does to a product is its cross effect, and nothing else', () => {
  const quiet = plan(3);
  const rows = [...quiet, ...plan(3, (week) => ({ product: 'P3', ...(week === 1 ? deal : {}) }))];
  for (const week of given(predictWeeks(model, rows)).slice(0, 3)) {
    assert.equal(week.ownLift, 0);
    assert.equal(week.pullForward, 0);
  }
  const [, during] = given(predictWeeks(model, rows));
  assert.notEqual(during!.cross, 0);
  const alone = given(
    predictWeeks(
      model,
      plan(3, (week) => (week === 1 ? deal : {})),
    ),
  );
  assert.deepEqual(
    alone.map((week) => week.cross),
    [0, 0, 0],
  );
  assert.deepEqual(
    alone.map((week) => week.pullForward !== 0),
    [true, false, true],
  );
});

test('a promotion in the last weeks before the origin still costs the first weeks after it', () => {
  const last = Array.from(panel.week.keys()).find((i) => panel.week[i] === ORIGIN - 1 && isDeal(i));
  const { customer, product } = panel.series[panel.seriesIndex[last!]!]!;
  const forgetful: PromotionModel = { ...model, fitted: { ...model.fitted, tail: [] } };
  const rows = plan(6, () => ({ customer, product }));
  const [remembered, forgotten] = [model, forgetful].map((one) => given(predictWeeks(one, rows)));
  const change = remembered!.map((week, at) => Math.log(week.expected / forgotten![at]!.expected));
  assert.ok(Math.abs(change[0]! - SIMULATED_TRUTH.dip) < 0.15, `${change}`);
  assert.deepEqual(change.slice(4), [0, 0]);
  assert.equal(remembered![0]!.pullForward, 0, 'the past belongs to the baseline, not to the plan');
});

test('a plan without promotions has no effect at all', () => {
  const total = given(predictTotal(model, plan(8)));
  assert.equal(total.incremental.units, 0);
  assert.equal(total.expected.units, total.baseline.units);
});

test('90 % intervals hold about 90 % of weeks that the model has not seen', () => {
  const future = Array.from(panel.week.keys()).filter((i) => panel.week[i]! >= ORIGIN);
  const weeks = given(
    predictWeeks(
      model,
      future.map((i) => plannedWeekOf(panel, i)),
    ),
  );
  const inside = weeks.filter(
    (week, at) => panel.units[future[at]!]! >= week.low && panel.units[future[at]!]! <= week.high,
  );
  const share = inside.length / weeks.length;
  assert.ok(share > 0.86 && share < 0.95, `${share} of ${weeks.length}`);
});

test('the interval of incremental units holds the true increment of nearly every event', () => {
  let inside = 0;
  let events = 0;
  const errors: number[] = [];
  for (const seed of [21, 22, 23, 24]) {
    const past = simulatePanel({ seed, weeks: 116, noise: 0.25, sharedNoise: 0.1 });
    const future = Array.from(past.week.keys()).filter((i) => past.week[i]! > ORIGIN);
    const rows = future.map((i) => plannedWeekOf(past, i));
    const half = (row: PlannedWeek) => `${row.product} ${row.weekStart < past.weekStart[110]!}`;
    for (const [event, { incremental }] of given(predictTotals(fitted(past), rows, half))) {
      const members = future.filter((_, at) => half(rows[at]!) === event);
      const truth = sum(members.map((i) => past.units[i]! - past.withoutPromotion[i]!));
      if (truth >= incremental.low && truth <= incremental.high) inside++;
      errors.push(Math.abs(incremental.units / truth - 1));
      events++;
    }
  }
  assert.equal(events, 48);
  assert.ok(inside / events > 0.86, `${inside} of ${events}`);
  assert.ok(errors.sort((a, b) => a - b)[24]! < 0.15, `median error ${errors[24]}`);
});

test('a total over customers is less certain than if they were independent', () => {
  const rows = Array.from({ length: 8 }, (_, customer) =>
    plan(1, () => ({ customer: `C${customer}`, ...deal })),
  ).flat();
  const { expected } = given(predictTotal(model, rows));
  const alone = given(predictWeeks(model, rows)).map((week) => (week.high - week.low) / 2);
  const independent = Math.hypot(...alone);
  assert.ok(
    (expected.high - expected.low) / 2 > independent,
    `${expected.high - expected.low} against ${2 * independent}`,
  );
});

test('nothing that happens at or after the origin reaches the model', () => {
  const rigged = {
    ...panel,
    units: panel.units.map((units, i) => (panel.week[i]! >= ORIGIN ? 10 * units + 7 : units)),
  };
  assert.deepEqual(fitted(rigged), model);
});

test('a model that went through JSON predicts the same to the last bit', () => {
  const rows = plan(6, (week) => (week === 2 ? deal : {}));
  const stored = JSON.parse(JSON.stringify(model)) as PromotionModel;
  assert.deepEqual(predictWeeks(stored, rows), predictWeeks(model, rows));
  assert.deepEqual(predictTotal(stored, rows), predictTotal(model, rows));
});

test('a fit tells how far it is, from its first pass to its end', () => {
  const shares: number[] = [];
  fitPromotionModel(panel, { originWeek: ORIGIN, onProgress: (share) => shares.push(share) });
  assert.ok(shares.length >= 20 && shares[0]! < 0.1);
  assert.deepEqual(
    shares,
    shares.toSorted((a, b) => a - b),
  );
  assert.equal(shares.at(-1), 1);
});

test('the order of the rows does not change what is predicted', () => {
  const rows = plan(6, (week) => (week === 2 ? deal : {}));
  const straight = given(predictWeeks(model, rows));
  assert.deepEqual(given(predictWeeks(model, rows.toReversed())).toReversed(), straight);
});

test('a customer that never sold a product borrows its lift, says so, and is less certain', () => {
  const gap = simulatePanel({
    seed: 11,
    weeks: 116,
    noise: 0.2,
    sharedNoise: 0.1,
    keep: (customer, product) => customer !== 2 || product !== 1,
  });
  const rows = plan(3, (week) => (week === 1 ? deal : {}));
  const seen = given(predictWeeks(model, rows));
  const unseen = given(predictWeeks(fitted(gap), rows));
  unseen.forEach((week, at) => {
    assert.equal(week.method, 'pooled');
    assert.equal(seen[at]!.method, 'fitted');
    assert.ok((week.high - week.low) / week.expected > (seen[at]!.high - seen[at]!.low) / seen[at]!.expected);
  });
  const lift = (weeks: typeof seen) => Math.log(weeks[1]!.expected / weeks[1]!.baseline);
  assert.ok(Math.abs(lift(unseen) - lift(seen)) < 0.15, 'the lift comes from the same product elsewhere');
});

test('a freak week moves the lift of a series of six weeks by less than a quarter of its size', () => {
  const isThin = (customer: number, product: number) => customer === 2 && product === 1;
  const thin = simulatePanel({
    seed: 12,
    weeks: 116,
    noise: 0.2,
    keep: (customer, product, week) => !isThin(customer, product) || (week > 97 && week < ORIGIN),
  });
  const series = 2 * 6 + 1;
  const ofThin = Array.from(thin.seriesIndex.keys()).filter((i) => thin.seriesIndex[i] === series);
  assert.equal(ofThin.length, 6);
  const freak = ofThin[3]!;
  const lift = (factor: number) => {
    const changed: SalesPanel = {
      ...thin,
      units: thin.units.with(freak, thin.units[freak]! * factor),
      price: thin.price.with(freak, thin.basePrice[freak]! * 0.8),
      feature: thin.feature.with(freak, 1),
    };
    const [week] = given(
      predictWeeks(
        fitted(changed),
        plan(1, () => deal),
      ),
    );
    assert.equal(week!.method, 'pooled');
    return Math.log(week!.expected / week!.baseline);
  };
  const moved = lift(4) - lift(1);
  assert.ok(Math.abs(moved) < 0.25 * Math.log(4), `moved by ${moved}`);
});

test('what the model knows nothing about is refused with the reason and the rows', () => {
  const rows = [...plan(1), ...plan(1, () => ({ product: 'P9' })), ...plan(1, () => ({ customer: 'C99' }))];
  const refusal = refusalOf(predictWeeks(model, rows));
  assert.deepEqual(refusal.rows, [1, 2]);
  assert.match(refusal.refused, /product P9 has no sales history; customer C99 has no sales history/);
  assert.deepEqual(refusalOf(predictTotal(model, rows)), refusal);
});

test('a new product that says what it is like borrows from its neighbours, with a wide interval', () => {
  const like = { productGroup: 'G1', category: 'K' };
  const [fresh, known] = given(predictWeeks(model, [...plan(1, () => ({ product: 'P9', like })), ...plan(1)]));
  assert.equal(fresh!.method, 'pooled');
  assert.ok(fresh!.high / fresh!.expected > 1.1 * (known!.high / known!.expected));
});

test('too few weeks, too few observations or no promotions behind a lift are refused, not guessed', () => {
  assert.match(
    refusalOf(fitPromotionModel(panel, { originWeek: 20 })).refused,
    /20 weeks of sales with prices are known; 26/,
  );
  const few = simulatePanel({ seed: 1, weeks: 60, noise: 0.2, keep: (customer, product) => customer + product === 0 });
  assert.match(refusalOf(fitPromotionModel(few, { originWeek: 60 })).refused, /60 observations .* 500 are needed/);
  const quiet = {
    ...panel,
    price: panel.basePrice,
    feature: new Uint8Array(panel.feature.length),
    display: new Uint8Array(panel.display.length),
    priceReduction: new Uint8Array(panel.priceReduction.length),
  };
  const untested = fitted(quiet);
  assert.match(
    refusalOf(
      predictWeeks(
        untested,
        plan(2, () => deal),
      ),
    ).refused,
    /category K has 0 promoted observations; 50/,
  );
  assert.ok(Array.isArray(predictWeeks(untested, plan(2))), 'a baseline needs no promotions');
});

test('a cut deeper than the category has seen is marked as beyond the data', () => {
  const rows = [...plan(1, () => deal), ...plan(1, () => ({ product: 'P3', price: 3.24 * 0.3 }))];
  assert.deepEqual(
    given(predictWeeks(model, rows)).map((week) => week.beyondData),
    [false, true],
  );
});

test('two plans for one week and a date that is none are errors of the caller', () => {
  assert.throws(() => predictWeeks(model, [...plan(1), ...plan(1)]), /plan the same customer, product and week/);
  assert.throws(
    () =>
      predictWeeks(
        model,
        plan(1, () => ({ weekStart: 'soon' })),
      ),
    /soon is not a date/,
  );
  assert.throws(() => fitPromotionModel(panel, { originWeek: 500 }), RangeError);
});

test('the model says what it is made of, and its accuracy beside the naive methods', () => {
  const { version } = model;
  assert.equal(version.trainedThrough, panel.weekStart[ORIGIN - 1]);
  assert.deepEqual([version.series, version.products, version.customers, version.weeks], [48, 6, 8, ORIGIN]);
  assert.ok(version.accuracy.model.wape < 0.6 * version.accuracy.meanOf8Weeks.wape);
  assert.ok(version.accuracy.model.wape < version.accuracy.lastValue.wape);
});
