import { type BaselineModel, fitBaseline } from './event-measurement-baseline.ts';
import { type CrossEffects, fitCrossEffects, lossShare } from './event-measurement-cross.ts';
import {
  buildGrid,
  type MeasuredScope,
  type SalesGrid,
  seriesKey,
  shelfKey,
  weekRange,
} from './event-measurement-grid.ts';
import { type PooledShare, poolShares, type ShareObservation } from './event-measurement-pool.ts';
import { type Comparison, compareWindows, type SeriesWindow } from './event-measurement-window.ts';
import type { SalesPanel } from './sales-panel.ts';

/** Everything that measuring events of one panel has in common; built once by {@link prepareMeasurement}. */
export interface MeasurementModel {
  grid: SalesGrid;
  baseline: BaselineModel;
  cross: CrossEffects;
  dipWeeks: number;
  /** Share of incremental units that is missing in the weeks after an event, and how it spreads over those weeks. */
  dip: PooledShare | null;
  dipProfile: number[];
  /** Share of incremental units that the customer's other own products of the category lose. */
  cannibalisation: PooledShare | null;
  /** Share of incremental units that the customer's own products of other categories gain. */
  halo: PooledShare | null;
  /** Standard errors on each side of an estimate that hold 90 % of the placebo events. */
  intervalWidth: number;
  placebos: number;
  /** Names the formula, the last week and the content: two panels that differ give two versions. */
  version: string;
}

/** An event placed on the grid. */
export interface PlacedEvent {
  series: number[];
  first: number;
  last: number;
}

/** Formula of measured events; changes whenever a number may. */
export const MEASUREMENT_FORMULA_VERSION = 'clean-weeks-counterfactual/2';

/** 90 % of a normal distribution lie within this many standard errors; used widened where placebos are too few. */
const NORMAL_WIDTH = 1.645;
const WIDENING_WITHOUT_PLACEBOS = 1.25;
const FEWEST_PLACEBOS = 40;
const PLACEBOS_PER_EVENT = 4;
const COVERAGE = 0.9;
/** Events whose lift is not clear of zero do not teach shares. */
const CLEAR_LIFT_ERRORS = 2;

/** Puts an event on the grid; null where none of its series or weeks are in the panel. */
export function placeEvent(grid: SalesGrid, event: MeasuredScope): PlacedEvent | null {
  const range = weekRange(grid.weekStart, event.startsOn, event.endsOn);
  const series = event.series
    .map(({ customer, product }) => grid.byKey.get(seriesKey(customer, product)))
    .filter((s): s is number => s !== undefined);
  return range && series.length > 0 ? { series, first: range[0], last: range[1] } : null;
}

/** The event's own weeks. */
export function eventWindows(event: PlacedEvent, dipWeeks: number): SeriesWindow[] {
  const { first, last } = event;
  return event.series.map((series) => ({ series, first, last, leaveOut: [first, last, last + dipWeeks] }));
}

/** The weeks after the event, per series up to the next promotion. */
export function dipWindows(grid: SalesGrid, event: PlacedEvent, dipWeeks: number): SeriesWindow[] {
  return event.series.flatMap((series) => {
    const first = event.last + 1;
    let last = event.last;
    while (last < Math.min(event.last + dipWeeks, grid.weeks - 1) && !grid.promoted[series * grid.weeks + last + 1])
      last++;
    const leaveOut = [event.first, event.last, event.last + dipWeeks] as const;
    return last < first ? [] : [{ series, first, last, leaveOut }];
  });
}

/** Own products beside the event that are not promoted themselves, in the event's weeks. */
export function sisterWindows(
  grid: SalesGrid,
  cross: CrossEffects,
  baseline: BaselineModel,
  event: PlacedEvent,
  dipWeeks: number,
): SeriesWindow[] {
  const inside = new Set(event.series);
  const number = grid.eventOf[event.series[0]! * grid.weeks + event.first]!;
  // a sister's baseline already expects the pooled loss to this very event: give that part back
  const scale = (cell: number): number => (1 - lossShare(grid, cross, cell, number)) / (1 - baseline.loss[cell]!);
  const shelves = new Set(event.series.map((s) => shelfKey(grid.series[s]!)));
  const { first, last } = event;
  const windows: SeriesWindow[] = [];
  for (const shelf of shelves)
    for (const series of grid.shelves.get(shelf) ?? []) {
      if (inside.has(series) || !grid.series[series]!.own) continue;
      const unusual = (cell: number): boolean => !grid.clean[cell] && !Number.isNaN(grid.units[cell]!);
      windows.push({ series, first, last, leaveOut: [first, last, last + dipWeeks], skip: unusual, scale });
    }
  return windows;
}

