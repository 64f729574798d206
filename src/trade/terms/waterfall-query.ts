import type { Context } from '#context';
import type { TenantTx } from '#db';
import { customerLeaves, findCustomers, findProducts, productLeaves } from '#master-data';
import { notFound, Problem } from '#problem';

/** What a waterfall is asked for: a customer and everything below it, a product and everything below it, dates. */
export interface WaterfallQuery {
  customerId: string;
  productId?: string | undefined;
  from: string;
  to: string;
}

/** The path of the API that lists the rows behind a waterfall. */
export function waterfallRowsPath({ customerId, productId, from, to }: WaterfallQuery): string {
  const query = new URLSearchParams({ customerId, ...(productId ? { productId } : {}), from, to });
  return `/api/v1/terms/waterfall/rows?${query}`;
}

/** Leaf customers, SKUs (null: all) and currency that a waterfall is of. Throws `not_found`, `rule.violated` for no range. */
export async function waterfallScope(tx: TenantTx<Context>, { customerId, productId, from, to }: WaterfallQuery) {
  if (to < from) {
    const errors = [{ path: 'to', message: 'is before from' }];
    throw new Problem('rule.violated', { detail: 'The range ends before it begins.', errors });
  }
  const [customer] = await findCustomers(tx, { ids: [customerId] });
  if (!customer) notFound('customer', customerId);
  if (productId && (await findProducts(tx, { ids: [productId] })).length === 0) notFound('product', productId);
  return {
    customerIds: await customerLeaves(tx, customerId),
    productIds: productId ? await productLeaves(tx, productId) : null,
    currency: customer.currency ?? tx.context.tenant.currency,
  };
}
