import { addDays, daysBetween } from '#fiscal-calendar';
import { common, type Dates, weekFrom } from '../domain/event-part.ts';
import {
  type PlannedWeek,
  type PromotionModel,
  predictTotals,
  predictWeeks,
  type Refusal,
  type TotalPrediction,
} from './promotion-model.ts';

/** Another promotion of a series that the calendar knows. */
export interface KnownEvent {
  startsOn: string;
  endsOn: string;
  price: number;
  feature: boolean;
  display: boolean;
}

/** One customer × product of a plan. */
export interface PlannedSeries {
  customer: string;
  product: string;
  basePrice: number;
  /** Shelf price while the event runs; the base price where the plan does not cut it. */
  eventPrice: number;
  feature: boolean;
  display: boolean;
  /** Where tactics have dates of their own: the event's shelf by its days, without gaps, in the place of the above. */
  segments?: readonly KnownEvent[];
  like?: { productGroup: string; category: string };
  /** Other promotions of this series around the event: they stand on the shelf with the plan and without it. */
  others?: readonly KnownEvent[];
}

/** A week of the sales grid that an event touches. */
export interface PlanWeek {
  weekStart: string;
  /** Share of the week's days that belong to the event; 0 before and after it. */
  share: number;
  phase: 'before' | 'event' | 'after';
}

/** What a plan is predicted from. */
export interface PromotionPlan {
  /** The event's own series. */
  series: readonly PlannedSeries[];
  /** Other own products at the same customers, as they stand on the shelf: what they lose or gain is predicted. */
  sisters: readonly PlannedSeries[];
  startsOn: string;
  endsOn: string;
  /** Weeks after the event in which the dip is looked for. */
  dipWeeks: number;
}

/** One product in one week, all customers together, POS units. */
export interface ProductWeek {
  weekStart: string;
  product: string;
  promoted: boolean;
  baseline: number;
  predicted: number;
  incremental: number;
  /** 90 % interval of the predicted units. */
  low: number;
  high: number;
}

/** Units with the 90 % interval of the incremental ones. */
export interface PlannedUnits {
  baseline: number;
  predicted: number;
  incremental: number;
  incrementalLow: number;
  incrementalHigh: number;
}

/** A predicted plan; weeks that belong to the event in part count in part. */
export interface PredictedPlan {
  refused?: undefined;
  weeks: ProductWeek[];
  products: (PlannedUnits & { product: string; low: number; high: number; dip: number })[];
  total: PlannedUnits;
  /** Units missing in the weeks after the event; positive: a loss. */
  dip: number;
  /** What other own products lose (positive), by product; null where the model has none of them beside the event. */
  cannibalised: { product: string; units: number }[] | null;
  /** What other own products gain (positive), by product. */
  halo: { product: string; units: number }[] | null;
  /** Series whose level or response is borrowed from their neighbours. */
  pooledSeries: number;
  /** True where a cut is deeper than what the category has seen. */
  beyondData: boolean;
}

/**
 * Weeks of the grid through `anchor` (first day of any week) that the dates touch, with so many before and after them.
 */
export function planWeeks(
  anchor: string,
  { startsOn, endsOn }: { startsOn: string; endsOn: string },
  { before = 0, after = 0 } = {},
): PlanWeek[] {
  const first = addDays(anchor, 7 * Math.floor(daysBetween(anchor, startsOn) / 7));
  const quiet = (weekStart: string, phase: 'before' | 'after'): PlanWeek => ({ weekStart, share: 0, phase });
  const weeks = Array.from({ length: before }, (_, i) => quiet(addDays(first, -7 * (before - i)), 'before'));
  let weekStart = first;
  for (; weekStart <= endsOn; weekStart = addDays(weekStart, 7)) {
    const from = weekStart > startsOn ? weekStart : startsOn;
    const weekEnd = addDays(weekStart, 6);
    const to = weekEnd < endsOn ? weekEnd : endsOn;
    weeks.push({ weekStart, share: (daysBetween(from, to) + 1) / 7, phase: 'event' });
  }
  for (let week = 0; week < after; week++) weeks.push(quiet(addDays(weekStart, 7 * week), 'after'));
  return weeks;
}

interface ShelfState {
  price: number;
  feature: boolean;
  display: boolean;
  priceReduction: boolean;
}

const stateOf = (base: number, price: number, feature: boolean, display: boolean): ShelfState => ({
  ...{ price, feature, display, priceReduction: price < base && !feature && !display },
});

/** The other promotion that a series has in a week, if any. */
function otherIn(series: PlannedSeries, weekStart: string): KnownEvent | undefined {
  const weekEnd = addDays(weekStart, 6);
  return series.others?.find(({ startsOn, endsOn }) => startsOn <= weekEnd && endsOn >= weekStart);
}

