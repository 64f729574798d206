import type { SalesPanel } from '../domain/sales-panel.ts';

/** The truth that a {@link simulatePanel} is made from; all effects are logs. */
export const SIMULATED_TRUTH = {
  depth: 2.4,
  regularPrice: -1.5,
  feature: 0.6,
  display: 0.35,
  /** Of the week after a promotion. */
  dip: -0.35,
};

const WEEK_MS = 7 * 86_400_000;

/** Small seeded generator (mulberry32): every run of a test sees the same data. */
export function generator(seed: number): () => number {
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

/** A panel, and what each observation would have sold with no promotion in any week. */
export interface SimulatedPanel extends SalesPanel {
  withoutPromotion: Float64Array;
}

interface Draft {
  withoutPromotion: number;
  series: number;
  week: number;
  units: number;
  price: number;
  basePrice: number;
  feature: number;
  display: number;
  priceReduction: number;
}

/**
 * A panel for tests with a known response: 8 customers × 6 products (two groups of one category) over `weeks` weeks,
 * lognormal noise around the truth, and regular prices that move by product and customer. `keep` leaves weeks of series out.
 */
export function simulatePanel(options: {
  seed: number;
  weeks: number;
  noise: number;
  /** Noise that all customers of a product share in a week. */
  sharedNoise?: number;
  keep?: (customer: number, product: number, week: number) => boolean;
}): SimulatedPanel {
  const { seed, weeks, noise, keep } = options;
  const random = generator(seed);
  const series: SalesPanel['series'] = [];
  const rows: Draft[] = [];
  const shocks = Array.from({ length: 6 * weeks }, () => (options.sharedNoise ?? 0) * normal(random));
  for (let customer = 0; customer < 8; customer++) {
    for (let product = 0; product < 6; product++) {
      series.push({
        customer: `C${customer}`,
        customerGroup: `D${customer % 2}`,
        product: `P${product}`,
        productGroup: `G${product % 2}`,
        category: 'K',
        own: true,
      });
      const drafts = simulateSeries(random, {
        series: series.length - 1,
        weeks,
        noise,
        size: (40 + 15 * product) * (1 + customer / 2) * Math.exp(0.3 * normal(random)),
        shock: (week) => shocks[product * weeks + week]!,
      });
      rows.push(...drafts.filter((row) => keep?.(customer, product, row.week) ?? true));
    }
  }
  return panelOf(series, rows, weeks);
}

function simulateSeries(
  random: () => number,
  {
    series,
    weeks,
    noise,
    size,
    shock,
  }: { series: number; weeks: number; noise: number; size: number; shock: (week: number) => number },
): Draft[] {
  const rows: Draft[] = [];
  let promotedBefore = false;
  for (let week = 0; week < weeks; week++) {
    const promoted = random() < 0.18;
    const depth = promoted ? 0.1 + 0.35 * random() : 0;
    const feature = promoted && random() < 0.4 ? 1 : 0;
    const display = promoted && random() < 0.4 ? 1 : 0;
    // The regular price steps up and down on its own beat per series.
    const basePrice = 3 * (1 + 0.06 * (Math.floor((week + 7 * series) / 13) % 3));
    const effect =
      SIMULATED_TRUTH.depth * depth +
      SIMULATED_TRUTH.feature * feature +
      SIMULATED_TRUTH.display * display +
      (promotedBefore && !promoted ? SIMULATED_TRUTH.dip : 0);
    const withoutPromotion = Math.exp(
      Math.log(size) +
        0.2 * Math.sin((2 * Math.PI * week) / 52) +
        SIMULATED_TRUTH.regularPrice * Math.log(basePrice / 3) +
        noise * normal(random) -
        (noise * noise) / 2 +
        shock(week),
    );
    rows.push({
      series,
      week,
      units: Math.round(withoutPromotion * Math.exp(effect)),
      withoutPromotion,
      price: basePrice * Math.exp(-depth),
      basePrice,
      feature,
      display,
      priceReduction: promoted && !feature && !display ? 1 : 0,
    });
    promotedBefore = promoted;
  }
  return rows;
}

function panelOf(series: SalesPanel['series'], rows: Draft[], weeks: number): SimulatedPanel {
  const start = Date.parse('2024-01-01');
  return {
    weekStart: Array.from({ length: weeks }, (_, week) => new Date(start + week * WEEK_MS).toISOString().slice(0, 10)),
    series,
    seriesIndex: Int32Array.from(rows, (row) => row.series),
    week: Int32Array.from(rows, (row) => row.week),
    units: Float64Array.from(rows, (row) => row.units),
    withoutPromotion: Float64Array.from(rows, (row) => row.withoutPromotion),
    price: Float64Array.from(rows, (row) => row.price),
    basePrice: Float64Array.from(rows, (row) => row.basePrice),
    feature: Uint8Array.from(rows, (row) => row.feature),
    display: Uint8Array.from(rows, (row) => row.display),
    priceReduction: Uint8Array.from(rows, (row) => row.priceReduction),
  };
}
