import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { coverage, lastValue, recentMean, sameSeasonBefore, totalBias, wape } from '#ml';
import {
  fitPromotionModel,
  type PlannedWeek,
  type PromotionModel,
  predictTotals,
  predictWeeks,
  type SalesPanel,
} from '#performance';
import { placeboBand, scorePlacebos } from './accuracy-placebo.ts';
import { readFratPanel } from './read-frat.ts';

/** What a part of an accuracy run says: lines for people, and whether every hard target was met. */
export interface AccuracyReport {
  lines: string[];
  ok: boolean;
}

const ORIGINS = [118, 106, 94];
const HORIZON_WEEKS = 12;
const NAIVE = ['last value', 'mean of 8 weeks', 'same week last year'] as const;

interface ScoredRow {
  actual: number;
  forecast: number;
  low: number;
  high: number;
  promoted: boolean;
  /** SKU × week. */
  key: string;
  naive: number[];
}

interface OriginResult {
  origin: number;
  rows: ScoredRow[];
  totals: { actual: number; forecast: number; low: number; high: number }[];
  model: PromotionModel;
  fitSeconds: number;
}

/** Scores the model on "Breakfast at the Frat" by the data's scoring rule; `quick` runs origin 118 only. */
export async function runFratAccuracy(dataFolder: string, quick: boolean): Promise<AccuracyReport> {
  const folder = join(dataFolder, 'frat');
  if (!existsSync(folder)) return { lines: [`frat: ${folder} is not there, nothing to score`], ok: false };
  const panel = await readFratPanel(folder);
  const results: OriginResult[] = [];
  for (const origin of quick ? ORIGINS.slice(0, 1) : ORIGINS) results.push(scoreOrigin(panel, origin));
  const targets = [...judge(results), placeboTarget(panel)];
  return {
    lines: [
      `frat: ${panel.units.length} valid rows, ${panel.series.length} store × SKU series`,
      ...results.flatMap(originLines),
      ...targets.map((target) => target.line),
    ],
    ok: targets.every((target) => target.met || !target.hard),
  };
}

function scoreOrigin(panel: SalesPanel, origin: number): OriginResult {
  const started = process.hrtime.bigint();
  const model = fitPromotionModel(panel, { originWeek: origin });
  if ('refused' in model) throw new Error(`origin ${origin}: ${model.refused}`);
  const fitSeconds = Number(process.hrtime.bigint() - started) / 1e9;
  const histories = historiesOf(panel, origin);
  const plan: PlannedWeek[] = [];
  const observations: number[] = [];
  for (let i = 0; i < panel.units.length; i++) {
    if (panel.week[i]! < origin || panel.week[i]! >= origin + HORIZON_WEEKS) continue;
    if (histories[panel.seriesIndex[i]!]!.every(Number.isNaN)) continue;
    plan.push(plannedWeekOf(panel, i));
    observations.push(i);
  }
  const isScored = observations.map((i) => meetsScoringRule(histories[panel.seriesIndex[i]!]!, origin));
  const predictions = predictWeeks(model, plan);
  const key = (row: PlannedWeek) => `${row.product} ${row.weekStart}`;
  const totals = predictTotals(model, plan, (row, i) => (isScored[i] ? key(row) : undefined));
  if (!Array.isArray(predictions)) throw new Error(predictions.refused);
  if (!(totals instanceof Map)) throw new Error(totals.refused);
  const rows = observations.flatMap((i, at) => {
    if (!isScored[at]) return [];
    const { expected, low, high } = predictions[at]!;
    const row = plan[at]!;
    const promoted = row.feature || row.display || row.priceReduction;
    const naive = naiveForecasts(histories[panel.seriesIndex[i]!]!, origin, panel.week[i]!);
    return [{ actual: panel.units[i]!, forecast: expected, low, high, promoted, key: key(row), naive }];
  });
  const actuals = sumBy(rows, (row) => row.actual);
  const totalRows = [...totals].map(([name, total]) => ({
    actual: actuals.get(name)!,
    forecast: total.expected.units,
    low: total.expected.low,
    high: total.expected.high,
  }));
  return { origin, rows, totals: totalRows, model, fitSeconds };
}

