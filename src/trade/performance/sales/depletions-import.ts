import { sql } from '#db';
import { emit } from '#events';
import type { ImportKind } from '#master-data';
import { loadFactCodes } from './fact-codes.ts';
import { loadQuantityReader, unitColumn } from './quantities.ts';
import { type FactRow, type FactTable, storeFacts } from './store-facts.ts';

const depletions: FactTable = {
  table: sql`performance.depletion`,
  revision: sql`performance.depletion_revision`,
  columns: [
    { name: 'cases', type: 'numeric(16, 3)' },
    { name: 'source', type: 'text' },
  ],
};

/** What distributors sold on per product and period; a distributor is a customer. Negative where returns prevail. */
export const depletionsImport: ImportKind<FactRow> = {
  kind: 'depletions',
  summary: 'What a distributor sold on per product and period, in cases',
  permission: 'customers:write',
  columns: [
    { name: 'customer_code', required: true, description: 'Distributor' },
    { name: 'product_code', required: true, description: 'Product' },
    { name: 'period_start', required: true, description: 'First day of the period (YYYY-MM-DD)' },
    { name: 'cases', required: true, description: 'Cases sold on, less returns', total: true },
    unitColumn('cases', 'case'),
    { name: 'source', required: false, description: 'Where the fact comes from; "import" where absent' },
  ],
  batchRows: 10_000,
  open: async (context, file) => {
    const codes = await loadFactCodes(context);
    const cases = await loadQuantityReader(context, file);
    return {
      check: (cells) => {
        const customer = codes.customer(cells);
        const product = codes.product(cells);
        const periodStart = cells.date('period_start');
        const values = [
          cases(cells, { column: 'cases', product, on: periodStart, unit: 'case', negative: true }),
          cells.optionalText('source', 60) ?? 'import',
        ];
        if (!customer || !product) return { customerId: '', productId: '', periodStart: '', values: [] };
        codes.refuseRepeated(cells, customer, product, periodStart);
        return { customerId: customer.id, productId: product.id, periodStart, values };
      },
      apply: (tx, rows) => storeFacts(tx, depletions, rows),
      finish: async (tx, rows) => {
        const range = codes.range();
        if (!range || rows.stored === 0) return [];
        const data = { ...range, rows: rows.stored, importId: file.importId, source: file.fileName };
        await emit(tx, {
          ...{ type: 'performance.depletions.stored', subjectType: 'import', subjectId: file.importId, data },
        });
        return [];
      },
    };
  },
};