/** What the event makes of the shelf in a week: in one of several segments, that of the middle of its days there. */
function plannedIn(series: PlannedSeries, week: PlanWeek, event: Dates): ShelfState {
  const { basePrice, eventPrice, feature, display, segments } = series;
  if (!segments) return stateOf(basePrice, eventPrice, feature, display);
  const days = common(weekFrom(week.weekStart), event) ?? event;
  const middle = addDays(days.startsOn, Math.floor(daysBetween(days.startsOn, days.endsOn) / 2));
  const there = segments.find(({ startsOn, endsOn }) => startsOn <= middle && middle <= endsOn);
  return stateOf(basePrice, there?.price ?? basePrice, there?.feature ?? false, there?.display ?? false);
}

function rowOf(series: PlannedSeries, week: PlanWeek, event: Dates | null): PlannedWeek {
  const { customer, product, basePrice } = series;
  const other = series.others?.length ? otherIn(series, week.weekStart) : undefined;
  const without = stateOf(basePrice, other?.price ?? basePrice, other?.feature ?? false, other?.display ?? false);
  const planned = event && week.share > 0 ? plannedIn(series, week, event) : null;
  const state = planned
    ? stateOf(
        basePrice,
        Math.min(without.price, planned.price),
        without.feature || planned.feature,
        without.display || planned.display,
      )
    : without;
  return {
    ...{ customer, product, weekStart: week.weekStart, basePrice, ...state },
    ...(other ? { without } : {}),
    ...(series.like ? { like: series.like } : {}),
  };
}

function rowsOf(series: readonly PlannedSeries[], weeks: readonly PlanWeek[], event: Dates | null): PlannedWeek[] {
  return series.flatMap((one) => weeks.map((week) => rowOf(one, week, event)));
}

/** First day of the next promotion of each series after the event: the dip window stops there. */
function nextEvents(series: readonly PlannedSeries[], endsOn: string): Map<string, string> {
  const next = new Map<string, string>();
  for (const { customer, product, others = [] } of series) {
    const starts = others.map(({ startsOn }) => startsOn).filter((startsOn) => startsOn > endsOn);
    if (starts.length > 0) next.set(`${customer}|${product}`, starts.sort()[0]!);
  }
  return next;
}

/** Weeks before the event whose other promotions still echo in it. */
const echoWeeks = 4;

const weekOf = (key: string): string => key.slice(0, key.indexOf('|'));
const productOf = (key: string): string => key.slice(key.indexOf('|') + 1);

/**
 * Predicts a plan with a fitted model: units per product and week, totals with intervals that are calibrated on totals,
 * the dip after it and what the maker's other products lose or gain. Refuses with the model's reason.
 */
export function predictPlan(model: PromotionModel, plan: PromotionPlan): PredictedPlan | Refusal {
  const { originDate } = model.fitted;
  const hasOthers = plan.series.some(({ others }) => others?.length);
  const around = { before: hasOthers ? echoWeeks : 0, after: plan.dipWeeks };
  const weeks = planWeeks(originDate, plan, around).filter(
    ({ phase, weekStart }) => phase !== 'before' || weekStart >= originDate,
  );
  const next = nextEvents(plan.series, plan.endsOn);
  const shown = new Set(weeks.flatMap(({ phase, weekStart }) => (phase === 'before' ? [] : [weekStart])));
  const counts = ({ customer, product, weekStart }: PlannedWeek) => {
    const until = next.get(`${customer}|${product}`);
    return shown.has(weekStart) && (inEvent.has(weekStart) || until === undefined || addDays(weekStart, 6) < until);
  };
  const inEvent = new Set(weeks.flatMap(({ phase, weekStart }) => (phase === 'event' ? [weekStart] : [])));
  const shares = new Map(weeks.map(({ weekStart, share }) => [weekStart, share]));
  const rows = rowsOf(plan.series, weeks, plan);
  const cells = predictTotals(model, rows, (row) => (counts(row) ? `${row.weekStart}|${row.product}` : undefined));
  if (!(cells instanceof Map)) return cells;
  const byProduct = predictTotals(model, rows, (row) => (inEvent.has(row.weekStart) ? row.product : undefined));
  const total = predictTotals(model, rows, (row) => (inEvent.has(row.weekStart) ? 'event' : undefined));
  const methods = predictWeeks(model, rows);
  if (!(byProduct instanceof Map && total instanceof Map && Array.isArray(methods)))
    throw new Error('refused once only');
  const kept = keptParts(cells, shares);
  const productWeeks = [...cells].map(([key, cell]) => productWeek(key, cell, shares.get(weekOf(key))!, kept));
  const products = [...byProduct].map(([product, all]) => {
    const mine = productWeeks.filter((week) => week.product === product);
    const units = inPart(all, mine, shares);
    const dip = -sumOf(mine.filter(({ promoted }) => !promoted));
    const spread = all.expected.units > 0 ? units.predicted / all.expected.units : 0;
    return { product, ...units, low: all.expected.low * spread, high: all.expected.high * spread, dip };
  });
  const sisters = predictSisters(model, plan, rows, weeks);
  return {
    weeks: productWeeks.sort((a, b) => (a.weekStart + a.product < b.weekStart + b.product ? -1 : 1)),
    products,
    total: inPart(total.get('event')!, productWeeks, shares),
    dip: products.reduce((sum, { dip }) => sum + dip, 0),
    ...sisters,
    pooledSeries: new Set(
      rows.filter((_, i) => methods[i]!.method === 'pooled').map((r) => `${r.customer}|${r.product}`),
    ).size,
    beyondData: methods.some(({ beyondData }) => beyondData),
  };
}

