import { Problem } from '#problem';
import {
  countedLines,
  type GridInputs,
  inColumn,
  lineCount,
  moneyOfVolume,
  rateScale,
  requireColumns,
  scaled,
} from './grid-inputs.ts';
import { effectOf, type PlannedEffect, type PlannedEvent } from './planned-effect.ts';

/** A counted plan that follows edits: each recalculates the account × product × week that it touches, no more. */
export interface PlanGrid {
  readonly inputs: GridInputs;
  /** Adds a promotion, or puts it in the place of the one with its id. */
  setEvent(event: PlannedEvent): void;
  /** {@link setEvent} of several at once. */
  setEvents(events: readonly PlannedEvent[]): void;
  dropEvent(id: string): void;
  event(id: string): PlannedEvent | undefined;
  /** What a promotion adds to the cells, as it is counted now. */
  effect(id: string): PlannedEffect | undefined;
  /** Sets the baseline of rows to so many millionths of what the plan began with (1 050 000: +5 %). */
  scaleRows(rows: readonly number[], millionths: number): void;
  /** Thousandths of a case by cell, promotions included. */
  volumes(): Int32Array;
  /** Sums by segment × counted line (`segment * lineCount + line`); lines as in `countedLines`. */
  totals(): BigInt64Array;
  /** The same sums of rows, by a key that each row is given: an account, or a product. */
  totalsBy(keyOf: (account: number, product: number) => number): Map<number, BigInt64Array>;
}

/** Counts a plan whole. Throws `rule.violated` where a number is too large to be counted exactly. */
export function openPlanGrid(inputs: GridInputs, events: readonly PlannedEvent[] = []): PlanGrid {
  requireColumns(inputs);
  const weeks = inputs.segmentOfWeek.length;
  const rows = inputs.accounts * inputs.products;
  const segments = (inputs.segmentOfWeek.at(-1) ?? -1) + 1;
  const baseline = inputs.baselineMilli.slice();
  const incremental = new Int32Array(rows * weeks);
  const spend = new BigInt64Array(rows * weeks);
  const factors = new Int32Array(rows).fill(unchanged);
  const lines = new BigInt64Array(rows * segments * lineCount);
  const totals = new BigInt64Array(segments * lineCount);
  const known = new Map<string, { event: PlannedEvent; effect: PlannedEffect }>();
  const firstWeek = inputs.segmentOfWeek.reduce<number[]>((first, segment, week) => {
    first[segment] ??= week;
    return first;
  }, []);

  const counted = new BigInt64Array(lineCount);
  const count = (row: number, segment: number) => {
    countRow(inputs, { baseline, incremental, spend }, row, {
      ...{ from: firstWeek[segment] ?? 0, to: firstWeek[segment + 1] ?? weeks, counted },
    });
    for (let line = 0; line < lineCount; line++) {
      const at = (row * segments + segment) * lineCount + line;
      const total = segment * lineCount + line;
      const value = counted[line] ?? 0n;
      totals[total] = (totals[total] ?? 0n) + value - (lines[at] ?? 0n);
      lines[at] = value;
    }
  };
  const add = ({ cells, incrementalMilli, spendMinor }: PlannedEffect, sign: 1 | -1, touched: Set<number> | null) => {
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i] ?? 0;
      incremental[cell] = inColumn((incremental[cell] ?? 0) + sign * (incrementalMilli[i] ?? 0));
      spend[cell] = (spend[cell] ?? 0n) + BigInt(sign) * (spendMinor[i] ?? 0n);
      if (!touched) continue;
      const week = cell % weeks;
      touched.add(((cell - week) / weeks) * segments + (inputs.segmentOfWeek[week] ?? 0));
    }
  };
  const recount = (touched: Iterable<number>) => {
    for (const key of touched) count(Math.floor(key / segments), key % segments);
  };
  const replace = (id: string, event: PlannedEvent | null, touched: Set<number> | null) => {
    const before = known.get(id);
    if (before) add(before.effect, -1, touched);
    known.delete(id);
    if (!event) return;
    const effect = effectOf(event, inputs, baseline);
    add(effect, 1, touched);
    known.set(id, { event, effect });
  };

  const setEvents = (added: readonly PlannedEvent[]) => {
    const touched = new Set<number>();
    for (const event of added) replace(event.id, event, touched);
    recount(touched);
  };

  for (const event of events) replace(event.id, event, null);
  for (let row = 0; row < rows; row++) for (let segment = 0; segment < segments; segment++) count(row, segment);

  return {
    inputs,
    setEvent: (event) => setEvents([event]),
    setEvents,
    dropEvent: (id) => {
      const touched = new Set<number>();
      replace(id, null, touched);
      recount(touched);
    },
    event: (id) => known.get(id)?.event,
    effect: (id) => known.get(id)?.effect,
    scaleRows: (scaledRows, millionths) => {
      const touched = new Set<number>();
      const changed = new Set(scaledRows.filter((row) => factors[row] !== millionths));
      for (const row of changed) {
        factors[row] = millionths;
        for (let cell = row * weeks; cell < (row + 1) * weeks; cell++) {
          baseline[cell] = inColumn(scaled(inputs.baselineMilli[cell] ?? 0, millionths, unchanged));
        }
        for (let segment = 0; segment < segments; segment++) touched.add(row * segments + segment);
      }
      const accountsOf = Map.groupBy(changed, (row) => row % inputs.products);
      const meets = ({ accounts, cells }: PlannedEvent) =>
        cells.some(({ product }) => {
          const rowsOf = accountsOf.get(product);
          return rowsOf?.some((row) => accounts.includes((row - product) / inputs.products));
        });
      for (const { event } of [...known.values()]) {
        if (changed.size > 0 && meets(event)) replace(event.id, event, touched);
      }
      recount(touched);
    },
    volumes: () => baseline.map((before, cell) => Math.max(0, before + (incremental[cell] ?? 0))),
    totals: () => totals.slice(),
    totalsBy: (keyOf) => {
      const sums = new Map<number, BigInt64Array>();
      for (let row = 0; row < rows; row++) {
        const product = row % inputs.products;
        const key = keyOf((row - product) / inputs.products, product);
        const sum = sums.get(key) ?? new BigInt64Array(segments * lineCount);
        const at = row * segments * lineCount;
        for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0n) + (lines[at + i] ?? 0n);
        sums.set(key, sum);
      }
      return sums;
    },
  };
}

