import { Decimal, money } from '#money';
import type { EventProduct, EventTactic } from '#performance';
import {
  type ComponentVolume,
  type EventMeasurement,
  type MeasuredScope,
  measureEvent,
  prepareMeasurement,
  priceEvent,
} from '#performance';
import { accountsBelow } from '../demo/customers.ts';
import { dayNumber } from '../demo/fiscal-weeks.ts';
import type { DemoMaker, DemoPromotion, EventTruth } from '../demo/maker.ts';
import { makerPanel } from '../demo/panel.ts';
import { priceOn } from '../demo/products.ts';
import { simulateMaker } from '../demo/simulate-maker.ts';
import { everydayTermsMinor } from '../demo/terms.ts';
import { type PlaceboScore, placeboBand, scorePlacebos } from './accuracy-placebo.ts';

/** Constants were chosen on seeds 1-9; these were never looked at while choosing. */
const SCORED_SEEDS = [101, 102, 103, 104, 105] as const;
const TODAY = '2026-11-23';
const ERROR_AT_MOST = 0.15;
const COVERAGE_WITHIN = [0.86, 0.94] as const;
const SIGN_AT_LEAST = 0.9;
/** The sign is asked for events whose true net ROI is farther from zero than this. */
const ROI_CLEAR_OF_ZERO = 0.1;
const NAIVE_WEEKS = 8;
/** Fake events per seed: with five seeds the share that is covered has a standard error of 1.3 %. */
const PLACEBOS = 120;

interface Scored {
  error: number;
  naiveError: number;
  covered: boolean;
  clear: boolean;
  trueRoi: number;
  rightSign: boolean;
  naiveRightSign: boolean;
  dipCovered: boolean | null;
  cannibalisationCovered: boolean | null;
  baselineError: number;
}

interface SeedScore {
  seed: number;
  scored: Scored[];
  refused: number;
  unfinished: number;
  placebo: PlaceboScore;
}

function scopeOf(maker: DemoMaker, promotion: DemoPromotion): MeasuredScope {
  const accounts = accountsBelow(maker.customers, promotion.customerCode);
  return {
    series: accounts.flatMap((customer) => promotion.productCodes.map((product) => ({ customer, product }))),
    startsOn: promotion.startsOn,
    endsOn: promotion.endsOn,
  };
}

/** Baseline per product by the mean of the eight last unpromoted weeks of each series before the event. */
function naiveBaseline(maker: DemoMaker, promotion: DemoPromotion): Map<string, number> {
  const { sellOut } = maker;
  const weeks = sellOut.weekStart.length;
  const first = (dayNumber(promotion.startsOn) - dayNumber(sellOut.weekStart[0]!)) / 7;
  const length = (dayNumber(promotion.endsOn) + 1 - dayNumber(promotion.startsOn)) / 7;
  const accounts = new Set(accountsBelow(maker.customers, promotion.customerCode));
  const baseline = new Map(promotion.productCodes.map((code) => [code, 0]));
  sellOut.series.forEach((series, s) => {
    if (!accounts.has(series.customerCode) || !baseline.has(series.productCode)) return;
    const before: number[] = [];
    for (let week = first - 1; week >= 0 && before.length < NAIVE_WEEKS; week--) {
      const cell = s * weeks + week;
      const promoted = sellOut.feature[cell] || sellOut.display[cell] || sellOut.priceReduction[cell];
      if (!promoted && sellOut.units[cell]! >= 0) before.push(sellOut.units[cell]!);
    }
    const listedWeeks = Math.max(
      0,
      Math.min(first + length - 1, series.lastWeek) - Math.max(first, series.firstWeek) + 1,
    );
    const mean = before.reduce((sum, x) => sum + x, 0) / Math.max(1, before.length);
    baseline.set(series.productCode, baseline.get(series.productCode)! + mean * listedWeeks);
  });
  return baseline;
}

const minor = (value: number): string => new Decimal(Math.round(value)).div(100).toFixed(2);

function tacticsOf(promotion: DemoPromotion): EventTactic[] {
  return promotion.tactics.map((tactic, i) => ({
    key: String(i),
    mechanic: tactic.mechanic,
    productIds: promotion.productCodes,
    rate: tactic.rate && {
      amount: new Decimal(tactic.rate.value).div(tactic.rate.per === 'percent' ? 1 : 100),
      currency: 'USD',
      per: tactic.rate.per,
    },
    lumpSum: tactic.lumpSumMinor === null ? null : money(minor(tactic.lumpSumMinor), 'USD'),
    passThrough: new Decimal(tactic.passThrough ?? 1),
    fundSplit: [{ fundId: promotion.fundCode, share: new Decimal(1) }],
  }));
}

function shippedCases(maker: DemoMaker, promotion: DemoPromotion): Map<string, number> {
  const accounts = new Set(accountsBelow(maker.customers, promotion.customerCode));
  const cases = new Map<string, number>(promotion.productCodes.map((code) => [code, 0]));
  for (const s of maker.shipments) {
    if (!accounts.has(s.customerCode) || !cases.has(s.productCode)) continue;
    if (s.periodStart < promotion.shipStartsOn || s.periodStart > promotion.shipEndsOn) continue;
    cases.set(s.productCode, cases.get(s.productCode)! + s.cases);
  }
  return cases;
}