/** Own products on the customer's other shelves to which nothing happens in the event's weeks. */
export function haloWindows(grid: SalesGrid, event: PlacedEvent, dipWeeks: number): SeriesWindow[] {
  const customers = new Set(event.series.map((s) => grid.series[s]!.customer));
  const shelves = new Set(event.series.map((s) => shelfKey(grid.series[s]!)));
  const { first, last } = event;
  const unusual = (cell: number): boolean => !grid.clean[cell] && !Number.isNaN(grid.units[cell]!);
  return grid.series.flatMap((one, series) =>
    one.own && customers.has(one.customer) && !shelves.has(shelfKey(one))
      ? [{ series, first, last, leaveOut: [first, last, last + dipWeeks], skip: unusual }]
      : [],
  );
}

interface DirectEffects {
  event: PlacedEvent;
  own: Comparison;
  incrementalBySeries: Map<number, number>;
}

function directEffects(grid: SalesGrid, baseline: BaselineModel, event: PlacedEvent, dipWeeks: number): DirectEffects {
  const own = compareWindows(grid, baseline, eventWindows(event, dipWeeks));
  return { event, own, incrementalBySeries: incrementalBySeries(own) };
}

/** Incremental units of each series; missing weeks are filled at the event's ratio. */
export function incrementalBySeries(own: Comparison): Map<number, number> {
  const ratio = own.baseline > 0 ? own.actual / own.baseline : 1;
  const sums = new Map<number, number>();
  for (const { series, actual, baseline } of own.cells)
    sums.set(series, (sums.get(series) ?? 0) + (actual ?? baseline * ratio) - baseline);
  return sums;
}

/** Units that the dip should be proportional to: each series' incremental units × the part of the profile it can show. */
export function dipExposure(
  windows: readonly SeriesWindow[],
  incremental: ReadonlyMap<number, number>,
  profile: readonly number[],
): number {
  return windows.reduce((sum, { series, first, last }) => {
    const part = profile.slice(0, last - first + 1).reduce((a, b) => a + b, 0);
    return sum + part * Math.max(0, incremental.get(series) ?? 0);
  }, 0);
}

/** How the dip spreads over the weeks after events: loss in each week / incremental units, floored at 0, summing to 1. */
function fitDipProfile(
  grid: SalesGrid,
  baseline: BaselineModel,
  effects: readonly DirectEffects[],
  dipWeeks: number,
): number[] {
  const losses = new Array<number>(dipWeeks).fill(0);
  const exposures = new Array<number>(dipWeeks).fill(0);
  for (const { event, incrementalBySeries: incremental } of effects) {
    const windows = dipWindows(grid, event, dipWeeks);
    for (const cell of compareWindows(grid, baseline, windows).cells) {
      if (cell.actual === null) continue;
      losses[cell.week - event.last - 1]! += cell.baseline - cell.actual;
      exposures[cell.week - event.last - 1]! += Math.max(0, incremental.get(cell.series) ?? 0);
    }
  }
  const rates = losses.map((loss, i) => (exposures[i]! > 0 ? Math.max(0, loss / exposures[i]!) : 0));
  const total = rates.reduce((a, b) => a + b, 0);
  return total > 0 ? rates.map((rate) => rate / total) : rates.map(() => 1 / dipWeeks);
}

/** Windows like the event's own where nothing happened: their true effect is zero. */
function placeboWindows(grid: SalesGrid, event: PlacedEvent, dipWeeks: number, offset: number): SeriesWindow[][] {
  const length = event.last - event.first + 1;
  const found: SeriesWindow[][] = [];
  for (let i = 0; i < grid.weeks && found.length < PLACEBOS_PER_EVENT; i++) {
    // a step that shares no factor with most panel lengths visits all weeks in a fixed, spread-out order
    const first = (offset + i * 37) % grid.weeks;
    const last = first + length - 1;
    if (last >= grid.weeks) continue;
    const windows = event.series
      .filter((series) => {
        const row = series * grid.weeks;
        for (let week = first; week <= last; week++) if (!grid.clean[row + week]) return false;
        return true;
      })
      .map((series): SeriesWindow => ({ series, first, last, leaveOut: [first, last, last + dipWeeks] }));
    if (windows.length >= 0.8 * event.series.length) found.push(windows);
  }
  return found;
}

/** Slow drift of levels: what single series' placebo windows miss by, beyond noise and the level's own error. */
function fitDrift(grid: SalesGrid, baseline: BaselineModel, placebos: readonly SeriesWindow[][]): number {
  let excess = 0;
  let count = 0;
  for (const windows of placebos)
    for (const window of windows) {
      const { actual, baseline: expected, variance, cells } = compareWindows(grid, baseline, [window]);
      if (cells.length === 0) continue;
      excess += ((actual - expected) ** 2 - variance) / expected ** 2;
      count++;
    }
  return count > 0 ? Math.max(0, excess / count) : 0;
}

