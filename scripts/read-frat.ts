import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';
import type { PanelSeries, SalesPanel } from '#performance';

interface FratRow {
  week: number;
  units: number;
  price: number;
  basePrice: number;
  flags: number;
}

const SALES_FILE = 'transactions_weeks_1-130.csv.gz';

/**
 * Reads "Breakfast at the Frat" into a panel of store × SKU series by the filter of the data's scoring rule: rows with
 * both prices > 0 and units > 0. Rejects with the file's own error where it cannot be read or parsed.
 */
export async function readFratPanel(folder: string): Promise<SalesPanel> {
  const seriesOf = await readSeriesNames(folder);
  const bySeries = new Map<string, FratRow[]>();
  const weeks = new Set<string>();
  const rows: { key: string; weekStart: string; row: FratRow }[] = [];
  const parser = createReadStream(join(folder, SALES_FILE))
    .pipe(createGunzip())
    .pipe(parse({ columns: false, from: 2 }));
  for await (const record of parser) {
    const [week, , store, upc, units, , , , price, base, feature, display, reduction] = record as string[];
    weeks.add(week!);
    const row = {
      week: 0,
      units: Number(units),
      price: Number(price || 'NaN'),
      basePrice: Number(base || 'NaN'),
      flags: (feature === '1' ? 1 : 0) + (display === '1' ? 2 : 0) + (reduction === '1' ? 4 : 0),
    };
    if (row.units > 0 && row.price > 0 && row.basePrice > 0) {
      rows.push({ key: `${store}|${upc}`, weekStart: week!, row });
    }
  }
  const weekStart = [...weeks].sort();
  const weekNumber = new Map(weekStart.map((week, i) => [week, i]));
  for (const { key, weekStart: week, row } of rows) {
    row.week = weekNumber.get(week)!;
    const list = bySeries.get(key);
    if (list) list.push(row);
    else bySeries.set(key, [row]);
  }
  return assemble(weekStart, bySeries, seriesOf, rows.length);
}

async function readSeriesNames(folder: string): Promise<(key: string) => PanelSeries> {
  const read = async (name: string) =>
    parseSync(await readFile(join(folder, name)), { columns: true }) as Record<string, string>[];
  const stores = new Map((await read('stores.csv')).map((store) => [store.store_id!, store]));
  const products = new Map((await read('products.csv')).map((product) => [product.upc_id!, product]));
  return (key) => {
    const [store, upc] = key.split('|') as [string, string];
    const customer = stores.get(store);
    const product = products.get(upc);
    if (!customer || !product)
      throw new Error(`${SALES_FILE} names store ${store} or product ${upc}, which no list has`);
    return {
      customer: store,
      customerGroup: `${customer.address_state_prov_code} ${customer.seg_value_name}`,
      product: upc,
      productGroup: product.sub_category!,
      category: product.category!,
      own: product.manufacturer === 'GENERAL MI',
    };
  };
}

function assemble(
  weekStart: string[],
  bySeries: Map<string, FratRow[]>,
  seriesOf: (key: string) => PanelSeries,
  count: number,
): SalesPanel {
  const panel: SalesPanel = {
    weekStart,
    series: [],
    seriesIndex: new Int32Array(count),
    week: new Int32Array(count),
    units: new Float64Array(count),
    price: new Float64Array(count),
    basePrice: new Float64Array(count),
    feature: new Uint8Array(count),
    display: new Uint8Array(count),
    priceReduction: new Uint8Array(count),
  };
  let at = 0;
  for (const key of [...bySeries.keys()].sort()) {
    panel.series.push(seriesOf(key));
    for (const row of bySeries.get(key)!.sort((a, b) => a.week - b.week)) {
      panel.seriesIndex[at] = panel.series.length - 1;
      panel.week[at] = row.week;
      panel.units[at] = row.units;
      panel.price[at] = row.price;
      panel.basePrice[at] = row.basePrice;
      panel.feature[at] = row.flags & 1;
      panel.display[at] = (row.flags >> 1) & 1;
      panel.priceReduction[at] = (row.flags >> 2) & 1;
      at++;
    }
  }
  return panel;
}