interface ProductVolume {
  product: string;
  units: number;
  baselineUnits: number;
}

/** Net ROI by the house formulas; null without spend. */
function netRoi(
  maker: DemoMaker,
  promotion: DemoPromotion,
  volumes: readonly ProductVolume[],
  dip: readonly { product: string; units: number }[] | null,
  cannibalised: readonly { product: string; units: number }[] | null,
): number | null {
  const byCode = new Map(maker.products.map((p) => [p.code, p]));
  const shipped = shippedCases(maker, promotion);
  const { customerCode, startsOn } = promotion;
  const termsMinor = (product: string, listPriceMinor: number): number => {
    const { categoryCode } = byCode.get(product)!;
    return everydayTermsMinor(maker.terms, { customerCode, categoryCode, date: startsOn }, listPriceMinor);
  };
  const products = volumes.map(({ product, units, baselineUnits }): EventProduct => {
    const price = priceOn(maker.prices, product, promotion.startsOn);
    return {
      productId: product,
      unitsPerCase: new Decimal(byCode.get(product)!.unitsPerCase!),
      listPrice: money(minor(price.listPriceMinor), 'USD'),
      cost: money(minor(price.costMinor), 'USD'),
      standingTerms: money(minor(termsMinor(product, price.listPriceMinor)), 'USD'),
      baselineUnits: new Decimal(baselineUnits),
      units: new Decimal(units),
      shippedCases: new Decimal(shipped.get(product) ?? 0),
    };
  });
  const component = (parts: readonly { product: string; units: number }[] | null): ComponentVolume[] | null =>
    parts?.map(({ product, units }) => {
      const { listPriceMinor, costMinor } = priceOn(maker.prices, product, promotion.startsOn);
      return {
        productId: product,
        cases: new Decimal(units).div(byCode.get(product)!.unitsPerCase!),
        contributionPerCase: new Decimal(listPriceMinor - termsMinor(product, listPriceMinor) - costMinor).div(100),
      };
    }) ?? null;
  const event = {
    currency: 'USD',
    tactics: tacticsOf(promotion),
    products,
    dip: component(dip),
    cannibalisation: component(cannibalised),
    halo: null,
  };
  const roi = priceEvent(event).netRoi;
  return roi === null ? null : Number(roi);
}

function measuredRoi(maker: DemoMaker, promotion: DemoPromotion, m: EventMeasurement): number | null {
  const volumes = m.products.map((p) => ({ product: p.product, units: p.actualUnits, baselineUnits: p.baselineUnits }));
  const dip = m.dipUnits && m.products.map((p) => ({ product: p.product, units: p.dipUnits ?? 0 }));
  return netRoi(maker, completeTactics(promotion, volumes), volumes, dip, m.cannibalisationUnits && m.cannibalised);
}

/** The promotion with only the products that were sold: a tactic may not name products without volumes. */
function completeTactics(promotion: DemoPromotion, volumes: readonly ProductVolume[]): DemoPromotion {
  return { ...promotion, productCodes: volumes.map((v) => v.product) };
}

const inside = (x: number, { low, high }: { low: number; high: number }): boolean => low <= x && x <= high;

function scoreEvent(maker: DemoMaker, promotion: DemoPromotion, truth: EventTruth, m: EventMeasurement): Scored {
  const naive = naiveBaseline(maker, promotion);
  const volumes = m.products.map((p) => ({
    product: p.product,
    units: p.actualUnits,
    baselineUnits: naive.get(p.product)!,
  }));
  const naiveIncremental = volumes.reduce((sum, v) => sum + v.units - v.baselineUnits, 0);
  const roi = measuredRoi(maker, promotion, m) ?? 0;
  const naiveRoi = netRoi(maker, completeTactics(promotion, volumes), volumes, null, null) ?? 0;
  const error = (value: number): number => Math.abs(value / truth.incrementalUnits - 1);
  return {
    error: error(m.incrementalUnits.value),
    naiveError: error(naiveIncremental),
    covered: inside(truth.incrementalUnits, m.incrementalUnits),
    clear: Math.abs(truth.netRoi) > ROI_CLEAR_OF_ZERO,
    trueRoi: truth.netRoi,
    rightSign: Math.sign(roi) === Math.sign(truth.netRoi),
    naiveRightSign: Math.sign(naiveRoi) === Math.sign(truth.netRoi),
    dipCovered: m.dipUnits && inside(truth.dipUnits, m.dipUnits),
    cannibalisationCovered: m.cannibalisationUnits && inside(truth.cannibalisationUnits, m.cannibalisationUnits),
    baselineError: Math.abs(m.baselineUnits.value / truth.baselineUnits - 1),
  };
}

