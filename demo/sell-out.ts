import { dayNumber } from './fiscal-weeks.ts';
import type { DemoSeries, NoiseSettings, SellOut } from './maker.ts';
import { PRICE_INCREASE, raisesPrice } from './products.ts';
import { createRandom } from './random.ts';
import { type Expectation, type SellOutInput, ShelfWalk, sumExpectation } from './shelf-walk.ts';

/** Number of own and competitors' SKUs that an account lists: bounds the sell-out rows to about 107 000. */
const OWN_LISTED: readonly [number, number] = [26, 29];
const COMPETITORS_LISTED = 9;

/** Which SKUs each account lists and when: a few are launched late or delisted early. */
export function listSeries(input: Pick<SellOutInput, 'seed' | 'customers' | 'products' | 'weekStart'>): DemoSeries[] {
  const random = createRandom(input.seed, 'listing');
  const skus = input.products.filter((p) => p.level === 'sku');
  const weeks = input.weekStart.length;
  const series: DemoSeries[] = [];
  for (const account of input.customers.filter((c) => c.type === 'account')) {
    const own = random.shuffled(skus.filter((s) => s.own)).slice(0, random.whole(...OWN_LISTED));
    const competitors = random.shuffled(skus.filter((s) => !s.own)).slice(0, COMPETITORS_LISTED);
    const listed = new Set([...own, ...competitors].map((s) => s.code));
    for (const sku of skus) {
      if (!listed.has(sku.code)) continue;
      series.push({
        customerCode: account.code,
        productCode: sku.code,
        firstWeek: random.chance(0.05) ? random.whole(10, 60) : 0,
        lastWeek: random.chance(0.03) ? random.whole(70, weeks - 2) : weeks - 1,
      });
    }
  }
  return series;
}

/** Mean-reverting week-to-week drift of a series' level: what nobody can explain, slowly. */
const DRIFT = { persistence: 0.97, stepSd: 0.012 };
/** Club and mass accounts sell more of a SKU than a grocery account, convenience less. */
const CHANNEL_SIZE = { grocery: 1, mass: 1.5, club: 1.8, convenience: 0.6 };

/** Fills the sell-out's prices with the regular ones and returns the baseline: level × drift × season × trend × base price. */
function fillBaseline(input: SellOutInput, sellOut: SellOut, drifts: boolean): Float64Array {
  const weeks = input.weekStart.length;
  const baseline = new Float64Array(sellOut.series.length * weeks);
  const random = createRandom(input.seed, 'levels');
  const products = new Map(input.products.map((p) => [p.code, p]));
  const accounts = new Map(
    input.customers.map((c) => [
      c.code,
      {
        size: CHANNEL_SIZE[c.channel] * Math.exp(0.35 * random.normal()),
        priceLevel: random.between(0.95, 1.06),
      },
    ]),
  );
  const skuSize = new Map(input.products.map((p) => [p.code, 330 * Math.exp(0.4 * random.normal())]));
  const increaseWeek = (dayNumber(input.priceIncreaseOn) - dayNumber(input.weekStart[0]!)) / 7;
  sellOut.series.forEach((series, s) => {
    const product = products.get(series.productCode)!;
    const account = accounts.get(series.customerCode)!;
    const season = input.response.seasonality.get(product.categoryCode)!;
    const trend = Math.log(1 + input.response.trend.get(product.categoryCode)!);
    const level = account.size * skuSize.get(series.productCode)! * Math.exp(0.25 * random.normal());
    const firstBase = Math.round((product.shelfPriceMinor! * account.priceLevel) / 10) * 10 - 1;
    const laterBase = raisesPrice(product.brandCode!)
      ? Math.round((firstBase * (1 + PRICE_INCREASE)) / 10) * 10 - 1
      : firstBase;
    let drift = (DRIFT.stepSd * random.normal()) / Math.sqrt(1 - DRIFT.persistence ** 2);
    for (let week = 0; week < weeks; week++) {
      const cell = s * weeks + week;
      const basePriceMinor = week >= increaseWeek ? laterBase : firstBase;
      sellOut.basePriceMinor[cell] = basePriceMinor;
      sellOut.priceMinor[cell] = basePriceMinor;
      drift = DRIFT.persistence * drift + DRIFT.stepSd * random.normal();
      if (week < series.firstWeek || week > series.lastWeek) continue;
      const price = (basePriceMinor / firstBase) ** input.response.basePriceElasticity;
      const time = season[input.fiscalWeek(week) - 1]! * Math.exp((trend * (week - weeks / 2)) / 52);
      baseline[cell] = level * (drifts ? Math.exp(drift) : 1) * time * price;
    }
  });
  return baseline;
}

/** Expected sell-out of every series and week, and its parts; also fills prices and flags. */
export function expectSellOut(
  input: SellOutInput,
  noise: NoiseSettings,
): { sellOut: SellOut; expectation: Expectation } {
  const { series } = input;
  const size = series.length * input.weekStart.length;
  const sellOut: SellOut = {
    weekStart: [...input.weekStart],
    series: [...series],
    units: new Int32Array(size).fill(-1),
    priceMinor: new Int32Array(size),
    basePriceMinor: new Int32Array(size),
    feature: new Uint8Array(size),
    display: new Uint8Array(size),
    priceReduction: new Uint8Array(size),
    restated: [],
  };
  const baseline = fillBaseline(input, sellOut, noise.seriesCv > 0);
  const walk = new ShelfWalk(input, sellOut, baseline);
  input.events.forEach((event, i) => {
    for (const account of event.accounts) walk.run(i, event, account);
  });
  return { sellOut, expectation: sumExpectation(baseline, walk.contributions) };
}

/** Draws what was sold: gamma noise per cell, a shock per account and week, counting noise; then gaps and restatements. */
export function drawUnits(seed: number, sellOut: SellOut, expected: Float64Array, noise: NoiseSettings): void {
  const random = createRandom(seed, 'noise');
  const weeks = sellOut.weekStart.length;
  const shocks = new Map<string, Float64Array>();
  const present: number[] = [];
  sellOut.series.forEach((series, s) => {
    if (!shocks.has(series.customerCode))
      shocks.set(series.customerCode, drawAccountShocks(seed, series.customerCode, weeks, noise));
    const shock = shocks.get(series.customerCode)!;
    for (let week = series.firstWeek; week <= series.lastWeek; week++) {
      const cell = s * weeks + week;
      const mean = expected[cell]! * shock[week]! * random.gammaMeanOne(noise.seriesCv);
      const units = noise.counting ? random.poisson(mean) : Math.round(mean);
      if (random.chance(noise.missingShare)) continue;
      sellOut.units[cell] = units;
      present.push(cell);
    }
  });
  for (const cell of random
    .shuffled(present)
    .slice(0, noise.restatedCells)
    .sort((a, b) => a - b)) {
    const firstUnits = Math.max(0, Math.round(sellOut.units[cell]! * random.between(0.6, 0.95)));
    sellOut.restated.push({ cell, firstUnits });
  }
}

/** Shock of all of an account's products in a week, with some memory, mean 1. */
function drawAccountShocks(seed: number, account: string, weeks: number, noise: NoiseSettings): Float64Array {
  const random = createRandom(seed, `account ${account}`);
  const memory = 0.5;
  let x = noise.accountCv * random.normal();
  return Float64Array.from({ length: weeks }, () => {
    x = memory * x + noise.accountCv * Math.sqrt(1 - memory * memory) * random.normal();
    return Math.exp(x - noise.accountCv ** 2 / 2);
  });
}
