import type { Context } from '#context';
import type { Page } from '#db';
import { findCustomers, findProducts } from '#master-data';

/** A page with the names of its customers and products, for people to read. */
export async function named<Row extends { customerId?: string; productId: string }>(
  context: Context,
  page: Page<Row>,
): Promise<Page<Row & { customerName: string; productName: string }>> {
  const customerIds = page.items.flatMap(({ customerId }) => customerId ?? []);
  const productIds = page.items.map(({ productId }) => productId);
  const [customers, products] = await context.db.read(context, async (tx) => [
    await findCustomers(tx, { ids: customerIds }),
    await findProducts(tx, { ids: productIds }),
  ]);
  const names = new Map([...customers, ...products].map(({ id, name }) => [id, name]));
  const items = page.items.map((row) => ({
    ...row,
    ...{ customerName: names.get(row.customerId ?? '') ?? '', productName: names.get(row.productId) ?? '' },
  }));
  return { ...page, items };
}