/** Scores every ended event of one seed; events whose four weeks after are not all in the data wait. */
function scoreSeed(seed: number): SeedScore {
  const maker = simulateMaker({ seed, today: TODAY });
  const panel = makerPanel(maker);
  const scopes = new Map(maker.promotions.map((p) => [p.code, scopeOf(maker, p)]));
  const model = prepareMeasurement({ panel, events: [...scopes.values()] });
  const placebo = scorePlacebos(panel, [...scopes.values()], { seed, count: PLACEBOS });
  const result: SeedScore = { seed, scored: [], refused: 0, unfinished: 0, placebo };
  const end = dayNumber(panel.weekStart.at(-1)!) + 6;
  for (const truth of maker.truth.events) {
    const promotion = maker.promotions.find((p) => p.code === truth.code)!;
    if (dayNumber(promotion.endsOn) + 7 * model.dipWeeks > end) {
      result.unfinished++;
      continue;
    }
    const measured = measureEvent({ panel, event: scopes.get(truth.code)!, otherEvents: [], model });
    if (measured.refused !== undefined) result.refused++;
    else result.scored.push(scoreEvent(maker, promotion, truth, measured));
  }
  return result;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function share(values: readonly (boolean | null)[]): number {
  const known = values.filter((x) => x !== null);
  return known.filter(Boolean).length / known.length;
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;

function verdict(missBy: number): string {
  return missBy <= 0 ? 'PASS' : `MISS by ${percent(missBy)}`;
}

function seedLine({ seed, scored, refused, unfinished, placebo }: SeedScore): string {
  const clear = scored.filter((s) => s.clear);
  return [
    `  seed ${seed}: ${scored.length} events`,
    `median error ${percent(median(scored.map((s) => s.error)))} (naive ${percent(median(scored.map((s) => s.naiveError)))})`,
    `coverage ${percent(share(scored.map((s) => s.covered)))}`,
    `ROI sign ${percent(share(clear.map((s) => s.rightSign)))} of ${clear.length}`,
    `refused ${refused}, dip window not over ${unfinished}`,
    `fake events ${percent(placebo.covered / placebo.measured)} of ${placebo.measured}`,
  ].join(', ');
}

/**
 * Measures every ended event of five simulated makers whose truth is known and scores the measurement: lines to print,
 * and whether all targets are met.
 */
export async function runDemoAccuracy(): Promise<{ lines: string[]; ok: boolean }> {
  const seeds = SCORED_SEEDS.map(scoreSeed);
  const all = seeds.flatMap((s) => s.scored);
  const clear = all.filter((s) => s.clear);
  const error = median(all.map((s) => s.error));
  const coverage = share(all.map((s) => s.covered));
  const sign = share(clear.map((s) => s.rightSign));
  const [least, most] = COVERAGE_WITHIN;
  const fakes = sumOf(seeds.map(({ placebo }) => placebo.measured));
  const zeroes = sumOf(seeds.map(({ placebo }) => placebo.covered)) / fakes;
  const [fewest, mostZeroes] = placeboBand(fakes);
  const misses = [
    error - ERROR_AT_MOST,
    Math.max(least - coverage, coverage - most),
    SIGN_AT_LEAST - sign,
    Math.max(fewest - zeroes, zeroes - mostZeroes),
  ];
  const always = Math.max(share(clear.map((s) => s.trueRoi > 0)), share(clear.map((s) => s.trueRoi < 0)));
  return {
    ok: misses.every((miss) => miss <= 0),
    lines: [
      `Demo maker: recovered against true, seeds ${SCORED_SEEDS.join(', ')} (constants chosen on seeds 1-9)`,
      ...seeds.map(seedLine),
      `${verdict(misses[0]!)}  median event error of incremental volume ${percent(error)} (target ≤ 15 %; mean of ${NAIVE_WEEKS} unpromoted weeks before: ${percent(median(all.map((s) => s.naiveError)))})`,
      `${verdict(misses[1]!)}  90 % intervals of incremental volume cover ${percent(coverage)} (target 86-94 %)`,
      `${verdict(misses[2]!)}  sign of net ROI right for ${percent(sign)} of ${clear.length} events with |ROI| > 10 % (target ≥ 90 %; naive ${percent(share(clear.map((s) => s.naiveRightSign)))}; always the commoner sign ${percent(always)})`,
      `${verdict(misses[3]!)}  placebo: 90 % intervals of ${fakes} fake events, where nothing ran, cover zero for ${percent(zeroes)} (target 90 % ± 3 standard errors of ${fakes} draws: ${percent(fewest)} to ${percent(mostZeroes)})`,
      `      beside: median baseline error ${percent(median(all.map((s) => s.baselineError)))}, dip intervals cover ${percent(share(all.map((s) => s.dipCovered)))}, cannibalisation intervals ${percent(share(all.map((s) => s.cannibalisationCovered)))}`,
    ],
  };
}

if (import.meta.main) {
  const { lines, ok } = await runDemoAccuracy();
  console.log(lines.join('\n'));
  process.exitCode = ok ? 0 : 1;
}
