import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { type Money, money, toJson } from '#money';
import { masterDataEvents, recordChange } from '../events.ts';
import type { Cells } from '../imports/cells.ts';
import type { CheckedRow, ImportKind, RowOutcome } from '../imports/import-kind.ts';
import { insertConversion, insertPrice, type PackUnit } from '../price-store.ts';
import { findProducts } from '../product-store.ts';
import { makeDuplicateCheck } from './seen-codes.ts';

interface Dated {
  productCode: string;
  validFrom: string;
  validTo: string | null;
}
interface PriceRow extends Dated {
  listPrice: Money | null;
  cost: Money | null;
}
interface UnitRow extends Dated {
  unit: PackUnit;
  units: string;
}

function readDated(cells: Cells): Dated {
  const row = {
    productCode: cells.code('product_code'),
    validFrom: cells.date('valid_from'),
    validTo: cells.optionalDate('valid_to'),
  };
  if (row.validTo !== null && row.validTo < row.validFrom) cells.refuse('valid_to is before valid_from');
  return row;
}

function readPrice(cells: Cells, houseCurrency: string): PriceRow {
  const currency = cells.currency('currency', houseCurrency);
  const amount = (column: string, options: { zero?: boolean } = {}): Money | null => {
    if (cells.raw(column) === '') cells.refuse(`${column} is missing`);
    const text = cells.optionalAmount(column, currency, options);
    return text === null || cells.reasons.length > 0 ? null : money(text, currency);
  };
  return { ...readDated(cells), listPrice: amount('list_price', { zero: false }), cost: amount('cost') };
}

/** Ids of the products that rows name, by code. */
async function productIds(tx: TenantTx<Context>, rows: readonly CheckedRow<Dated>[]): Promise<Map<string, string>> {
  const codes = [...new Set(rows.map(({ value }) => value.productCode))];
  return new Map((await findProducts(tx, { codes })).map(({ code, id }) => [code, id]));
}

/** Whether the row recorded last for the same first day says the same. */
async function isKnownPrice(tx: TenantTx<Context>, productId: string, row: PriceRow): Promise<boolean> {
  const last = await tx.maybe<{ listPrice: string; cost: string; currency: string; validTo: string | null }>(sql`
    select list_price as "listPrice", cost, currency, valid_to as "validTo" from master_data.product_price
    where product_id = ${productId} and valid_from = ${row.validFrom}::date order by seq desc limit 1`);
  if (!last || !row.listPrice || !row.cost || last.currency !== row.listPrice.currency) return false;
  return (
    last.validTo === row.validTo &&
    money(last.listPrice, last.currency).minor === row.listPrice.minor &&
    money(last.cost, last.currency).minor === row.cost.minor
  );
}

async function storePrices(tx: TenantTx<Context>, rows: readonly CheckedRow<PriceRow>[]): Promise<RowOutcome[]> {
  const ids = await productIds(tx, rows);
  const outcomes: RowOutcome[] = [];
  for (const { value } of rows) {
    const productId = ids.get(value.productCode);
    const { listPrice, cost, validFrom, validTo } = value;
    if (productId === undefined) outcomes.push([`there is no product ${value.productCode}`]);
    else if (!listPrice || !cost) outcomes.push(['list_price and cost are missing']);
    else if (await isKnownPrice(tx, productId, value)) outcomes.push('unchanged');
    else {
      const id = tx.context.newId();
      await insertPrice(tx, id, { productId, listPrice, cost, validFrom, validTo });
      const after = { id, productId, validFrom, validTo, listPrice: toJson(listPrice), cost: toJson(cost) };
      await recordChange(tx, { type: masterDataEvents.priceRecorded, entityType: 'price', entityId: id, after });
      outcomes.push('stored');
    }
  }
  return outcomes;
}

/** Dated list prices and costs per case, recorded beside the earlier ones. */
export const pricesImport: ImportKind<PriceRow> = {
  kind: 'prices',
  summary: 'List prices and costs of a case, dated',
  permission: 'products:write',
  keeps: { product: 'product_code' },
  columns: [
    { name: 'product_code', required: true, description: 'Product' },
    { name: 'list_price', required: true, description: 'Of a case' },
    { name: 'cost', required: true, description: 'Variable cost of a case' },
    { name: 'currency', required: false, description: 'ISO 4217 code; the house currency where absent' },
    { name: 'valid_from', required: true, description: 'First day (YYYY-MM-DD)' },
    { name: 'valid_to', required: false, description: 'Last day; empty: until a later price begins' },
  ],
  batchRows: 200,
  open: async (context) => {
    const checkDuplicate = makeDuplicateCheck('product and first day');
    return {
      check: (cells) => {
        const row = readPrice(cells, context.tenant.currency);
        checkDuplicate(cells, `${row.productCode}\n${row.validFrom}`);
        return row;
      },
      apply: storePrices,
    };
  },
};

async function storeUnits(tx: TenantTx<Context>, rows: readonly CheckedRow<UnitRow>[]): Promise<RowOutcome[]> {
  const ids = await productIds(tx, rows);
  const outcomes: RowOutcome[] = [];
  for (const { value } of rows) {
    const productId = ids.get(value.productCode);
    if (productId === undefined) {
      outcomes.push([`there is no product ${value.productCode}`]);
      continue;
    }
    const { unit, units, validFrom, validTo } = value;
    const last = await tx.maybe<{ same: boolean }>(sql`
      select units = ${units}::numeric and valid_to is not distinct from ${validTo}::date as same
      from master_data.unit_conversion
      where product_id = ${productId} and unit = ${unit} and valid_from = ${validFrom}::date order by seq desc limit 1`);
    if (!last?.same) await insertConversion(tx, { productId, unit, units, validFrom, validTo });
    outcomes.push(last?.same ? 'unchanged' : 'stored');
  }
  return outcomes;
}

/** Dated unit conversions, recorded beside the earlier ones. */
export const unitsImport: ImportKind<UnitRow> = {
  kind: 'units',
  summary: 'Consumer units in an inner, case or pallet, dated',
  permission: 'products:write',
  keeps: { product: 'product_code' },
  columns: [
    { name: 'product_code', required: true, description: 'Product' },
    { name: 'unit', required: true, description: 'inner, case or pallet' },
    { name: 'units', required: true, description: 'Consumer units in it' },
    { name: 'valid_from', required: true, description: 'First day (YYYY-MM-DD)' },
    { name: 'valid_to', required: false, description: 'Last day; empty: until a later conversion begins' },
  ],
  batchRows: 500,
  open: async () => {
    const checkDuplicate = makeDuplicateCheck('product, unit and first day');
    return {
      check: (cells) => {
        const row = {
          ...readDated(cells),
          unit: cells.oneOf('unit', ['inner', 'case', 'pallet']),
          units: cells.decimal('units', { zero: false }),
        };
        checkDuplicate(cells, `${row.productCode}\n${row.unit}\n${row.validFrom}`);
        return row;
      },
      apply: storeUnits,
    };
  },
};
