import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import type { Cells, ImportColumn, ImportKind } from '#master-data';
import { loadFactCodes } from './fact-codes.ts';
import { loadQuantityReader, type QuantityReader } from './quantities.ts';
import { type FactRow, type FactTable, storeFacts } from './store-facts.ts';

/** Whose fact a row tells: what its codes name, and the first day of its period. */
interface FactOf {
  customer: { currency: string } | undefined;
  product: { id: string } | undefined;
  on: string;
}

/** What one kind of fact has beside its customer, product and period. */
interface FactKind {
  kind: string;
  summary: string;
  /** Who the customer is, in a word. */
  customer: string;
  table: FactTable;
  columns: readonly ImportColumn[];
  /** The event after an import: data { from, to, rows, importId, source }. */
  stored: string;
  /** Reads the values of a row, in the order of the table's columns but for the source, which comes last. */
  values(cells: Cells, quantity: QuantityReader, of: FactOf, columns: ReadonlySet<string>): (string | null)[];
  /** Runs where anything was stored; answers what people should know. */
  afterwards?(tx: TenantTx<Context>, range: { from: string; to: string }): Promise<string[]>;
}

const nobody: FactRow = { customerId: '', productId: '', periodStart: '', values: [] };

/** An import of facts by customer, product and period; a restated period replaces the earlier value, which is kept. */
export function factImport({ kind, summary, customer: who, table, ...fact }: FactKind): ImportKind<FactRow> {
  return {
    ...{ kind, summary, permission: 'customers:write', batchRows: 10_000 },
    keeps: { customer: 'customer_code', product: 'product_code' },
    columns: [
      { name: 'customer_code', required: true, description: who },
      { name: 'product_code', required: true, description: 'Product' },
      { name: 'period_start', required: true, description: 'First day of the period (YYYY-MM-DD)' },
      ...fact.columns,
      { name: 'source', required: false, description: 'Where the fact comes from; "import" where absent' },
    ],
    open: async (context, file) => {
      const codes = await loadFactCodes(context);
      const quantity = await loadQuantityReader(context, file);
      return {
        check: (cells) => {
          const customer = codes.customer(cells);
          const product = codes.product(cells);
          const periodStart = cells.date('period_start');
          const told = fact.values(cells, quantity, { customer, product, on: periodStart }, file.columns);
          const values = [...told, cells.optionalText('source', 60) ?? 'import'];
          if (!customer || !product) return nobody;
          codes.refuseRepeated(cells, customer, product, periodStart);
          return { customerId: customer.id, productId: product.id, periodStart, values };
        },
        apply: (tx, rows) => storeFacts(tx, table, rows),
        finish: async (tx, rows) => {
          const range = codes.range();
          if (!range || rows.stored === 0) return [];
          const notes = (await fact.afterwards?.(tx, range)) ?? [];
          const data = { ...range, rows: rows.stored, importId: file.importId, source: file.fileName };
          await emit(tx, { type: fact.stored, subjectType: 'import', subjectId: file.importId, data });
          return notes;
        },
      };
    },
  };
}
