import type { Context } from '#context';
import { addDays, daysBetween } from '#fiscal-calendar';
import { type Cells, findCustomers, findProducts } from '#master-data';
import { NumberSet } from './number-set.ts';

/** A record that a code of a file names. */
interface Named {
  id: string;
  /** Its place among those that this file has named. */
  index: number;
  currency: string;
}

/** Codes of the file at hand → ids: filled before checking, since checking cannot wait. */
export interface FactCodes {
  customer(cells: Cells): Named | undefined;
  product(cells: Cells): Named | undefined;
  /** Refuses a row whose customer, product and day an earlier row of the file had. */
  refuseRepeated(cells: Cells, customer: Named, product: Named, date: string): void;
  /** First and last day of the rows that were not refused. */
  range(): { from: string; to: string } | undefined;
}

/** Most customers and most products of a file of facts, so that a key fits into 53 bits. */
const maxNamed = 400_000;
const firstDay = '1900-01-01';
/** Days from 1900 to 2199. */
const maxDays = 110_000;

function lookUp(records: readonly { id: string; code: string; currency?: string }[], what: string, column: string) {
  if (records.length > maxNamed) throw new RangeError(`more than ${maxNamed} ${what}s`);
  const byCode = new Map(
    records.map(({ id, code, currency = '' }, index) => [code, { id, index, currency } satisfies Named]),
  );
  return (cells: Cells): Named | undefined => {
    const code = cells.code(column);
    const named = byCode.get(code);
    if (!named && code !== '') cells.refuse(`there is no ${what} ${code}`);
    return named;
  };
}

/** Loads what the codes of facts may name. */
export async function loadFactCodes(context: Context): Promise<FactCodes> {
  const [customers, products] = await context.db.transact(context, async (tx) => [
    await findCustomers(tx, 'all'),
    await findProducts(tx, 'all'),
  ]);
  const keys = new NumberSet();
  const days = new Map<string, number>();
  let first = maxDays;
  let last = -1;
  const dayOf = (date: string): number => {
    let day = days.get(date);
    if (day === undefined) {
      day = daysBetween(firstDay, date);
      days.set(date, day);
    }
    return day;
  };
  return {
    customer: lookUp(customers, 'customer', 'customer_code'),
    product: lookUp(products, 'product', 'product_code'),
    refuseRepeated: (cells, customer, product, date) => {
      if (cells.reasons.length > 0) return;
      const day = dayOf(date);
      if (!keys.add((customer.index * products.length + product.index) * maxDays + day)) {
        cells.refuse('duplicate: an earlier row of this file has the same customer, product and day');
        return;
      }
      first = Math.min(first, day);
      last = Math.max(last, day);
    },
    range: () => (last < 0 ? undefined : { from: addDays(firstDay, first), to: addDays(firstDay, last) }),
  };
}
