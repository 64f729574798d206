import { type GridInputs, inColumn, scaled } from './grid-inputs.ts';
import { splitInteger } from './split-integer.ts';

/** A promotion as the plan counts it: what it was predicted to sell and to spend, at accounts of the plan. */
export interface PlannedEvent {
  id: string;
  /** Accounts of the plan at or below the promotion's customer, rising. */
  accounts: readonly number[];
  cells: readonly PlannedCell[];
  /** Predicted spend of each product in minor units, each product once. */
  spend: readonly { product: number; minor: number }[];
  /** The part of the spend that no volume changes, in minor units. */
  lumpMinor: number;
}

/** What a promotion does to a product in a week, its accounts together; each product and week once. */
export interface PlannedCell {
  product: number;
  week: number;
  /** Thousandths of a case; negative in the dip after the event. */
  incrementalMilli: number;
  /** Days of the week that the event covers, 0..7; 0 outside the event. */
  days: number;
}

/** What a promotion adds to the cells of the grid. */
export interface PlannedEffect {
  cells: Int32Array;
  incrementalMilli: Int32Array;
  /** Minor units by cell, in the order of `cells`. */
  spendMinor: BigInt64Array;
}

/** Baselines of an event's accounts in a cell, and their sum. */
function weightsOf(event: PlannedEvent, { product, week }: PlannedCell, inputs: GridInputs, baseline: Int32Array) {
  const weeks = inputs.segmentOfWeek.length;
  let sum = 0;
  const weights = event.accounts.map((account) => {
    const weight = baseline[(account * inputs.products + product) * weeks + week] ?? 0;
    sum += weight;
    return weight;
  });
  return { weights, sum };
}

/** The sum of what the plan began with in a cell. */
function sumOf({ accounts }: PlannedEvent, { product, week }: PlannedCell, inputs: GridInputs): number {
  const weeks = inputs.segmentOfWeek.length;
  let sum = 0;
  for (const account of accounts)
    sum += inputs.baselineMilli[(account * inputs.products + product) * weeks + week] ?? 0;
  return sum;
}

/**
 * The effect of a promotion on the grid. Incremental volume is split over accounts by baseline and follows it where the
 * baseline was changed; the rated part of the spend follows the event's volume, lump sums stay. Both fall on cells by
 * largest remainder: they sum to the promotion's own figures exactly as long as nobody changed the baseline.
 */
export function effectOf(event: PlannedEvent, inputs: GridInputs, baselineMilli: Int32Array): PlannedEffect {
  const weeks = inputs.segmentOfWeek.length;
  const size = event.cells.length * event.accounts.length;
  const effect = {
    cells: new Int32Array(size),
    incrementalMilli: new Int32Array(size),
    spendMinor: new BigInt64Array(size),
  };
  /** Volume of the event's days, in sevenths: what rated spend follows. */
  const eventVolume = new Array<number>(size);
  let volume = 0;
  let volumeBefore = 0;
  let at = 0;
  for (const cell of event.cells) {
    const { weights, sum } = weightsOf(event, cell, inputs, baselineMilli);
    const before = sumOf(event, cell, inputs);
    const incremental = before > 0 ? scaled(cell.incrementalMilli, sum, before) : cell.incrementalMilli;
    const parts = splitInteger(incremental, weights);
    if (cell.days > 0) {
      volume += Math.max(0, sum * cell.days + 7 * incremental);
      volumeBefore += Math.max(0, before * cell.days + 7 * cell.incrementalMilli);
    }
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] ?? 0;
      effect.cells[at] = ((event.accounts[i] ?? 0) * inputs.products + cell.product) * weeks + cell.week;
      effect.incrementalMilli[at] = inColumn(part);
      eventVolume[at] = cell.days > 0 ? Math.max(0, (weights[i] ?? 0) * cell.days + 7 * part) : 0;
      at += 1;
    }
  }
  spread(event, effect, eventVolume, { volume, volumeBefore });
  return effect;
}

/** Puts the event's spend on its cells: product by product, by the volume of the event's days. */
function spread(
  event: PlannedEvent,
  effect: PlannedEffect,
  eventVolume: readonly number[],
  { volume, volumeBefore }: { volume: number; volumeBefore: number },
): void {
  const predicted = event.spend.map(({ minor }) => minor);
  const total = predicted.reduce((all, minor) => all + minor, 0);
  const rated = volumeBefore > 0 ? scaled(total - event.lumpMinor, volume, volumeBefore) : total - event.lumpMinor;
  const byProduct = splitInteger(event.lumpMinor + rated, predicted);
  const placesOf = new Map<number, number[]>();
  event.cells.forEach(({ product, days }, c) => {
    if (days === 0) return;
    const places = placesOf.get(product) ?? [];
    for (let i = 0; i < event.accounts.length; i++) places.push(c * event.accounts.length + i);
    placesOf.set(product, places);
  });
  event.spend.forEach(({ product }, p) => {
    const places = placesOf.get(product) ?? [];
    const parts = splitInteger(
      byProduct[p] ?? 0,
      places.map((place) => eventVolume[place] ?? 0),
    );
    places.forEach((place, i) => {
      effect.spendMinor[place] = BigInt(parts[i] ?? 0);
    });
  });
}
