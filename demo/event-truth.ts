import { accountsBelow } from './customers.ts';
import type {
  DemoCustomer,
  DemoPrice,
  DemoProduct,
  DemoPromotion,
  DemoShipment,
  DemoTerms,
  EventTruth,
  SellOut,
} from './maker.ts';
import { priceOn } from './products.ts';

import type { ShelfEvent } from './shelf-events.ts';
import type { Expectation } from './shelf-walk.ts';
import { everydayTermsMinor } from './terms.ts';

/** What the truth of events is computed from. */
export interface EventTruthInput {
  customers: readonly DemoCustomer[];
  products: readonly DemoProduct[];
  prices: readonly DemoPrice[];
  terms: DemoTerms;
  promotions: readonly DemoPromotion[];
  events: readonly ShelfEvent[];
  sellOut: SellOut;
  expectation: Expectation;
  shipments: readonly DemoShipment[];
}

/** Everyday contribution of one unit in cents: (list − everyday terms − cost) / units per case at the event's start. */
function unitMarginMinor(
  { prices, terms }: Pick<EventTruthInput, 'prices' | 'terms'>,
  { code, categoryCode, unitsPerCase }: DemoProduct,
  customerCode: string,
  date: string,
): number {
  const { listPriceMinor, costMinor } = priceOn(prices, code, date);
  const termsMinor = everydayTermsMinor(terms, { customerCode, categoryCode, date }, listPriceMinor);
  return (listPriceMinor - termsMinor - costMinor) / unitsPerCase!;
}

/**
 * Spend of an event in cents on its actual volumes: scan-back and price cuts on POS units in the event's weeks,
 * bill-back and off-invoice on cases shipped in the ship window, lump sums as they are. A missing week counts with its
 * expected units.
 */
function eventSpendMinor(
  input: Omit<EventTruthInput, 'expectation'> & { expected: Float64Array },
  promotion: DemoPromotion,
  event: ShelfEvent,
): number {
  const accounts = new Set(accountsBelow(input.customers, promotion.customerCode));
  const inside = new Set(promotion.productCodes);
  let spendMinor = 0;
  for (const { mechanic, rate, lumpSumMinor } of promotion.tactics) {
    spendMinor += lumpSumMinor ?? 0;
    if (!rate) continue;
    if (mechanic === 'scan_back' || mechanic === 'temporary_price_reduction') {
      spendMinor += rate.value * posUnits(input, event, accounts, inside);
      continue;
    }
    for (const s of input.shipments) {
      if (!accounts.has(s.customerCode) || !inside.has(s.productCode)) continue;
      if (s.periodStart < promotion.shipStartsOn || s.periodStart > promotion.shipEndsOn) continue;
      const list = priceOn(input.prices, s.productCode, s.periodStart).listPriceMinor;
      spendMinor += s.cases * (rate.per === 'percent' ? Math.round((list * rate.value) / 100) : rate.value);
    }
  }
  return Math.round(spendMinor);
}

function posUnits(
  input: { sellOut: SellOut; expected: Float64Array },
  event: ShelfEvent,
  accounts: ReadonlySet<string>,
  inside: ReadonlySet<string>,
): number {
  const weeks = input.sellOut.weekStart.length;
  let units = 0;
  input.sellOut.series.forEach((series, s) => {
    if (!accounts.has(series.customerCode) || !inside.has(series.productCode)) return;
    for (
      let week = Math.max(event.firstWeek, series.firstWeek);
      week <= Math.min(event.lastWeek, series.lastWeek);
      week++
    ) {
      const cell = s * weeks + week;
      units += input.sellOut.units[cell]! >= 0 ? input.sellOut.units[cell]! : input.expected[cell]!;
    }
  });
  return units;
}

interface Sums {
  incremental: number;
  dip: number;
  cannibalisation: number;
  competitor: number;
  contributionMinor: number;
}

/** First later week in which each series is in another own event: the dip window stops there. */
function nextEventWeeks(input: EventTruthInput): (series: number, afterWeek: number) => number {
  const starts = new Map<string, number[]>();
  for (const event of input.events) {
    if (event.promotion < 0) continue;
    for (const account of event.accounts)
      for (const product of event.productCodes) {
        const key = `${account}|${product}`;
        starts.set(key, [...(starts.get(key) ?? []), event.firstWeek]);
      }
  }
  return (series, afterWeek) => {
    const { customerCode, productCode } = input.sellOut.series[series]!;
    const later = (starts.get(`${customerCode}|${productCode}`) ?? []).filter((week) => week > afterWeek);
    return Math.min(...later, Number.POSITIVE_INFINITY);
  };
}

function sumContributions(input: EventTruthInput): Sums[] {
  const weeks = input.sellOut.weekStart.length;
  const products = new Map(input.products.map((p) => [p.code, p]));
  const nextEventWeek = nextEventWeeks(input);
  const sums = input.events.map(
    (): Sums => ({ incremental: 0, dip: 0, cannibalisation: 0, competitor: 0, contributionMinor: 0 }),
  );
  for (const { event, cell, kind, units } of input.expectation.contributions) {
    const shelfEvent = input.events[event]!;
    if (shelfEvent.promotion < 0) continue;
    const sum = sums[event]!;
    const series = Math.floor(cell / weeks);
    const { customerCode, productCode } = input.sellOut.series[series]!;
    if (kind === 'competition') {
      sum.competitor += units;
      continue;
    }
    if (kind === 'dip' && cell % weeks >= nextEventWeek(series, shelfEvent.lastWeek)) continue;
    sum[kind] += units;
    const { startsOn } = input.promotions[shelfEvent.promotion]!;
    const marginMinor = unitMarginMinor(input, products.get(productCode)!, customerCode, startsOn);
    sum.contributionMinor += (kind === 'incremental' ? 1 : -1) * units * marginMinor;
  }
  return sums;
}

function expectedUnits(input: EventTruthInput, event: ShelfEvent): number {
  const weeks = input.sellOut.weekStart.length;
  const accounts = new Set(event.accounts);
  const inside = new Set(event.productCodes);
  let units = 0;
  input.sellOut.series.forEach((series, s) => {
    if (!accounts.has(series.customerCode) || !inside.has(series.productCode)) return;
    for (let week = event.firstWeek; week <= event.lastWeek; week++)
      units += input.expectation.expected[s * weeks + week]!;
  });
  return units;
}

/** The truth of every own event that has ended within the sell-out weeks, in the order of the promotions. */
export function eventTruths(input: EventTruthInput): EventTruth[] {
  const sums = sumContributions(input);
  const truths: EventTruth[] = [];
  input.events.forEach((event, i) => {
    const promotion = input.promotions[event.promotion];
    if (!promotion || event.lastWeek >= input.sellOut.weekStart.length) return;
    const sum = sums[i]!;
    const expected = expectedUnits(input, event);
    const spendMinor = eventSpendMinor({ ...input, expected: input.expectation.expected }, promotion, event);
    const netProfitMinor = Math.round(sum.contributionMinor - spendMinor);
    truths.push({
      code: promotion.code,
      expectedUnits: expected,
      baselineUnits: expected - sum.incremental,
      incrementalUnits: sum.incremental,
      dipUnits: sum.dip,
      cannibalisationUnits: sum.cannibalisation,
      competitorUnits: sum.competitor,
      spendMinor,
      netProfitMinor,
      netRoi: netProfitMinor / spendMinor,
    });
  });
  return truths;
}
