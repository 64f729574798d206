import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulateMaker } from '../../../../demo/simulate-maker.ts';
import { forecastRestOfYear } from './year-end-forecast.ts';

const weeks = (from: number, to: number, cases: (week: number) => number) =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ week: from + i, cases: cases(from + i) }));
const left = (from: number, to: number) => weeks(from, to, () => 0).map(({ week }) => week);

test('last year’s season times this year’s growth is met exactly where growth is even, and then without doubt', () => {
  const season = (week: number) => 100 + 50 * Math.sin(week / 8);
  const lastYear = weeks(1, 52, season);
  const toDate = weeks(1, 26, (week) => 1.1 * season(week));
  const rest = forecastRestOfYear({ toDate, lastYear, weeksLeft: left(27, 52) })!;
  const truth = weeks(27, 52, season).reduce((sum, { cases }) => sum + 1.1 * cases, 0);
  assert.ok(Math.abs(rest.cases - truth) < 1e-6);
  assert.ok(rest.high! - rest.low! < 1e-3);
});

test('without a last year the mean week goes on, and no interval is made up for a season that nobody knows', () => {
  const rest = forecastRestOfYear({
    toDate: weeks(1, 10, (week) => (week % 2) * 40),
    lastYear: [],
    weeksLeft: left(11, 52),
  })!;
  assert.deepEqual([rest.cases, rest.low, rest.high], [840, null, null]);
});

test('orders that only shift between neighbouring weeks leave no doubt about the year', () => {
  const shifting = (week: number) => (week % 2) * 40;
  const lastYear = weeks(1, 52, shifting);
  const rest = forecastRestOfYear({ toDate: weeks(1, 26, shifting), lastYear, weeksLeft: left(27, 52) })!;
  assert.ok(rest.high! - rest.low! < 1e-6);
});

test('on simulated shipments the interval holds the truth about nine times in ten', () => {
  const lastWeek = 46;
  let [held, count] = [0, 0];
  for (const seed of [21, 22, 23]) {
    const maker = simulateMaker({ seed, today: '2026-11-23' });
    const weekOf = new Map(maker.calendar.map((week) => [week.startsOn, week]));
    for (const { code } of maker.customers.filter(({ type }) => type === 'banner')) {
      for (const category of ['BAR', 'CRK', 'JCE']) {
        const sums = new Map<string, number>();
        for (const { customerCode, productCode, periodStart, cases } of maker.shipments) {
          if (!customerCode.startsWith(`${code}-`) || !productCode.startsWith(category)) continue;
          const { fiscalYear, week } = weekOf.get(periodStart)!;
          sums.set(`${fiscalYear}|${week}`, (sums.get(`${fiscalYear}|${week}`) ?? 0) + cases);
        }
        const casesOf = (year: number) => (week: number) => sums.get(`${year}|${week}`) ?? 0;
        for (const origin of [13, 26, 39]) {
          const toDate = weeks(1, origin, casesOf(2026));
          const lastYear = weeks(1, 52, casesOf(2025));
          const rest = forecastRestOfYear({ toDate, lastYear, weeksLeft: left(origin + 1, lastWeek) })!;
          const truth = weeks(origin + 1, lastWeek, casesOf(2026)).reduce((sum, { cases }) => sum + cases, 0);
          count++;
          if (rest.low! <= truth && truth <= rest.high!) held++;
        }
      }
    }
  }
  assert.equal(count, 135);
  assert.ok(held / count > 0.84 && held / count < 0.98, `${held} of ${count}`);
});

test('under four weeks nothing is estimated, and after the last week nothing is left', () => {
  const toDate = weeks(1, 3, () => 20);
  assert.equal(forecastRestOfYear({ toDate, lastYear: [], weeksLeft: left(4, 52) }), null);
  assert.equal(forecastRestOfYear({ toDate: weeks(1, 52, () => 20), lastYear: [], weeksLeft: [] })?.cases, 0);
});

test('a 53rd week leans on the 52nd of a shorter year', () => {
  const lastYear = weeks(1, 52, () => 10);
  const toDate = weeks(1, 52, () => 20);
  assert.equal(forecastRestOfYear({ toDate, lastYear, weeksLeft: [53] })?.cases, 20);
});
