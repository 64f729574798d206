import { FEWEST_CLEAN_WEEKS } from './event-measurement-baseline.ts';
import { daysAfter, type MeasuredScope } from './event-measurement-grid.ts';
import {
  dipExposure,
  dipWindows,
  eventWindows,
  haloWindows,
  incrementalBySeries,
  MEASUREMENT_FORMULA_VERSION,
  type MeasurementModel,
  type PlacedEvent,
  placeEvent,
  prepareMeasurement,
  sisterWindows,
} from './event-measurement-model.ts';
import { pullTowardsPool } from './event-measurement-pool.ts';
import { type Comparison, compareWindows } from './event-measurement-window.ts';
import type { SalesPanel } from './sales-panel.ts';

export type { MeasuredScope } from './event-measurement-grid.ts';
export { type MeasurementModel, prepareMeasurement } from './event-measurement-model.ts';

/** An estimate in POS units with its 90 % interval and standard error. */
export interface MeasuredFigure {
  value: number;
  low: number;
  high: number;
  standardError: number;
}

/** One week of the measured series together; `actual` is null where a week is missing for all of them. */
export interface MeasuredWeek {
  weekStart: string;
  phase: 'before' | 'event' | 'after';
  actualUnits: number | null;
  baselineUnits: number;
  missingSeries: number;
}

/** One product's part of the event, POS units: money needs each product's own margin. */
export interface MeasuredProduct {
  product: string;
  actualUnits: number;
  baselineUnits: number;
  incrementalUnits: number;
  /** Null where the dip is not estimated. */
  dipUnits: number | null;
}

/** One product in one week of the event, its series together; POS units. */
export interface MeasuredFact {
  weekStart: string;
  product: string;
  baselineUnits: number;
  /** Units sold; missing series stand at the event's own ratio to their baseline. */
  actualUnits: number;
  missingSeries: number;
}

/** What an ended event did; POS units. Null components are not estimated, never zero. */
export interface EventMeasurement {
  refused?: undefined;
  method: 'clean-weeks-counterfactual';
  formulaVersion: string;
  baselineVersion: string;
  /** Units sold in the event's weeks; missing weeks are filled at the event's own ratio and counted in `notes`. */
  actualUnits: number;
  baselineUnits: MeasuredFigure;
  /** Actual − baseline; the interval is about the effect to be expected from the event, the luck of its weeks included. */
  incrementalUnits: MeasuredFigure;
  /** Units missing in the dip window (positive: a loss). */
  dipUnits: MeasuredFigure | null;
  /** Units that the customer's other own products of the category lost (positive: a loss). */
  cannibalisationUnits: MeasuredFigure | null;
  /** Units that the customer's own products of other categories gained (positive: a gain). */
  haloUnits: MeasuredFigure | null;
  weeks: MeasuredWeek[];
  products: MeasuredProduct[];
  /** What actual and baseline units are the sums of, by week. */
  facts: MeasuredFact[];
  /** Loss of each other own product; empty where cannibalisation is not estimated. */
  cannibalised: { product: string; units: number }[];
  /** Gain of each own product of another category; empty where halo is not estimated. */
  haloed: { product: string; units: number }[];
  cleanWeeks: number;
  notes: string[];
}

/** Measurement that would have been invention, and why. */
export interface MeasurementRefused {
  refused: string;
}

/** What {@link measureEvent} reads; without a `model` it is prepared from the panel and the events. */
export interface MeasureEventInput {
  panel: SalesPanel;
  event: MeasuredScope;
  otherEvents: readonly MeasuredScope[];
  dipWeeks?: number;
  model?: MeasurementModel;
}

/** An event with more than this share of its weeks missing is not measured. */
const LARGEST_MISSING_SHARE = 0.2;
/** … nor one with more than this share of its series too thin for a level. */
const LARGEST_THIN_SHARE = 0.2;
const WEEKS_SHOWN_BEFORE = 8;

/**
 * Measures an ended event: actual sales against what clean weeks before and after say would have sold, with the
 * season of the whole category. Dip and cannibalisation are the event's own figures pulled towards those of all
 * events by precision (partial pooling, random effects). Refuses with a reason where data is thin.
 */
export function measureEvent(input: MeasureEventInput): EventMeasurement | MeasurementRefused {
  const { panel, event, dipWeeks = 4 } = input;
  const lastWeek = panel.weekStart.at(-1);
  if (lastWeek === undefined || daysAfter(lastWeek, event.endsOn) >= 7)
    return { refused: 'the event has weeks without sales data yet' };
  const model = input.model ?? prepareFor(input, dipWeeks);
  const placed = placeEvent(model.grid, event);
  if (!placed) return { refused: "none of the event's products have sales data at its customers" };
  const own = compareWindows(model.grid, model.baseline, eventWindows(placed, model.dipWeeks));
  const refused = thinness(placed, own);
  return refused ? { refused } : describe(model, placed, own);
}