function fitWidth(grid: SalesGrid, baseline: BaselineModel, placebos: readonly SeriesWindow[][]): number {
  const errors = placebos
    .map((windows) => compareWindows(grid, baseline, windows))
    .filter((c) => c.cells.length > 0)
    .map((c) => Math.abs(c.actual - c.baseline) / Math.sqrt(c.variance))
    .sort((a, b) => a - b);
  if (errors.length < FEWEST_PLACEBOS) return NORMAL_WIDTH * WIDENING_WITHOUT_PLACEBOS;
  return errors[Math.min(errors.length - 1, Math.ceil((errors.length + 1) * COVERAGE) - 1)]!;
}

const KERNEL_WEEKS_TRIED = [4, 6, 9, 13, 20, 40] as const;

/** Chooses how far clean weeks reach by the placebos' squared relative error. */
function chooseKernel(grid: SalesGrid, baseline: BaselineModel, placebos: readonly SeriesWindow[][]): void {
  let best = Number.POSITIVE_INFINITY;
  let chosen = baseline.kernelWeeks;
  for (const kernelWeeks of KERNEL_WEEKS_TRIED) {
    const tried = { ...baseline, kernelWeeks };
    let loss = 0;
    for (const windows of placebos)
      for (const window of windows) {
        const { actual, baseline: expected } = compareWindows(grid, tried, [window]);
        if (expected > 0) loss += (actual / expected - 1) ** 2;
      }
    if (loss < best) {
      best = loss;
      chosen = kernelWeeks;
    }
  }
  baseline.kernelWeeks = chosen;
}

/** FNV-1a over the model's numbers: the version changes when they do. */
function fingerprint(values: Iterable<number>): string {
  let hash = 0x811c9dc5;
  const view = new DataView(new ArrayBuffer(8));
  for (const value of values) {
    view.setFloat64(0, value);
    hash = Math.imul(hash ^ view.getUint32(0), 0x01000193);
    hash = Math.imul(hash ^ view.getUint32(4), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** What {@link prepareMeasurement} reads. */
export interface MeasurementInput {
  panel: SalesPanel;
  /** Every event of the tenant that touches the panel, planned ones too. */
  events: readonly MeasuredScope[];
  dipWeeks?: number;
  /** Only these categories are laid out; all when absent. */
  categories?: ReadonlySet<string>;
}

/**
 * Fits what measuring needs from clean weeks and from all events together: baseline, noise, drift, pooled dip and
 * cannibalisation shares, and interval widths calibrated on placebo events. Pure and deterministic.
 */
export function prepareMeasurement({ panel, events, dipWeeks = 4, categories }: MeasurementInput): MeasurementModel {
  const grid = buildGrid(panel, events, dipWeeks, categories);
  const cross = fitCrossEffects(grid, fitBaseline(grid));
  const loss = Float64Array.from(grid.units, (_, cell) => lossShare(grid, cross, cell));
  const baseline = fitBaseline(grid, loss);
  const placed = events.map((e) => placeEvent(grid, e)).filter((e) => e !== null);
  const placebos = placed.flatMap((event, i) => placeboWindows(grid, event, dipWeeks, (i * 61) % grid.weeks));
  chooseKernel(grid, baseline, placebos);
  baseline.driftVariance = fitDrift(grid, baseline, placebos);
  const intervalWidth = fitWidth(grid, baseline, placebos);
  const effects = placed
    .filter((event) => event.last < grid.weeks - 1)
    .map((event) => directEffects(grid, baseline, event, dipWeeks))
    .filter(({ own }) => own.actual - own.baseline > CLEAR_LIFT_ERRORS * Math.sqrt(own.variance));
  const dipProfile = fitDipProfile(grid, baseline, effects, dipWeeks);
  const dips: ShareObservation[] = [];
  const losses: ShareObservation[] = [];
  const gains: ShareObservation[] = [];
  for (const { event, own, incrementalBySeries: incremental } of effects) {
    const windows = dipWindows(grid, event, dipWeeks);
    const dip = compareWindows(grid, baseline, windows);
    dips.push(lossOf(dip, dipExposure(windows, incremental, dipProfile)));
    const sisters = compareWindows(grid, baseline, sisterWindows(grid, cross, baseline, event, dipWeeks));
    losses.push(lossOf(sisters, own.actual - own.baseline));
    const others = compareWindows(grid, baseline, haloWindows(grid, event, dipWeeks));
    gains.push({ ...lossOf(others, own.actual - own.baseline), effect: others.actual - others.baseline });
  }
  const last = panel.weekStart.at(-1) ?? 'empty';
  const hash = fingerprint([...baseline.index, baseline.kernelWeeks, baseline.driftVariance, intervalWidth]);
  return {
    ...{ grid, baseline, cross, dipWeeks, dipProfile, intervalWidth, placebos: placebos.length },
    dip: poolShares(dips),
    cannibalisation: poolShares(losses),
    halo: poolShares(gains),
    version: `clean-weeks/1 through ${last} #${hash}`,
  };
}

function lossOf(comparison: Comparison, exposure: number): ShareObservation {
  return { effect: comparison.baseline - comparison.actual, exposure, variance: comparison.variance };
}
