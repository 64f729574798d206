import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitMultilevelCounts } from './fit-multilevel-counts.ts';
import type { MultilevelDesign } from './multilevel-design.ts';

/** Small seeded generator (mulberry32), so that every run sees the same data. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function poisson(random: () => number, mean: number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let product = random();
  let count = 0;
  while (product > limit) {
    product *= random();
    count++;
  }
  return count;
}

const UNITS = 60;

/** 60 units in 12 groups; intercept and slope vary by group, intercept by unit, and seasons by row. */
function simulate(rowsOf: (unit: number) => number) {
  const random = generator(7);
  const slopes = Array.from({ length: 12 }, () => 2 + 0.5 * normal(random));
  const season = Array.from({ length: 4 }, (_, s) => 0.3 * Math.sin(s));
  const unitStart = new Int32Array(UNITS + 1);
  for (let unit = 0; unit < UNITS; unit++) unitStart[unit + 1] = unitStart[unit]! + rowsOf(unit);
  const rows = unitStart[UNITS]!;
  const covariates = new Float32Array(rows * 2);
  const counts = new Float64Array(rows);
  const levelOfRow = new Int32Array(rows);
  for (let unit = 0; unit < UNITS; unit++) {
    const intercept = 3 + 0.4 * normal(random);
    for (let row = unitStart[unit]!; row < unitStart[unit + 1]!; row++) {
      const x = random() < 0.3 ? random() * 0.5 : 0;
      covariates[row * 2] = 1;
      covariates[row * 2 + 1] = x;
      levelOfRow[row] = row % 4;
      counts[row] = poisson(random, Math.exp(intercept + slopes[unit % 12]! * x + season[row % 4]!));
    }
  }
  const groups = Int32Array.from({ length: UNITS }, (_, unit) => unit % 12);
  const design: MultilevelDesign = {
    rows,
    units: UNITS,
    unitStart,
    covariateCount: 2,
    covariates,
    groupings: [
      {
        name: 'all',
        levels: 1,
        levelOfUnit: new Int32Array(UNITS),
        covariates: [0, 1],
        deviation: [5, 5],
        fixed: true,
      },
      { name: 'group', levels: 12, levelOfUnit: groups, covariates: [0, 1], deviation: [0.2, 0.2] },
      { name: 'unit', levels: UNITS, levelOfUnit: Int32Array.from(groups.keys()), covariates: [0], deviation: [0.2] },
    ],
    rowFactors: [{ name: 'season', levels: 4, levelOfRow, deviation: 0.2 }],
  };
  return { design, counts, slopes };
}

test('known slopes per group, their spread and the dispersion of plain counts are recovered', () => {
  const { design, counts, slopes } = simulate(() => 150);
  const fit = fitMultilevelCounts(design, counts, { passes: 15, solveSteps: 60, solveTolerance: 1e-6 });
  const overall = fit.coefficients[1]!;
  slopes.forEach((slope, group) => {
    const fitted = overall + fit.coefficients[fit.layout.groupingOffset[1]! + group * 2 + 1]!;
    assert.ok(Math.abs(fitted - slope) < 0.15, `group ${group}: ${fitted} for ${slope}`);
  });
  assert.ok(fit.groupingDeviation[1]![1]! > 0.25 && fit.groupingDeviation[1]![1]! < 0.9);
  assert.ok(fit.groupingDeviation[2]![0]! > 0.3 && fit.groupingDeviation[2]![0]! < 0.52);
  assert.ok(fit.dispersion.linear > 0.8 && fit.dispersion.linear < 1.2, `linear ${fit.dispersion.linear}`);
  assert.ok(fit.dispersion.quadratic < 0.02);
});

test('a unit with three observations is drawn to its group, one with 150 stands on its own', () => {
  const { design, counts } = simulate((unit) => (unit % 2 === 0 ? 3 : 150));
  const fit = fitMultilevelCounts(design, counts);
  const variance = (unit: number) => fit.variances[fit.layout.groupingOffset[2]! + unit]!;
  assert.ok(variance(0) > 3 * variance(1));
  const raw = (unit: number) => {
    let actual = 0;
    let mean = 0;
    for (let row = design.unitStart[unit]!; row < design.unitStart[unit + 1]!; row++) {
      actual += counts[row]!;
      mean += fit.mean[row]! / Math.exp(fit.coefficients[fit.layout.groupingOffset[2]! + unit]!);
    }
    return Math.log(actual / mean);
  };
  const kept = (parity: number) => {
    let own = 0;
    let shrunk = 0;
    for (let unit = parity; unit < UNITS; unit += 2) {
      own += raw(unit) ** 2;
      shrunk += raw(unit) * fit.coefficients[fit.layout.groupingOffset[2]! + unit]!;
    }
    return shrunk / own;
  };
  assert.ok(kept(0) < 0.97 && kept(1) > 0.97, `thin units keep ${kept(0)}, thick ones ${kept(1)}`);
});

test('the same data give the same coefficients to the last bit', () => {
  const first = simulate(() => 40);
  const second = simulate(() => 40);
  assert.deepEqual(
    fitMultilevelCounts(first.design, first.counts).coefficients,
    fitMultilevelCounts(second.design, second.counts).coefficients,
  );
});

test('negative or unknown counts and a wrong number of counts are refused', () => {
  const { design, counts } = simulate(() => 10);
  assert.throws(() => fitMultilevelCounts(design, counts.slice(1)), RangeError);
  assert.throws(() => fitMultilevelCounts(design, counts.with(3, -1)), /row 3/);
  assert.throws(() => fitMultilevelCounts(design, counts.with(3, Number.NaN)), /row 3/);
});
