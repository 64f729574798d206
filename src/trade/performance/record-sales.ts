import type { Context } from '#context';
import { emit } from '#events';
import { ensureCalendarFor, findCustomers, findProducts } from '#master-data';
import { type FieldError, Problem } from '#problem';
import { recordAudit } from '#security';
import { salesImport, salesStored } from './sales/index.ts';

/** A sales fact as the API takes it: decimal strings, prices per consumer unit in the customer's currency. */
export interface NewSalesFact {
  customerId: string;
  productId: string;
  /** First day of the week. */
  periodStart: string;
  units: string;
  revenue: string;
  price?: string | undefined;
  basePrice?: string | undefined;
  feature?: boolean | undefined;
  display?: boolean | undefined;
  priceReduction?: boolean | undefined;
}

/** What became of the facts. */
export interface RecordedSales {
  stored: number;
  unchanged: number;
}

const keyOf = ({ customerId, productId, periodStart }: NewSalesFact) => `${customerId}|${productId}|${periodStart}`;
const flag = (value: boolean | undefined) => (value ? 't' : 'f');

/** What is wrong with each fact: unknown ids, and two facts for one customer, product and period. */
function faults(
  facts: readonly NewSalesFact[],
  customers: ReadonlyMap<string, unknown>,
  products: ReadonlySet<string>,
): FieldError[] {
  const seen = new Set<string>();
  return facts.flatMap((fact, index) => {
    const found: FieldError[] = [];
    const say = (field: string, message: string) => found.push({ path: `facts.${index}.${field}`, message });
    if (!customers.has(fact.customerId)) say('customerId', 'is not a customer');
    if (!products.has(fact.productId)) say('productId', 'is not a product');
    if (seen.has(keyOf(fact))) say('periodStart', 'is given twice for this customer and product');
    seen.add(keyOf(fact));
    return found;
  });
}

/**
 * Records sales facts, all or none: new ones are added, changed ones replace what stood there, which is kept as a
 * revision. Throws `rule.violated` naming the facts whose customer or product is unknown or that are given twice.
 */
export async function recordSales(context: Context, facts: readonly NewSalesFact[]): Promise<RecordedSales> {
  const source = 'api';
  const id = context.newId();
  const run = await salesImport.open(context, { importId: id, fileName: source, columns: new Set() });
  return context.db.transact(context, async (tx) => {
    const found = await findCustomers(tx, { ids: facts.map(({ customerId }) => customerId) });
    const customers = new Map(found.map((customer) => [customer.id, customer]));
    const products = await findProducts(tx, { ids: facts.map(({ productId }) => productId) });
    const errors = faults(facts, customers, new Set(products.map((product) => product.id)));
    if (errors.length > 0) throw new Problem('rule.violated', { errors: errors.slice(0, 50) });
    const outcomes = await run.apply(
      tx,
      facts.map((fact, index) => ({
        rowNumber: index + 1,
        derived: false,
        value: {
          ...{ customerId: fact.customerId, productId: fact.productId, periodStart: fact.periodStart },
          values: [
            ...[fact.units, fact.revenue, fact.price ?? null, fact.basePrice ?? null],
            ...[flag(fact.feature), flag(fact.display), flag(fact.priceReduction)],
            ...[customers.get(fact.customerId)!.currency, source],
          ],
        },
      })),
    );
    const stored = outcomes.filter((outcome) => outcome === 'stored').length;
    const unchanged = outcomes.length - stored;
    if (stored === 0) return { stored, unchanged };
    const days = facts.map(({ periodStart }) => periodStart).sort();
    const data = { from: days[0]!, to: days.at(-1)!, rows: stored, source };
    await ensureCalendarFor(tx, data);
    await emit(tx, { type: salesStored, subjectType: 'sales', subjectId: id, data });
    await recordAudit(tx, { action: 'sales.recorded', entityType: 'sales', entityId: id, after: data });
    return { stored, unchanged };
  });
}
