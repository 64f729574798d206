import { sql } from '#db';
import { emit } from '#events';
import { type Cells, ensureCalendarFor, type ImportKind } from '#master-data';
import { type FactCodes, loadFactCodes } from './fact-codes.ts';
import { loadQuantityReader, type QuantityReader, unitColumn } from './quantities.ts';
import { type FactRow, type FactTable, storeFacts } from './store-facts.ts';

/** The event after an import of sales: data { from, to, rows, source }. */
export const salesStored = 'performance.sales.stored';
/** The event after an import of shipments: data { from, to, rows, source }. */
export const shipmentsStored = 'performance.shipments.stored';

const sales: FactTable = {
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
};

const nobody: FactRow = { customerId: '', productId: '', periodStart: '', values: [] };

/** A price column that the file brings must be filled: a week without its price can neither be fitted nor measured. */
function price(cells: Cells, column: string, columns: ReadonlySet<string>): string | null {
  return columns.has(column) ? cells.decimal(column, { zero: false }) : null;
}

const bit = (value: boolean): string => (value ? 't' : 'f');

function readSale(cells: Cells, codes: FactCodes, units: QuantityReader, columns: ReadonlySet<string>): FactRow {
  const customer = codes.customer(cells);
  const product = codes.product(cells);
  const periodStart = cells.date('period_start');
  const values = [
    units(cells, { column: 'units', product, on: periodStart, unit: 'each' }),
    cells.decimal('revenue', { digits: 3, negative: true }),
    price(cells, 'price', columns),
    price(cells, 'base_price', columns),
    bit(cells.flag('feature')),
    bit(cells.flag('display')),
    bit(cells.flag('tpr')),
    customer?.currency ?? '',
    cells.optionalText('source', 60) ?? 'import',
  ];
  if (!customer || !product) return nobody;
  codes.refuseRepeated(cells, customer, product, periodStart);
  return { customerId: customer.id, productId: product.id, periodStart, values };
}

/** Sell-out per customer, product and period; a restated period replaces the earlier value, which is kept. */
export const salesImport: ImportKind<FactRow> = {
  kind: 'sales',
  summary: 'Sell-out per customer, product and period (a week as a rule), in consumer units',
  permission: 'customers:write',
  columns: [
    { name: 'customer_code', required: true, description: 'Customer' },
    { name: 'product_code', required: true, description: 'Product' },
    { name: 'period_start', required: true, description: 'First day of the period (YYYY-MM-DD)' },
    { name: 'units', required: true, description: 'Consumer units sold', total: true },
    unitColumn('units', 'each'),
    { name: 'revenue', required: true, description: "Turnover in the customer's currency", total: true },
    { name: 'price', required: false, description: 'Shelf price paid, above zero' },
    { name: 'base_price', required: false, description: 'Regular shelf price, above zero' },
    { name: 'feature', required: false, description: '1 where the product was in a leaflet' },
    { name: 'display', required: false, description: '1 where it stood on a second placement' },
    { name: 'tpr', required: false, description: '1 where the price was reduced for a time, without either' },
    { name: 'source', required: false, description: 'Where the fact comes from; "import" where absent' },
  ],
  batchRows: 10_000,
  open: async (context, file) => {
    const codes = await loadFactCodes(context);
    const units = await loadQuantityReader(context, file);
    return {
      check: (cells) => readSale(cells, codes, units, file.columns),
      apply: (tx, rows) => storeFacts(tx, sales, rows),
      finish: async (tx, rows) => {
        const range = codes.range();
        if (!range || rows.stored === 0) return [];
        const calendar = await ensureCalendarFor(tx, range);
        const data = { ...range, rows: rows.stored, importId: file.importId, source: file.fileName };
        await emit(tx, { type: salesStored, subjectType: 'import', subjectId: file.importId, data });
        if (!calendar) return [];
        return [
          `There was no fiscal calendar: "${calendar.name}" was made, with weeks that begin on the weekday of these facts.`,
        ];
      },
    };
  },
};

const shipments: FactTable = {
  table: sql`performance.shipment`,
  revision: sql`performance.shipment_revision`,
  columns: [
    { name: 'cases', type: 'numeric(16, 3)' },
    { name: 'revenue', type: 'numeric(18, 3)' },
    { name: 'currency', type: 'text' },
    { name: 'source', type: 'text' },
  ],
};

function readShipment(cells: Cells, codes: FactCodes, cases: QuantityReader): FactRow {
  const customer = codes.customer(cells);
  const product = codes.product(cells);
  const periodStart = cells.date('period_start');
  const values = [
    cases(cells, { column: 'cases', product, on: periodStart, unit: 'case', negative: true }),
    cells.decimal('revenue', { digits: 3, negative: true }),
    customer?.currency ?? '',
    cells.optionalText('source', 60) ?? 'import',
  ];
  if (!customer || !product) return nobody;
  codes.refuseRepeated(cells, customer, product, periodStart);
  return { customerId: customer.id, productId: product.id, periodStart, values };
}

/** Sell-in per customer, product and period; negative where returns prevail. */
export const shipmentsImport: ImportKind<FactRow> = {
  kind: 'shipments',
  summary: 'Sell-in per customer, product and period, in cases',
  permission: 'customers:write',
  columns: [
    { name: 'customer_code', required: true, description: 'Customer' },
    { name: 'product_code', required: true, description: 'Product' },
    { name: 'period_start', required: true, description: 'First day of the period (YYYY-MM-DD)' },
    { name: 'cases', required: true, description: 'Cases shipped, less returns', total: true },
    unitColumn('cases', 'case'),
    { name: 'revenue', required: true, description: "Invoiced, in the customer's currency", total: true },
    { name: 'source', required: false, description: 'Where the fact comes from; "import" where absent' },
  ],
  batchRows: 10_000,
  open: async (context, file) => {
    const codes = await loadFactCodes(context);
    const cases = await loadQuantityReader(context, file);
    return {
      check: (cells) => readShipment(cells, codes, cases),
      apply: (tx, rows) => storeFacts(tx, shipments, rows),
      finish: async (tx, rows) => {
        const range = codes.range();
        if (!range || rows.stored === 0) return [];
        const data = { ...range, rows: rows.stored, importId: file.importId, source: file.fileName };
        await emit(tx, { type: shipmentsStored, subjectType: 'import', subjectId: file.importId, data });
        return [];
      },
    };
  },
};