const sumOf = (weeks: readonly ProductWeek[]): number => weeks.reduce((sum, { incremental }) => sum + incremental, 0);

/** What the event's days keep of each product's extra sales over whole weeks, 0..1. */
function keptParts(
  cells: ReadonlyMap<string, TotalPrediction>,
  shares: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const sums = new Map<string, { whole: number; kept: number; weeks: number; share: number }>();
  for (const [key, { incremental }] of cells) {
    const share = shares.get(weekOf(key))!;
    if (share === 0) continue;
    const sum = sums.get(productOf(key)) ?? { whole: 0, kept: 0, weeks: 0, share: 0 };
    sum.whole += incremental.units;
    sum.kept += share * incremental.units;
    sum.weeks += 1;
    sum.share += share;
    sums.set(productOf(key), sum);
  }
  const partOf = ({ whole, kept, weeks, share }: { whole: number; kept: number; weeks: number; share: number }) =>
    whole > 0 ? Math.min(1, Math.max(0, kept / whole)) : share / weeks;
  return new Map([...sums].map(([product, sum]) => [product, partOf(sum)]));
}

function productWeek(
  key: string,
  cell: TotalPrediction,
  share: number,
  kept: ReadonlyMap<string, number>,
): ProductWeek {
  const weekStart = weekOf(key);
  const promoted = share > 0;
  // A week that is promoted for some days has its other days at the baseline, and those who buy ahead on fewer days
  // leave a smaller dip.
  const part = promoted ? share : (kept.get(productOf(key)) ?? 1);
  const predicted = cell.baseline.units + part * cell.incremental.units;
  const spread = cell.expected.units > 0 ? predicted / cell.expected.units : 1;
  return {
    ...{ weekStart, product: productOf(key), promoted, baseline: cell.baseline.units, predicted },
    ...{
      incremental: part * cell.incremental.units,
      low: cell.expected.low * spread,
      high: cell.expected.high * spread,
    },
  };
}

/** A total over whole weeks brought down to the event's days: the sums exactly, the interval by the same factor. */
function inPart(
  whole: TotalPrediction,
  weeks: readonly ProductWeek[],
  shares: ReadonlyMap<string, number>,
): PlannedUnits {
  let baseline = 0;
  let incremental = 0;
  for (const week of weeks) {
    if (!week.promoted) continue;
    baseline += week.baseline * shares.get(week.weekStart)!;
    incremental += week.incremental;
  }
  const predicted = baseline + incremental;
  const factor = whole.expected.units > 0 ? predicted / whole.expected.units : 0;
  return {
    ...{ baseline, predicted, incremental },
    incrementalLow: incremental + (whole.incremental.low - whole.incremental.units) * factor,
    incrementalHigh: incremental + (whole.incremental.high - whole.incremental.units) * factor,
  };
}

function predictSisters(
  model: PromotionModel,
  plan: PromotionPlan,
  rows: readonly PlannedWeek[],
  weeks: readonly PlanWeek[],
): Pick<PredictedPlan, 'cannibalised' | 'halo'> {
  const nothing = { cannibalised: null, halo: null };
  if (plan.sisters.length === 0) return nothing;
  const during = weeks.filter(({ share }) => share > 0);
  const shares = new Map(during.map(({ weekStart, share }) => [weekStart, share]));
  const all = [...rows.filter(({ weekStart }) => shares.has(weekStart)), ...rowsOf(plan.sisters, during, null)];
  const own = new Set(plan.series.map(({ customer, product }) => `${customer}|${product}`));
  const cells = predictTotals(model, all, ({ customer, product, weekStart }) =>
    own.has(`${customer}|${product}`) ? undefined : `${weekStart}|${product}`,
  );
  if (!(cells instanceof Map)) return nothing;
  const change = new Map<string, number>();
  for (const [key, { cross }] of cells) {
    const share = shares.get(key.slice(0, key.indexOf('|')))!;
    change.set(productOf(key), (change.get(productOf(key)) ?? 0) + share * cross);
  }
  const entries = [...change].map(([product, units]) => ({ product, units }));
  return {
    cannibalised: entries.filter(({ units }) => units < 0).map(({ product, units }) => ({ product, units: -units })),
    halo: entries.filter(({ units }) => units > 0),
  };
}
