import type { Context } from '#context';
import { type RawBuilder, sql } from '#db';
import type { SalesPanel } from './domain/sales-panel.ts';
import { describeSeries, type SeriesKey } from './panel-scope.ts';

/** Which sales a panel takes; all where nothing is said. */
export interface PanelFilter {
  customerIds?: readonly string[];
  productIds?: readonly string[];
}

interface SeriesRow extends SeriesKey {
  rows: number;
  firstDay: number;
  lastDay: number;
}

interface Columns {
  week: number[];
  units: number[];
  price: number[];
  basePrice: number[];
  flags: number[];
}

/** Days since 1970 of a date column. */
const dayOf = (column: RawBuilder<unknown>) => sql`(${column} - date '1970-01-01')`;
const isoDay = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);
/** Rows fetched at once: some megabytes of text, parsed in about 30 ms, so that other work goes on in between. */
const batchRows = 30_000;

function filtered({ customerIds, productIds }: PanelFilter): RawBuilder<unknown> {
  const customers = customerIds ? sql`and customer_id = any(${customerIds as string[]}::uuid[])` : sql``;
  const products = productIds ? sql`and product_id = any(${productIds as string[]}::uuid[])` : sql``;
  return sql`true ${customers} ${products}`;
}

/** A price as text; NaN where the source has none and none follows from revenue. */
const priceText = (...columns: RawBuilder<unknown>[]) =>
  sql`coalesce((${sql`coalesce(${sql.join(columns)}, revenue / nullif(units, 0))`})::text, 'NaN')`;

async function listSeries(context: Context, filter: PanelFilter): Promise<SeriesRow[]> {
  return context.db.read(context, (tx) =>
    tx.many<SeriesRow>(sql`select customer_id as "customerId", product_id as "productId", count(*)::int as rows,
        ${dayOf(sql`min(period_start)`)} as "firstDay", ${dayOf(sql`max(period_start)`)} as "lastDay"
      from performance.sales where ${filtered(filter)}
      group by customer_id, product_id order by customer_id, product_id`),
  );
}

/** Customers in the order of the series, so many at once that a batch stays small. */
function batchesOf(series: readonly SeriesRow[]): string[][] {
  const batches: string[][] = [];
  let rows = batchRows;
  for (const { customerId, rows: more } of series) {
    if (batches.at(-1)?.at(-1) === customerId) rows += more;
    else if (rows + more > batchRows || batches.length === 0) {
      batches.push([customerId]);
      rows = more;
    } else {
      batches.at(-1)!.push(customerId);
      rows += more;
    }
  }
  return batches;
}

/** One text per series, `day,units,price,base price,flags;…` in the order of days: some ten times faster than rows. */
async function readBatch(context: Context, customers: string[], filter: PanelFilter) {
  return context.db.read(context, (tx) =>
    tx.many<SeriesKey & { facts: string }>(sql`
      select customer_id as "customerId", product_id as "productId", string_agg(
        ${dayOf(sql`period_start`)} || ',' || units || ',' || ${priceText(sql`price`)} || ',' ||
        ${priceText(sql`base_price`, sql`price`)} || ',' ||
        (feature::int + 2 * display::int + 4 * price_reduction::int), ';' order by period_start) as facts
      from performance.sales
      where ${filtered({ ...filter, customerIds: customers })}
      group by customer_id, product_id order by customer_id, product_id`),
  );
}

/** Reads one series' facts into columns; facts within one week (daily sales) become one observation. */
function parseFacts(facts: string, firstDay: number, columns: Columns, from: number): void {
  for (const fact of facts.split(';')) {
    const [day, units, price, basePrice, flags] = fact.split(',');
    const week = Math.floor((Number(day) - firstDay) / 7);
    const last = columns.week.length - 1;
    if (last >= from && columns.week[last] === week) {
      const before = columns.units[last]!;
      const all = before + Number(units);
      const share = all > 0 ? before / all : 0.5;
      columns.price[last] = columns.price[last]! * share + Number(price) * (1 - share);
      columns.basePrice[last] = Math.max(columns.basePrice[last]!, Number(basePrice));
      columns.flags[last] = columns.flags[last]! | Number(flags);
      columns.units[last] = all;
      continue;
    }
    columns.week.push(week);
    columns.units.push(Number(units));
    columns.price.push(Number(price));
    columns.basePrice.push(Number(basePrice));
    columns.flags.push(Number(flags));
  }
}

/**
 * Reads sales into a {@link SalesPanel}: series by customer and product id, weeks of seven days counted from the first
 * day on which anything was sold. A fact without any price has NaN prices. Undefined where there are no sales at all.
 */
export async function readSalesPanel(context: Context, filter: PanelFilter = {}): Promise<SalesPanel | undefined> {
  const listed = await listSeries(context, filter);
  if (listed.length === 0) return undefined;
  const firstDay = listed.reduce((first, series) => Math.min(first, series.firstDay), Number.POSITIVE_INFINITY);
  const lastDay = listed.reduce((last, series) => Math.max(last, series.lastDay), 0);
  const keys: SeriesKey[] = [];
  const counts: number[] = [];
  const columns: Columns = { week: [], units: [], price: [], basePrice: [], flags: [] };
  for (const customers of batchesOf(listed)) {
    for (const { facts, ...key } of await readBatch(context, customers, filter)) {
      const from = columns.week.length;
      parseFacts(facts, firstDay, columns, from);
      keys.push(key);
      counts.push(columns.week.length - from);
    }
  }
  const weeks = Math.floor((lastDay - firstDay) / 7) + 1;
  const series = await context.db.read(context, (tx) => describeSeries(tx, keys));
  const seriesIndex = new Int32Array(columns.week.length);
  let at = 0;
  for (const [index, count] of counts.entries()) {
    seriesIndex.fill(index, at, at + count);
    at += count;
  }
  return {
    weekStart: Array.from({ length: weeks }, (_, week) => isoDay(firstDay + 7 * week)),
    series,
    seriesIndex,
    week: Int32Array.from(columns.week),
    units: Float64Array.from(columns.units),
    price: Float64Array.from(columns.price),
    basePrice: Float64Array.from(columns.basePrice),
    feature: Uint8Array.from(columns.flags, (flags) => flags & 1),
    display: Uint8Array.from(columns.flags, (flags) => (flags >> 1) & 1),
    priceReduction: Uint8Array.from(columns.flags, (flags) => (flags >> 2) & 1),
  };
}

/** What a model would be fitted on now; `rows` 0 without sales. */
export interface SalesState {
  rows: number;
  recordedAt: Date | null;
}

/** How many facts there are and when the last one was recorded: tells whether a model is behind the sales. */
export async function readSalesState(context: Context): Promise<SalesState> {
  return context.db.read(context, (tx) =>
    tx.one<SalesState>(sql`select count(*)::int as rows, max(recorded_at) as "recordedAt" from performance.sales`),
  );
}
