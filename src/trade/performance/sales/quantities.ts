import type { Context } from '#context';
import { type Cells, findProducts, type ImportColumn, type ImportFile, readProductHistory } from '#master-data';
import { Decimal } from '#money';
import { Problem } from '#problem';

const units = ['each', 'inner', 'case', 'pallet'] as const;
type Unit = (typeof units)[number];

/** Decimals that a quantity keeps. */
const digits = 3;

/** A quantity to read: the column it stands in, and the unit it is kept in. */
interface Quantity {
  column: string;
  product: { id: string } | undefined;
  on: string;
  unit: 'each' | 'case';
  negative?: boolean;
}

/** Reads a quantity of a row, converted by the pack sizes of its day where the row states another unit. */
export type QuantityReader = (cells: Cells, quantity: Quantity) => string;

/** The column that states the unit of a quantity. */
export function unitColumn(of: string, absent: Unit): ImportColumn {
  return { name: 'unit', required: false, description: `Unit of ${of}: ${units.join(', ')}; ${absent} where absent` };
}

/** Loads pack sizes where the file states units. A missing conversion is a reason to refuse the row, never a guess. */
export async function loadQuantityReader(context: Context, file: ImportFile): Promise<QuantityReader> {
  const plain: QuantityReader = (cells, { column, negative = false }) => cells.decimal(column, { digits, negative });
  if (!file.columns.has('unit')) return plain;
  const history = await context.db.read(context, async (tx) => {
    const products = await findProducts(tx, 'all');
    return readProductHistory(
      tx,
      products.map(({ id }) => id),
    );
  });
  return (cells, quantity) => {
    const read = plain(cells, quantity);
    const stated = cells.raw('unit') === '' ? quantity.unit : cells.oneOf('unit', units);
    const { product, on, unit } = quantity;
    if (stated === unit || !product || cells.reasons.length > 0) return read;
    try {
      const each = new Decimal(read).times(history.unitsPer(product.id, stated, on));
      return each
        .div(history.unitsPer(product.id, unit, on))
        .toDecimalPlaces(digits)
        .toString();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      cells.refuse(error.detail);
      return '0';
    }
  };
}
