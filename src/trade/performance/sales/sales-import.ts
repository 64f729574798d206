import { sql } from '#db';
import { type Cells, ensureCalendarFor } from '#master-data';
import { factImport } from './fact-import.ts';
import { unitColumn } from './quantities.ts';

/** The event after an import of sales: data { from, to, rows, source }. */
export const salesStored = 'performance.sales.stored';
/** The event after an import of shipments: data { from, to, rows, source }. */
export const shipmentsStored = 'performance.shipments.stored';

/** A price column that the file brings must be filled: a week without its price can neither be fitted nor measured. */
function price(cells: Cells, column: string, columns: ReadonlySet<string>): string | null {
  return columns.has(column) ? cells.decimal(column, { zero: false }) : null;
}

const bit = (value: boolean): string => (value ? 't' : 'f');

/** Sell-out per customer, product and period. */
export const salesImport = factImport({
  kind: 'sales',
  summary: 'Sell-out per customer, product and period (a week as a rule), in consumer units',
  customer: 'Customer',
  table: {
    table: sql`performance.sales`,
    revision: sql`performance.sales_revision`,
    columns: [
      { name: 'units', type: 'numeric(16, 3)' },
      { name: 'revenue', type: 'numeric(18, 3)' },
      { name: 'price', type: 'numeric(18, 6)' },
      { name: 'base_price', type: 'numeric(18, 6)' },
      { name: 'feature', type: 'boolean' },
      { name: 'display', type: 'boolean' },
      { name: 'price_reduction', type: 'boolean' },
      { name: 'currency', type: 'text' },
      { name: 'source', type: 'text' },
    ],
  },
  columns: [
    { name: 'units', required: true, description: 'Consumer units sold', total: true },
    unitColumn('units', 'each'),
    { name: 'revenue', required: true, description: "Turnover in the customer's currency", total: true },
    { name: 'price', required: false, description: 'Shelf price paid, above zero' },
    { name: 'base_price', required: false, description: 'Regular shelf price, above zero' },
    { name: 'feature', required: false, description: '1 where the product was in a leaflet' },
    { name: 'display', required: false, description: '1 where it stood on a second placement' },
    { name: 'tpr', required: false, description: '1 where the price was reduced for a time, without either' },
  ],
  stored: salesStored,
  values: (cells, quantity, { customer, product, on }, columns) => [
    quantity(cells, { column: 'units', product, on, unit: 'each' }),
    cells.decimal('revenue', { digits: 3, negative: true }),
    price(cells, 'price', columns),
    price(cells, 'base_price', columns),
    bit(cells.flag('feature')),
    bit(cells.flag('display')),
    bit(cells.flag('tpr')),
    customer?.currency ?? '',
  ],
  afterwards: async (tx, range) => {
    const calendar = await ensureCalendarFor(tx, range);
    if (!calendar) return [];
    return [
      `There was no fiscal calendar: "${calendar.name}" was made, with weeks that begin on the weekday of these facts.`,
    ];
  },
});

/** Sell-in per customer, product and period; negative where returns prevail. */
export const shipmentsImport = factImport({
  kind: 'shipments',
  summary: 'Sell-in per customer, product and period, in cases',
  customer: 'Customer',
  table: {
    table: sql`performance.shipment`,
    revision: sql`performance.shipment_revision`,
    columns: [
      { name: 'cases', type: 'numeric(16, 3)' },
      { name: 'revenue', type: 'numeric(18, 3)' },
      { name: 'currency', type: 'text' },
      { name: 'source', type: 'text' },
    ],
  },
  columns: [
    { name: 'cases', required: true, description: 'Cases shipped, less returns', total: true },
    unitColumn('cases', 'case'),
    { name: 'revenue', required: true, description: "Invoiced, in the customer's currency", total: true },
  ],
  stored: shipmentsStored,
  values: (cells, quantity, { customer, product, on }) => [
    quantity(cells, { column: 'cases', product, on, unit: 'case', negative: true }),
    cells.decimal('revenue', { digits: 3, negative: true }),
    customer?.currency ?? '',
  ],
});