function prepareFor({ panel, event, otherEvents }: MeasureEventInput, dipWeeks: number): MeasurementModel {
  const keys = new Set(event.series.map((s) => `${s.customer}\u0000${s.product}`));
  const categories = new Set(
    panel.series.filter((s) => keys.has(`${s.customer}\u0000${s.product}`)).map((s) => s.category),
  );
  return prepareMeasurement({ panel, events: [event, ...otherEvents], dipWeeks, categories });
}

function thinness(event: PlacedEvent, own: Comparison): string | null {
  const { length } = event.series;
  if (own.cells.length === 0 && own.thinSeries.length === 0)
    return 'the products were not on sale in the weeks of the event';
  if (own.thinSeries.length > LARGEST_THIN_SHARE * length)
    return `${own.thinSeries.length} of ${length} series have fewer than ${FEWEST_CLEAN_WEEKS} clean weeks around the event`;
  if (own.missingCells > LARGEST_MISSING_SHARE * own.cells.length)
    return `${own.missingCells} of ${own.cells.length} series-weeks of the event are missing`;
  return null;
}

function figure(value: number, variance: number, width: number): MeasuredFigure {
  const standardError = Math.sqrt(variance);
  return { value, low: value - width * standardError, high: value + width * standardError, standardError };
}

function describe(model: MeasurementModel, event: PlacedEvent, own: Comparison): EventMeasurement {
  const notes: string[] = [];
  if (own.missingCells > 0)
    notes.push(`${own.missingCells} of ${own.cells.length} series-weeks missing, filled at the event's ratio`);
  if (own.thinSeries.length > 0) notes.push(`${own.thinSeries.length} series left out: too few clean weeks`);
  const dip = measureDip(model, event, own, notes);
  const sisters = measureCannibalisation(model, event, own, notes);
  const others = measureHalo(model, event, own, notes);
  const width = model.intervalWidth;
  const incremental = own.actual - own.baseline;
  return {
    method: 'clean-weeks-counterfactual',
    formulaVersion: MEASUREMENT_FORMULA_VERSION,
    baselineVersion: model.version,
    actualUnits: own.actual,
    baselineUnits: figure(own.baseline, own.baselineVariance, width),
    incrementalUnits: figure(incremental, own.variance, width),
    dipUnits: dip && figure(dip.effect, dip.variance, width),
    cannibalisationUnits: sisters.total && figure(sisters.total.effect, sisters.total.variance, width),
    haloUnits: others.total && figure(others.total.effect, others.total.variance, width),
    weeks: measuredWeeks(model, event),
    products: measuredProducts(model, own, dip?.effect ?? null),
    facts: measuredFacts(model, own),
    cannibalised: sisters.products,
    haloed: others.products,
    cleanWeeks: own.cleanWeeks,
    notes,
  };
}

interface Effect {
  effect: number;
  variance: number;
}

function measureDip(model: MeasurementModel, event: PlacedEvent, own: Comparison, notes: string[]): Effect | null {
  const { grid, baseline, dipWeeks } = model;
  const windows = dipWindows(grid, event, dipWeeks);
  if (windows.length === 0) {
    notes.push('dip not estimated: no week between the event and the next one or the end of the data');
    return null;
  }
  const reachesEnd = windows.some((w) => w.last === grid.weeks - 1 && w.last < event.last + dipWeeks);
  if (reachesEnd) {
    notes.push('dip not estimated: its window is not over in the sales data');
    return null;
  }
  const direct = compareWindows(grid, baseline, windows);
  const exposure = dipExposure(windows, incrementalBySeries(own), model.dipProfile);
  const part = Math.min(1, exposure / Math.max(1e-9, own.actual - own.baseline));
  const known = direct.cells.length > direct.missingCells;
  const direction = known ? { effect: direct.baseline - direct.actual, variance: direct.variance } : null;
  return pullTowardsPool(direction, exposure, own.variance * part ** 2, model.dip);
}

/** An effect on other products, in total and by product. */
interface Beside {
  total: Effect | null;
  products: { product: string; units: number }[];
}

function measureCannibalisation(model: MeasurementModel, event: PlacedEvent, own: Comparison, notes: string[]): Beside {
  const { grid, baseline, cross, dipWeeks } = model;
  const direct = compareWindows(grid, baseline, sisterWindows(grid, cross, baseline, event, dipWeeks));
  if (direct.cells.length === direct.missingCells) {
    notes.push('cannibalisation not estimated: no other own product of the category was clean beside the event');
    return { total: null, products: [] };
  }
  const loss = { effect: direct.baseline - direct.actual, variance: direct.variance };
  const total = pullTowardsPool(loss, Math.max(0, own.actual - own.baseline), own.variance, model.cannibalisation)!;
  return { total, products: shareOut(model, direct, total) };
}

