import type { Context } from '#context';
import type { TenantTx } from '#db';
import { type Customer, findCustomers, insertCustomer, updateCustomer } from '../customer-store.ts';
import { masterDataEvents, recordChange } from '../events.ts';
import type { Cells } from '../imports/cells.ts';
import type { CheckedRow, ImportKind, RowOutcome } from '../imports/import-kind.ts';
import { lockTree, parentRefusal } from '../tree-store.ts';
import { makeDuplicateCheck } from './seen-codes.ts';
import { parentsFirst } from './tree-order.ts';

interface CustomerRow {
  code: string;
  name: string;
  parentCode: string | null;
  type: string;
  channel: string | null;
  currency: string;
}

function readRow(cells: Cells, currency: string): CustomerRow {
  return {
    code: cells.code('code'),
    name: cells.text('name'),
    parentCode: cells.optionalText('parent_code', 100),
    type: cells.text('type', 100),
    channel: cells.optionalText('channel', 100),
    currency: cells.currency('currency', currency),
  };
}

/** Stores one customer and answers what became of it; `known` learns of it. */
async function storeRow(tx: TenantTx<Context>, row: CustomerRow, known: Map<string, Customer>): Promise<RowOutcome> {
  const parent = row.parentCode === null ? null : known.get(row.parentCode);
  if (parent === undefined) return [`there is no customer ${row.parentCode} to be the parent`];
  const { code, parentCode: _, ...own } = row;
  const fields = { ...own, parentId: parent?.id ?? null };
  const before = known.get(code);
  if (before && Object.entries(fields).every(([key, value]) => before[key as keyof Customer] === value)) {
    return 'unchanged';
  }
  const after: Customer = {
    ...fields,
    id: before?.id ?? tx.context.newId(),
    code,
    version: (before?.version ?? 0) + 1,
  };
  if (after.parentId !== null && after.parentId !== before?.parentId) {
    const refusal = await parentRefusal(tx, 'customer', before?.id ?? null, after.parentId);
    if (refusal) return [refusal];
  }
  if (before) await updateCustomer(tx, after);
  else await insertCustomer(tx, after);
  const type = before ? masterDataEvents.customerChanged : masterDataEvents.customerCreated;
  await recordChange(tx, { type, entityType: 'customer', entityId: after.id, ...(before ? { before } : {}), after });
  known.set(after.code, after);
  return 'stored';
}

async function storeRows(tx: TenantTx<Context>, rows: readonly CheckedRow<CustomerRow>[]): Promise<RowOutcome[]> {
  await lockTree(tx, 'customer');
  const codes = new Set(rows.flatMap(({ value }) => [value.code, value.parentCode ?? value.code]));
  const known = new Map((await findCustomers(tx, { codes: [...codes] })).map((customer) => [customer.code, customer]));
  const outcomes: RowOutcome[] = [];
  for (const { value } of rows) outcomes.push(await storeRow(tx, value, known));
  return outcomes;
}

/** Customers as a tree, in any order; a code that is known is changed. */
export const customersImport: ImportKind<CustomerRow> = {
  kind: 'customers',
  summary: 'Customers as a tree: banner, division, account, store …',
  permission: 'customers:write',
  keeps: { node: 'customer' },
  columns: [
    { name: 'code', required: true, description: 'Unique code' },
    { name: 'name', required: true, description: 'Name' },
    { name: 'parent_code', required: false, description: 'Code of the parent; empty for a root' },
    { name: 'type', required: true, description: 'Kind of node: banner, division, account, store …' },
    { name: 'channel', required: false, description: 'Channel: grocery, mass, club …' },
    { name: 'currency', required: false, description: 'ISO 4217 code; the house currency where absent' },
  ],
  batchRows: 200,
  open: async (context) => {
    const checkDuplicate = makeDuplicateCheck('code');
    return {
      check: (cells) => {
        const row = readRow(cells, context.tenant.currency);
        checkDuplicate(cells, row.code);
        return row;
      },
      arrange: parentsFirst,
      apply: storeRows,
    };
  },
};