/** What is known ahead of one observation: its prices and flags. */
function plannedWeekOf(panel: SalesPanel, i: number): PlannedWeek {
  const { customer, product } = panel.series[panel.seriesIndex[i]!]!;
  return {
    ...{ customer, product, weekStart: panel.weekStart[panel.week[i]!]! },
    ...{ price: panel.price[i]!, basePrice: panel.basePrice[i]! },
    ...{ feature: panel.feature[i] === 1, display: panel.display[i] === 1 },
    priceReduction: panel.priceReduction[i] === 1,
  };
}

function historiesOf(panel: SalesPanel, origin: number): Float64Array[] {
  const histories = panel.series.map(() => new Float64Array(origin).fill(Number.NaN));
  for (let i = 0; i < panel.units.length; i++) {
    if (panel.week[i]! < origin) histories[panel.seriesIndex[i]!]![panel.week[i]!] = panel.units[i]!;
  }
  return histories;
}

/** ≥ 52 valid training rows, and at least one in the last 8 training weeks. */
function meetsScoringRule(history: Float64Array, origin: number): boolean {
  const known = Array.from(history, (units) => Number.isFinite(units));
  return known.filter(Boolean).length >= 52 && known.slice(origin - 8).some(Boolean);
}

function naiveForecasts(history: Float64Array, origin: number, week: number): number[] {
  return [lastValue(history, origin), recentMean(history, origin, 8), sameSeasonBefore(history, origin, week, 52)];
}

function sumBy(rows: ScoredRow[], of: (row: ScoredRow) => number): Map<string, number> {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(row.key, (sums.get(row.key) ?? 0) + of(row));
  return sums;
}

/** WAPE of rows, promoted rows, SKU × week, promoted SKU × week, and total bias; rows without a forecast are left out. */
function scoresOf(all: ScoredRow[], forecast: (row: ScoredRow) => number) {
  const rows = all.filter((row) => Number.isFinite(forecast(row)));
  const promoted = rows.filter((row) => row.promoted);
  const actual = (list: ScoredRow[]) => list.map((row) => row.actual);
  const bySku = (list: ScoredRow[]) =>
    wape([...sumBy(list, (row) => row.actual).values()], [...sumBy(list, forecast).values()]);
  return {
    rows: rows.length,
    row: wape(actual(rows), rows.map(forecast)),
    rowPromoted: wape(actual(promoted), promoted.map(forecast)),
    sku: bySku(rows),
    skuPromoted: bySku(promoted),
    bias: totalBias(actual(rows), rows.map(forecast)),
  };
}

function coverageOf(rows: { actual: number; low: number; high: number }[]): number {
  return coverage(
    rows.map((row) => row.actual),
    rows.map((row) => row.low),
    rows.map((row) => row.high),
  );
}

const ratio = (value: number) => value.toFixed(4).padStart(7);
const percent = (value: number) => `${(value * 100).toFixed(1)} %`;

function originLines({ origin, rows, totals, model, fitSeconds }: OriginResult): string[] {
  const line = (name: string, scores: ReturnType<typeof scoresOf>) =>
    `  ${name.padEnd(22)}${ratio(scores.row)} ${ratio(scores.rowPromoted)} ${ratio(scores.sku)} ${ratio(scores.skuPromoted)}  ${percent(scores.bias).padStart(8)}  ${scores.rows}`;
  const lifts = Object.entries(model.fitted.medianLift).map(([kind, lift]) => `${kind} ×${lift.multiple.toFixed(2)}`);
  return [
    '',
    `origin ${origin}: trained through ${model.version.trainedThrough}, ${rows.length} rows, ${new Set(rows.map((row) => row.key)).size} SKU-weeks, fitted in ${fitSeconds.toFixed(0)} s`,
    '  WAPE                   row     promoted SKU×wk  promoted     bias  rows',
    ...NAIVE.map((name, i) =>
      line(
        name,
        scoresOf(rows, (row) => row.naive[i]!),
      ),
    ),
    line(
      'model',
      scoresOf(rows, (row) => row.forecast),
    ),
    `  90 % intervals hold: rows ${percent(coverageOf(rows))}, promoted ${percent(coverageOf(rows.filter((row) => row.promoted)))}, SKU × week ${percent(coverageOf(totals))}`,
    `  median lifts: ${lifts.join(', ')}`,
  ];
}

