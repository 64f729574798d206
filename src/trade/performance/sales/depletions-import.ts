import { sql } from '#db';
import { factImport } from './fact-import.ts';
import { unitColumn } from './quantities.ts';

/** What distributors sold on per product and period; a distributor is a customer. Negative where returns prevail. */
export const depletionsImport = factImport({
  kind: 'depletions',
  summary: 'What a distributor sold on per product and period, in cases',
  customer: 'Distributor',
  table: {
    table: sql`performance.depletion`,
    revision: sql`performance.depletion_revision`,
    columns: [
      { name: 'cases', type: 'numeric(16, 3)' },
      { name: 'source', type: 'text' },
    ],
  },
  columns: [
    { name: 'cases', required: true, description: 'Cases sold on, less returns', total: true },
    unitColumn('cases', 'case'),
  ],
  stored: 'performance.depletions.stored',
  values: (cells, quantity, { product, on }) => [
    quantity(cells, { column: 'cases', product, on, unit: 'case', negative: true }),
  ],
});