/** Splits an effect over the products it was measured on, by what they would have sold. */
function shareOut({ grid }: MeasurementModel, direct: Comparison, total: Effect): Beside['products'] {
  const byProduct = new Map<string, number>();
  for (const { series, baseline: units } of direct.cells) {
    const { product } = grid.series[series]!;
    byProduct.set(product, (byProduct.get(product) ?? 0) + (total.effect * units) / direct.baseline);
  }
  return [...byProduct].map(([product, units]) => ({ product, units }));
}

/**
 * What the customer's own products of other categories gained. A single event's gain drowns in the noise of a whole
 * store, so that it is told only where many events say together what share to expect.
 */
function measureHalo(model: MeasurementModel, event: PlacedEvent, own: Comparison, notes: string[]): Beside {
  const { grid, baseline, dipWeeks } = model;
  const direct = compareWindows(grid, baseline, haloWindows(grid, event, dipWeeks));
  const untold = (why: string): Beside => {
    notes.push(`halo not estimated: ${why}`);
    return { total: null, products: [] };
  };
  if (direct.cells.length === direct.missingCells)
    return untold('no own product of another category was clean beside the event');
  if (!model.halo) return untold('too few events to tell it from chance');
  const gain = { effect: direct.actual - direct.baseline, variance: direct.variance };
  const exposure = own.actual - own.baseline;
  if (!(exposure > 0)) return untold('the event gained nothing that could draw other products along');
  const total = pullTowardsPool(gain, exposure, own.variance, model.halo)!;
  return { total, products: shareOut(model, direct, total) };
}

/** What a missing series-week sold: the event's own ratio to its baseline. */
const ownRatio = (own: Comparison): number => (own.baseline > 0 ? own.actual / own.baseline : 1);

/** The event's series-weeks, summed over its customers, in the order of weeks and products. */
function measuredFacts({ grid }: MeasurementModel, own: Comparison): MeasuredFact[] {
  const facts = new Map<string, MeasuredFact>();
  for (const { series, week, actual, baseline } of own.cells) {
    const { product } = grid.series[series]!;
    const key = `${String(week).padStart(6, '0')}|${product}`;
    const sum = facts.get(key) ?? {
      ...{ weekStart: grid.weekStart[week]!, product, baselineUnits: 0, actualUnits: 0, missingSeries: 0 },
    };
    sum.baselineUnits += baseline;
    sum.actualUnits += actual ?? baseline * ownRatio(own);
    if (actual === null) sum.missingSeries++;
    facts.set(key, sum);
  }
  return [...facts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, fact]) => fact);
}

/** Splits the event by product; the dip goes with each product's gain. */
function measuredProducts(model: MeasurementModel, own: Comparison, dip: number | null): MeasuredProduct[] {
  const ratio = ownRatio(own);
  const byProduct = new Map<string, { actual: number; baseline: number }>();
  for (const cell of own.cells) {
    const { product } = model.grid.series[cell.series]!;
    const sum = byProduct.get(product) ?? { actual: 0, baseline: 0 };
    sum.actual += cell.actual ?? cell.baseline * ratio;
    sum.baseline += cell.baseline;
    byProduct.set(product, sum);
  }
  const gains = [...byProduct.values()].reduce((total, p) => total + Math.max(0, p.actual - p.baseline), 0);
  return [...byProduct].map(([product, { actual, baseline }]) => {
    const share = gains > 0 ? Math.max(0, actual - baseline) / gains : baseline / own.baseline;
    return {
      product,
      actualUnits: actual,
      baselineUnits: baseline,
      incrementalUnits: actual - baseline,
      dipUnits: dip === null ? null : dip * share,
    };
  });
}

/** Eight weeks before, the event, and the weeks after it, summed over the event's series. */
function measuredWeeks(model: MeasurementModel, event: PlacedEvent): MeasuredWeek[] {
  const { grid } = model;
  const first = Math.max(0, event.first - WEEKS_SHOWN_BEFORE);
  const last = Math.min(grid.weeks - 1, event.last + model.dipWeeks);
  const leaveOut = [event.first, event.last, event.last + model.dipWeeks] as const;
  const shown = compareWindows(
    grid,
    model.baseline,
    event.series.map((series) => ({ series, first, last, leaveOut })),
  );
  const weeks = new Map<number, MeasuredWeek>();
  for (const { week, actual, baseline } of shown.cells) {
    const phase = week < event.first ? 'before' : week <= event.last ? 'event' : 'after';
    const weekStart = grid.weekStart[week]!;
    const sum = weeks.get(week) ?? { weekStart, phase, actualUnits: null, baselineUnits: 0, missingSeries: 0 };
    if (actual === null) sum.missingSeries++;
    else sum.actualUnits = (sum.actualUnits ?? 0) + actual;
    sum.baselineUnits += baseline;
    weeks.set(week, sum);
  }
  return [...weeks.entries()].sort(([a], [b]) => a - b).map(([, week]) => week);
}
