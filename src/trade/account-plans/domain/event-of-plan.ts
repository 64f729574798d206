import { daysBetween } from '#fiscal-calendar';
import { Decimal, fromJson, type MoneyJson } from '#money';
import { milliOf } from './account-plan.ts';
import { type PlanBasis, weekIndex } from './plan-basis.ts';
import type { PlannedCell, PlannedEvent } from './planned-effect.ts';
import { splitInteger } from './split-integer.ts';

/** What a promotion was predicted to do, as far as an account plan asks. Units are decimal strings of POS units. */
export interface PredictedPromotion {
  weeks: readonly { weekStart: string; productId: string; incrementalUnits: string }[];
  products: readonly { productId: string; spend: MoneyJson }[];
  spend: MoneyJson;
  /** What other own products lose (negative) or gain during the event; nothing where it is not estimated. */
  others?: readonly { productId: string; units: string }[] | null | undefined;
}

/** The dates and tactics that a prediction belongs to. */
export interface PromotionDates {
  id: string;
  startsOn: string;
  endsOn: string;
  /** Products at SKU level; their spend is spread evenly where nothing was predicted. */
  leafProductIds: readonly string[];
  /** The part of the spend that no volume changes, in minor units. */
  lumpMinor: number;
}

/** Where things stand in the columns of a plan. */
export interface PlanIndex {
  accounts: ReadonlyMap<string, number>;
  products: ReadonlyMap<string, number>;
}

/** The index of a basis. */
export function indexOf({ accounts, products }: PlanBasis): PlanIndex {
  const byId = (nodes: readonly { id: string }[]) => new Map(nodes.map(({ id }, i) => [id, i]));
  return { accounts: byId(accounts), products: byId(products) };
}

/** Days, both inclusive. */
interface DayRange {
  startsOn: string;
  endsOn: string;
}

/** Days of a week that an event covers, 0..7. */
export function daysIn(week: DayRange, { startsOn, endsOn }: DayRange): number {
  const from = week.startsOn > startsOn ? week.startsOn : startsOn;
  const to = week.endsOn < endsOn ? week.endsOn : endsOn;
  return Math.min(7, Math.max(0, daysBetween(from, to) + 1));
}

function caseSize(basis: PlanBasis, product: number, week: number): Decimal {
  const sizes = basis.caseSizes[product] ?? [];
  return new Decimal(sizes.findLast((size) => size.week <= week)?.units ?? sizes[0]?.units ?? '1');
}

function cellsOf(
  basis: PlanBasis,
  index: PlanIndex,
  dates: PromotionDates,
  plan: PredictedPromotion,
): Map<string, PlannedCell> {
  const cells = new Map<string, PlannedCell>();
  for (const { weekStart, productId, incrementalUnits } of plan.weeks) {
    const product = index.products.get(productId);
    const week = weekIndex(basis.weeks, weekStart);
    if (product === undefined || week === undefined) continue;
    const known = cells.get(`${product}|${week}`);
    const incrementalMilli = milliOf(incrementalUnits, caseSize(basis, product, week)) + (known?.incrementalMilli ?? 0);
    const days = daysIn(basis.weeks[week] ?? dates, dates);
    cells.set(`${product}|${week}`, { product, week, incrementalMilli, days });
  }
  if (plan.weeks.length > 0) return cells;
  basis.weeks.forEach((week, at) => {
    const days = daysIn(week, dates);
    if (days === 0) return;
    for (const productId of dates.leafProductIds) {
      const product = index.products.get(productId);
      if (product !== undefined) cells.set(`${product}|${at}`, { product, week: at, incrementalMilli: 0, days });
    }
  });
  return cells;
}

/** What the event takes from other products and gives to them, over its weeks by their days; no spend follows it. */
function otherCells(
  basis: PlanBasis,
  index: PlanIndex,
  dates: PromotionDates,
  others: PredictedPromotion['others'],
): PlannedCell[] {
  const days = basis.weeks.map((week) => daysIn(week, dates));
  const outside = daysBetween(dates.startsOn, dates.endsOn) + 1 - days.reduce((sum, one) => sum + one, 0);
  return (others ?? []).flatMap(({ productId, units }) => {
    const product = index.products.get(productId);
    if (product === undefined) return [];
    const first = days.findIndex((one) => one > 0);
    const parts = splitInteger(milliOf(units, caseSize(basis, product, Math.max(0, first))), [...days, outside]);
    return days.flatMap((_, week) => {
      const incrementalMilli = parts[week] ?? 0;
      return incrementalMilli === 0 ? [] : [{ product, week, incrementalMilli, days: 0 }];
    });
  });
}

/** How much of the event's days lies in the plan's year, as a weight beside the days outside. */
function yearShare({ weeks }: PlanBasis, dates: PromotionDates): [inside: number, outside: number] {
  const inside = weeks.reduce((days, week) => days + daysIn(week, dates), 0);
  return [inside, daysBetween(dates.startsOn, dates.endsOn) + 1 - inside];
}

/**
 * A promotion as the grid counts it. Money of an event that crosses the year's end falls into the years by its days.
 * Undefined where none of its accounts, products or days are in the plan.
 */
export function eventOfPlan(
  basis: PlanBasis,
  index: PlanIndex,
  dates: PromotionDates,
  plan: PredictedPromotion,
  accountIds: readonly string[],
): PlannedEvent | undefined {
  const accounts = accountIds.flatMap((id) => index.accounts.get(id) ?? []).sort((a, b) => a - b);
  const cells = [...cellsOf(basis, index, dates, plan).values(), ...otherCells(basis, index, dates, plan.others)];
  const promoted = [...new Set(cells.filter(({ days }) => days > 0).map(({ product }) => product))].sort(
    (a, b) => a - b,
  );
  if (accounts.length === 0 || promoted.length === 0) return undefined;
  const share = yearShare(basis, dates);
  const inYear = (minor: number): number => splitInteger(minor, share)[0] ?? 0;
  const total = Number(fromJson(plan.spend).minor);
  const known = new Map(
    plan.products.flatMap(({ productId, spend }) => {
      const product = index.products.get(productId);
      return product === undefined ? [] : [[product, Number(fromJson(spend).minor)] as const];
    }),
  );
  const predicted = promoted.map((product) => known.get(product) ?? 0);
  const even = splitInteger(
    total,
    promoted.map(() => 1),
  );
  const spend = promoted.map((product, i) => ({
    product,
    minor: inYear((known.size > 0 ? predicted[i] : even[i]) ?? 0),
  }));
  const whole = spend.reduce((sum, { minor }) => sum + minor, 0);
  return { id: dates.id, accounts, cells, spend, lumpMinor: Math.min(whole, inYear(dates.lumpMinor)) };
}
