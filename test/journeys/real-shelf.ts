import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';

const folder = fileURLToPath(new URL('../../../shared/data/frat/', import.meta.url));

/** Why the real data cannot be used here; false where it can. */
export const noRealData: string | false = existsSync(folder) ? false : `there is no ${folder}`;

/** An event that really happened: one product in one division, on promotion in most of its stores. */
export interface RealEvent {
  division: string;
  upc: string;
  /** First and last day. */
  startsOn: string;
  endsOn: string;
  /** Price cut per unit over the event, in dollars. */
  cut: number;
  feature: boolean;
  display: boolean;
}

/** The cereal shelf of "Breakfast at the Frat", up to an origin and after it. */
export interface RealShelf {
  stores: string;
  products: string;
  /** Sales files as they come, of weeks that end up to the origin, and after it. */
  past: string;
  later: string;
  event: RealEvent;
}

const category = 'COLD CEREAL';
const maker = 'GENERAL MI';
/** So many of a division's stores with flags make an event, as the data's README has it. */
const eventShare = 0.5;
/** A price that is low for longer is the price. */
const longestWeeks = 4;

interface Cell {
  stores: number;
  flagged: number;
  featured: number;
  displayed: number;
  units: number;
  cut: number;
}

const dayAfter = (date: string, days: number) =>
  new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);

/** Reads the shelf and finds the biggest clear event of the maker after `originWeekEnd`, with room before and after. */
export function readRealShelf(originWeekEnd: string, lastEventWeekEnd: string): RealShelf {
  const stores = readFileSync(`${folder}stores.csv`, 'utf8');
  const products = readFileSync(`${folder}products.csv`, 'utf8');
  const rowsOf = (text: string) => parse(text, { columns: true }) as Record<string, string>[];
  const divisionOf = new Map(
    rowsOf(stores).map((row) => [row.store_id, `${row.address_state_prov_code}-${row.seg_value_name}`]),
  );
  const shelf = rowsOf(products).filter((row) => row.category === category);
  const ours = new Set(shelf.filter((row) => row.manufacturer === maker).map((row) => row.upc_id));
  const onShelf = new Set(shelf.map((row) => row.upc_id));
  const [header = '', ...lines] = gunzipSync(readFileSync(`${folder}transactions_weeks_1-130.csv.gz`))
    .toString()
    .trimEnd()
    .split('\n');
  const past = [header];
  const later = [header];
  const cells = new Map<string, Cell>();
  for (const line of lines) {
    const [, weekEnd = '', store = '', upc = '', units, , , , price, base, feature, display, tpr] = line.split(',');
    if (!onShelf.has(upc)) continue;
    (weekEnd <= originWeekEnd ? past : later).push(line);
    if (weekEnd < dayAfter(originWeekEnd, -28) || !ours.has(upc)) continue;
    const key = [divisionOf.get(store), upc, weekEnd].join('|');
    const cell = cells.get(key) ?? { stores: 0, flagged: 0, featured: 0, displayed: 0, units: 0, cut: 0 };
    cells.set(key, cell);
    cell.stores += 1;
    cell.units += Number(units);
    cell.flagged += feature === '1' || display === '1' || tpr?.trim() === '1' ? 1 : 0;
    cell.featured += Number(feature);
    cell.displayed += Number(display);
    cell.cut += Math.max(Number(base) - Number(price), 0);
  }
  const event = biggestEvent(cells, originWeekEnd, lastEventWeekEnd);
  return { stores, products, past: past.join('\n'), later: later.join('\n'), event };
}

function biggestEvent(cells: Map<string, Cell>, originWeekEnd: string, lastEventWeekEnd: string): RealEvent {
  let best: { units: number; event: RealEvent } | undefined;
  for (const [key, first] of cells) {
    const [division = '', upc = '', weekEnd = ''] = key.split('|');
    if (weekEnd <= originWeekEnd || first.stores < 3) continue;
    const at = (weeks: number) => cells.get([division, upc, dayAfter(weekEnd, 7 * weeks)].join('|'));
    const on = (weeks: number) => {
      const cell = at(weeks);
      return cell !== undefined && cell.flagged / cell.stores >= eventShare;
    };
    if (!on(0) || on(-1) || on(-2)) continue;
    let weeks = 1;
    while (on(weeks)) weeks += 1;
    const endsOn = dayAfter(weekEnd, 7 * (weeks - 1));
    const run = Array.from({ length: weeks }, (_, week) => at(week)).filter((cell) => cell !== undefined);
    const sum = (of: (cell: Cell) => number) => run.reduce((total, cell) => total + of(cell), 0);
    const [stores, units] = [sum((cell) => cell.stores), sum((cell) => cell.units)];
    const cut = sum((cell) => cell.cut) / stores;
    if (endsOn > lastEventWeekEnd || weeks > longestWeeks || cut < 0.1 || (best && best.units >= units)) continue;
    const event = {
      ...{ division, upc, startsOn: dayAfter(weekEnd, -6), endsOn, cut },
      feature: sum((cell) => cell.featured) / stores >= eventShare,
      display: sum((cell) => cell.displayed) / stores >= eventShare,
    };
    best = { units, event };
  }
  if (!best) throw new Error('the real data holds no event after the origin');
  return best.event;
}
