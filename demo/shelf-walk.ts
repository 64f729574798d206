import type { DemoCustomer, DemoProduct, DemoSeries, ResponseTruth, SellOut } from './maker.ts';
import { promotionMultiplier } from './response.ts';
import type { ShelfEvent } from './shelf-events.ts';

/** What the sell-out is made from. */
export interface SellOutInput {
  seed: number;
  customers: readonly DemoCustomer[];
  products: readonly DemoProduct[];
  response: ResponseTruth;
  weekStart: readonly string[];
  /** Fiscal week number of each sell-out week. */
  fiscalWeek: (week: number) => number;
  priceIncreaseOn: string;
  events: readonly ShelfEvent[];
  series: readonly DemoSeries[];
}

/** The part of a cell's expected units that one event is the cause of. */
export interface Contribution {
  event: number;
  cell: number;
  kind: 'incremental' | 'dip' | 'cannibalisation' | 'competition';
  units: number;
}

/** Expected units of every cell, their parts, and who caused them. */
export interface Expectation {
  baseline: Float64Array;
  expected: Float64Array;
  incremental: Float64Array;
  dip: Float64Array;
  cannibalisation: Float64Array;
  competition: Float64Array;
  contributions: Contribution[];
}

/** No combination of dips and rivals takes more than this share of a cell. */
const LARGEST_LOSS = 0.8;
/** Own sister products lose by nearness: same family, same brand, same category. */
const NEARNESS = { family: 1, brand: 0.5, category: 0.2 };

/** Walks the events over the shelf and books what each does to every cell. */
export class ShelfWalk {
  readonly contributions: Contribution[] = [];
  readonly #input: SellOutInput;
  readonly #sellOut: SellOut;
  readonly #baseline: Float64Array;
  readonly #weeks: number;
  readonly #products: Map<string, DemoProduct>;
  readonly #byAccount = new Map<string, number[]>();

  constructor(input: SellOutInput, sellOut: SellOut, baseline: Float64Array) {
    this.#input = input;
    this.#sellOut = sellOut;
    this.#baseline = baseline;
    this.#weeks = input.weekStart.length;
    this.#products = new Map(input.products.map((p) => [p.code, p]));
    sellOut.series.forEach((series, s) => {
      const list = this.#byAccount.get(series.customerCode) ?? [];
      list.push(s);
      this.#byAccount.set(series.customerCode, list);
    });
  }

  #product(series: number): DemoProduct {
    return this.#products.get(this.#sellOut.series[series]!.productCode)!;
  }

  /** Puts one event on one account's shelf. */
  run(eventIndex: number, event: ShelfEvent, account: string): void {
    const inside = new Set(event.productCodes);
    const all = this.#byAccount.get(account) ?? [];
    for (const series of all) {
      if (!inside.has(this.#sellOut.series[series]!.productCode)) continue;
      let total = 0;
      for (let week = event.firstWeek; week <= Math.min(event.lastWeek, this.#weeks - 1); week++) {
        const units = this.#lift(event, series, week);
        if (units <= 0) continue;
        total += units;
        this.#book(eventIndex, series, week, 'incremental', units);
        this.#takeFromOthers(eventIndex, inside, all, series, week, units);
      }
      this.#bookDip(eventIndex, event, series, total);
    }
  }

  #book(event: number, series: number, week: number, kind: Contribution['kind'], units: number): void {
    this.contributions.push({ event, cell: series * this.#weeks + week, kind, units });
  }

  #lift(event: ShelfEvent, series: number, week: number): number {
    const cell = series * this.#weeks + week;
    const { productCode, customerCode } = this.#sellOut.series[series]!;
    const basePriceMinor = this.#sellOut.basePriceMinor[cell]!;
    const priceMinor = basePriceMinor - event.cutMinor.get(productCode)!;
    this.#sellOut.priceMinor[cell] = priceMinor;
    this.#sellOut.feature[cell] = event.feature ? 1 : 0;
    this.#sellOut.display[cell] = event.display ? 1 : 0;
    this.#sellOut.priceReduction[cell] = priceMinor < basePriceMinor && !event.feature && !event.display ? 1 : 0;
    const { response } = this.#input;
    const multiple = promotionMultiplier(
      response.family.get(this.#product(series).familyCode!)!,
      response.accountSensitivity.get(customerCode)!,
      { priceMinor, basePriceMinor, feature: event.feature, display: event.display },
    );
    return this.#baseline[cell]! * (multiple - 1);
  }

  #bookDip(eventIndex: number, event: ShelfEvent, series: number, incremental: number): void {
    const { response } = this.#input;
    const share = response.family.get(this.#product(series).familyCode!)!.pantryShare;
    response.dipWeights.forEach((weight, i) => {
      const week = event.lastWeek + 1 + i;
      if (week >= this.#weeks || this.#baseline[series * this.#weeks + week] === 0) return;
      this.#book(eventIndex, series, week, 'dip', incremental * share * weight);
    });
  }

  #takeFromOthers(
    eventIndex: number,
    inside: ReadonlySet<string>,
    all: readonly number[],
    series: number,
    week: number,
    incremental: number,
  ): void {
    const product = this.#product(series);
    const response = this.#input.response.family.get(product.familyCode!)!;
    const sisters: [number, number][] = [];
    const rivals: [number, number][] = [];
    for (const other of all) {
      const it = this.#product(other);
      if (it.categoryCode !== product.categoryCode || inside.has(it.code)) continue;
      const base = this.#baseline[other * this.#weeks + week]!;
      if (it.own !== product.own) rivals.push([other, base]);
      else if (it.familyCode === product.familyCode) sisters.push([other, base * NEARNESS.family]);
      else sisters.push([other, base * (it.brandCode === product.brandCode ? NEARNESS.brand : NEARNESS.category)]);
    }
    this.#share(eventIndex, sisters, week, 'cannibalisation', incremental * response.cannibalisationShare);
    this.#share(eventIndex, rivals, week, 'competition', incremental * response.competitorShare);
  }

  #share(event: number, weights: [number, number][], week: number, kind: Contribution['kind'], units: number): void {
    const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
    if (total === 0) return;
    for (const [series, weight] of weights) this.#book(event, series, week, kind, (units * weight) / total);
  }
}

/** Scales losses down where they would take too much of a cell, and sums the parts. */
export function sumExpectation(baseline: Float64Array, contributions: Contribution[]): Expectation {
  const parts = {
    incremental: new Float64Array(baseline.length),
    dip: new Float64Array(baseline.length),
    cannibalisation: new Float64Array(baseline.length),
    competition: new Float64Array(baseline.length),
  };
  for (const { cell, kind, units } of contributions) parts[kind][cell]! += units;
  const expected = new Float64Array(baseline.length);
  const scale = new Float64Array(baseline.length).fill(1);
  for (let cell = 0; cell < baseline.length; cell++) {
    const before = baseline[cell]! + parts.incremental[cell]!;
    const loss = parts.dip[cell]! + parts.cannibalisation[cell]! + parts.competition[cell]!;
    if (loss > LARGEST_LOSS * before) scale[cell] = (LARGEST_LOSS * before) / loss;
    parts.dip[cell]! *= scale[cell]!;
    parts.cannibalisation[cell]! *= scale[cell]!;
    parts.competition[cell]! *= scale[cell]!;
    expected[cell] = before - loss * scale[cell]!;
  }
  const scaled = contributions.map((c) => (c.kind === 'incremental' ? c : { ...c, units: c.units * scale[c.cell]! }));
  return { baseline, expected, ...parts, contributions: scaled };
}