/** Fake events: the share that is covered has a standard error of 1.7 %. */
const PLACEBOS = 300;

/** Events where no flag says that anything ran: their intervals must hold zero as often as they claim. */
function placeboTarget(panel: SalesPanel): Target {
  const { measured, covered } = scorePlacebos(panel, [], { seed: 1, count: PLACEBOS });
  return within(`intervals of ${measured} fake events that cover zero`, covered / measured, ...placeboBand(measured));
}

interface Target {
  line: string;
  met: boolean;
  hard: boolean;
}

function judge(results: OriginResult[]): Target[] {
  const scores = results.map((result) => scoresOf(result.rows, (row) => row.forecast));
  const main = scores[0]!;
  const { rows, totals, model } = results[0]!;
  const mean = (of: (score: (typeof scores)[number]) => number) =>
    scores.reduce((sum, score) => sum + of(score), 0) / scores.length;
  const targets = [
    atMost('origin 118 store × SKU × week WAPE', main.row, 0.295),
    atMost('origin 118 promoted WAPE', main.rowPromoted, 0.315),
    atMost('origin 118 SKU × week WAPE', main.sku, 0.15),
    atMost('aim: origin 118 store × SKU × week WAPE', main.row, 0.275, false),
    atMost('aim: origin 118 SKU × week WAPE', main.sku, 0.132, false),
    within('origin 118 rows inside 90 % intervals', coverageOf(rows), 0.88, 0.93),
    within('origin 118 promoted rows inside', coverageOf(rows.filter((row) => row.promoted)), 0.86, 1),
    within('origin 118 SKU × weeks inside', coverageOf(totals), 0.87, 0.96),
    liftOrder(model),
  ];
  results.forEach(({ origin }, i) => {
    targets.push(within(`origin ${origin} total bias`, scores[i]!.bias, -0.05, 0.05));
    targets.push(atLeast(`origin ${origin} WAPE not suspiciously low (leakage)`, scores[i]!.row, 0.25));
  });
  if (results.length === ORIGINS.length) {
    targets.push(
      atMost(
        'mean of origins store × SKU × week WAPE',
        mean((s) => s.row),
        0.32,
      ),
    );
    targets.push(
      atMost(
        'mean of origins SKU × week WAPE',
        mean((s) => s.sku),
        0.172,
      ),
    );
    const held = (of: (result: OriginResult) => number) =>
      results.reduce((sum, result) => sum + of(result), 0) / results.length;
    const rowsHeld = held((result) => coverageOf(result.rows));
    const totalsHeld = held((result) => coverageOf(result.totals));
    targets.push(within('mean of origins rows inside', rowsHeld, 0.88, 0.93));
    targets.push(within('mean of origins SKU × weeks inside', totalsHeld, 0.87, 0.96));
  }
  return targets;
}

function verdict(name: string, value: number, wanted: string, miss: number, hard = true): Target {
  const met = miss <= 0;
  return {
    line: `${met ? 'PASS' : `MISS by ${miss.toFixed(4)}`}  ${name}: ${value.toFixed(4)} (${wanted})`,
    met,
    hard,
  };
}

function atMost(name: string, value: number, limit: number, hard = true): Target {
  return verdict(name, value, `≤ ${limit}`, value - limit, hard);
}

function atLeast(name: string, value: number, limit: number): Target {
  return verdict(name, value, `≥ ${limit}`, limit - value);
}

function within(name: string, value: number, low: number, high: number): Target {
  return verdict(
    name,
    value,
    `${Number(low.toFixed(4))} … ${Number(high.toFixed(4))}`,
    Math.max(low - value, value - high),
  );
}

function liftOrder(model: PromotionModel): Target {
  const { featureDisplay, feature, display, priceReduction } = model.fitted.medianLift;
  const ordered = [featureDisplay, feature, display, priceReduction].map((lift) => lift?.multiple ?? Number.NaN);
  const gaps = ordered.slice(1).map((multiple, i) => ordered[i]! - multiple);
  const least = Math.min(...gaps);
  return verdict(
    'median lifts order feature+display > feature > display > price reduction, least gap',
    least,
    '> 0',
    Number.isNaN(least) ? 1 : -least,
  );
}
