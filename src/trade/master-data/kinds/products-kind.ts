import type { Context } from '#context';
import type { TenantTx } from '#db';
import { type Money, money, toJson } from '#money';
import { masterDataEvents, recordChange } from '../events.ts';
import type { Cells } from '../imports/cells.ts';
import type { CheckedRow, ImportKind, RowOutcome } from '../imports/import-kind.ts';
import { insertConversion, insertPrice, sinceEver, tenantToday } from '../price-store.ts';
import { findProducts, insertProduct, type Product, updateProduct } from '../product-store.ts';
import { lockTree, parentRefusal } from '../tree-store.ts';
import { makeDuplicateCheck } from './seen-codes.ts';
import { parentsFirst } from './tree-order.ts';

interface ProductRow {
  code: string;
  name: string;
  parentCode: string | null;
  level: string;
  own: boolean;
  unitsPerCase: string | null;
  price: { listPrice: Money; cost: Money } | null;
}

function readPrice(cells: Cells, houseCurrency: string): ProductRow['price'] {
  const currency = cells.currency('currency', houseCurrency);
  const listPrice = cells.optionalAmount('list_price', currency, { zero: false });
  const cost = cells.optionalAmount('cost', currency);
  if (listPrice === null && cost === null) return null;
  if (listPrice === null || cost === null) {
    cells.refuse('list_price and cost come together');
    return null;
  }
  // A cell that was refused answers a stand-in, which is not looked at.
  return cells.reasons.length > 0 ? null : { listPrice: money(listPrice, currency), cost: money(cost, currency) };
}

function readRow(cells: Cells, houseCurrency: string): ProductRow {
  return {
    code: cells.code('code'),
    name: cells.text('name'),
    parentCode: cells.optionalText('parent_code', 100),
    level: cells.text('level', 100),
    own: cells.flag('own', true),
    unitsPerCase: cells.optionalDecimal('units_per_case', { zero: false }),
    price: readPrice(cells, houseCurrency),
  };
}

function samePrice(row: ProductRow, before: Product | undefined): boolean {
  if (row.price === null) return true;
  const { listPrice, cost } = row.price;
  const same = (a: { amount: string; currency: string }, b: Product['listPrice']) =>
    b !== null && b !== undefined && a.amount === b.amount && a.currency === b.currency;
  return before !== undefined && same(toJson(listPrice), before.listPrice) && same(toJson(cost), before.cost);
}

/** The first price or case size holds since ever, a later one from today: history is not rewritten. */
async function storeDated(
  tx: TenantTx<Context>,
  id: string,
  row: ProductRow,
  before: Product | undefined,
): Promise<void> {
  const from = (known: unknown) => ({ validFrom: known ? tenantToday(tx) : sinceEver, validTo: null, productId: id });
  if (row.unitsPerCase !== null && row.unitsPerCase !== before?.unitsPerCase) {
    await insertConversion(tx, { ...from(before?.unitsPerCase), unit: 'case', units: row.unitsPerCase });
  }
  if (row.price && !samePrice(row, before)) {
    await insertPrice(tx, tx.context.newId(), { ...from(before?.listPrice), ...row.price });
  }
}

/** Stores one product and answers what became of it; `known` learns of it. */
async function storeRow(tx: TenantTx<Context>, row: ProductRow, known: Map<string, Product>): Promise<RowOutcome> {
  const parent = row.parentCode === null ? null : known.get(row.parentCode);
  if (parent === undefined) return [`there is no product ${row.parentCode} to be the parent`];
  const fields = { name: row.name, level: row.level, own: row.own, parentId: parent?.id ?? null };
  const before = known.get(row.code);
  const sameNode = before && Object.entries(fields).every(([key, value]) => before[key as keyof Product] === value);
  const sameCase = row.unitsPerCase === null || row.unitsPerCase === before?.unitsPerCase;
  if (sameNode && sameCase && samePrice(row, before)) return 'unchanged';
  const node = {
    ...fields,
    id: before?.id ?? tx.context.newId(),
    code: row.code,
    version: (before?.version ?? 0) + 1,
  };
  const after: Product = {
    ...node,
    unitsPerCase: row.unitsPerCase ?? before?.unitsPerCase ?? null,
    listPrice: row.price ? toJson(row.price.listPrice) : (before?.listPrice ?? null),
    cost: row.price ? toJson(row.price.cost) : (before?.cost ?? null),
  };
  if (node.parentId !== null && node.parentId !== before?.parentId) {
    const refusal = await parentRefusal(tx, 'product', before?.id ?? null, node.parentId);
    if (refusal) return [refusal];
  }
  if (before) await updateProduct(tx, node);
  else await insertProduct(tx, node);
  await storeDated(tx, node.id, row, before);
  const type = before ? masterDataEvents.productChanged : masterDataEvents.productCreated;
  await recordChange(tx, { type, entityType: 'product', entityId: node.id, ...(before ? { before } : {}), after });
  known.set(row.code, after);
  return 'stored';
}

async function storeRows(tx: TenantTx<Context>, rows: readonly CheckedRow<ProductRow>[]): Promise<RowOutcome[]> {
  await lockTree(tx, 'product');
  const codes = new Set(rows.flatMap(({ value }) => [value.code, value.parentCode ?? value.code]));
  const known = new Map((await findProducts(tx, { codes: [...codes] })).map((product) => [product.code, product]));
  const outcomes: RowOutcome[] = [];
  for (const { value } of rows) outcomes.push(await storeRow(tx, value, known));
  return outcomes;
}

/** Products as a tree, in any order; a code that is known is changed, its new price or case size holding from today. */
export const productsImport: ImportKind<ProductRow> = {
  kind: 'products',
  summary: 'Products as a tree: category, brand, family, SKU; own and competitors',
  permission: 'products:write',
  keeps: { node: 'product' },
  columns: [
    { name: 'code', required: true, description: 'Unique code' },
    { name: 'name', required: true, description: 'Name' },
    { name: 'parent_code', required: false, description: 'Code of the parent; empty for a root' },
    { name: 'level', required: true, description: 'Kind of node: category, brand, family, sku …' },
    { name: 'units_per_case', required: false, description: 'Consumer units in a case' },
    { name: 'list_price', required: false, description: 'Of a case' },
    { name: 'cost', required: false, description: 'Variable cost of a case' },
    { name: 'currency', required: false, description: 'ISO 4217 code; the house currency where absent' },
    { name: 'own', required: false, description: '1 (default) or 0 for a competitor' },
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