/** A baseline as it is. */
const unchanged = 1_000_000;

const [tacticsAt, costAt] = [countedLines.indexOf('tacticSpend'), countedLines.indexOf('cost')];

/** Volumes and spend of the cells of a grid. */
interface GridCells {
  baseline: Int32Array;
  incremental: Int32Array;
  spend: BigInt64Array;
}

/**
 * Counts the lines of one account × product over some weeks (`to` exclusive) into `counted`. Volume is never below zero, whatever dips
 * fall on a week. A sum that is no safe integer is refused.
 */
function countRow(
  inputs: GridInputs,
  { baseline, incremental, spend }: GridCells,
  row: number,
  { from, to, counted }: { from: number; to: number; counted: BigInt64Array },
): void {
  const weeks = inputs.segmentOfWeek.length;
  const product = row % inputs.products;
  let [volume, added, gross, onInvoice, offInvoice, cost] = [0, 0, 0, 0, 0, 0];
  let tactics = 0n;
  for (let week = from; week < to; week++) {
    const cell = row * weeks + week;
    const priced = product * weeks + week;
    const before = baseline[cell] ?? 0;
    const sold = Math.max(0, before + (incremental[cell] ?? 0));
    volume += sold;
    added += sold - before;
    gross += moneyOfVolume(sold, inputs.listMinor[priced] ?? 0, 1);
    onInvoice += moneyOfVolume(sold, inputs.onInvoiceRate[cell] ?? 0, rateScale);
    offInvoice += moneyOfVolume(sold, inputs.offInvoiceRate[cell] ?? 0, rateScale);
    cost += moneyOfVolume(sold, inputs.costMinor[priced] ?? 0, 1);
    tactics += spend[cell] ?? 0n;
  }
  // No line is larger than their sum, and none is negative.
  if (!Number.isSafeInteger(volume + gross + onInvoice + offInvoice + cost)) {
    throw new Problem('rule.violated', {
      detail: 'The sales of an account and product are too large to be counted exactly.',
    });
  }
  for (const [line, sum] of [volume, added, gross, onInvoice, offInvoice].entries()) counted[line] = BigInt(sum);
  counted[tacticsAt] = tactics;
  counted[costAt] = BigInt(cost);
}

/** The counted lines of volumes that need no prediction, such as shipments: by segment × line; nothing is incremental. */
export function countVolumes(inputs: GridInputs, volumeMilli: Int32Array): BigInt64Array {
  const counted = openPlanGrid({ ...inputs, baselineMilli: volumeMilli });
  return counted.totals();
}
