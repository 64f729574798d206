import type { Context } from '#context';
import { notFound } from '#problem';
import { merged, requireVersion } from './change-customer.ts';
import { masterDataEvents, recordChange } from './events.ts';
import { insertConversion, tenantToday } from './price-store.ts';
import { lockProduct, type Product, updateProduct } from './product-store.ts';
import { lockTree, requireParent } from './tree-store.ts';

/** What of a product can be changed; absent members stay. A new case size holds from today. Prices: `POST /prices`. */
export interface ProductChange {
  name?: string | undefined;
  parentId?: string | null | undefined;
  level?: string | undefined;
  own?: boolean | undefined;
  unitsPerCase?: string | undefined;
}

/** Changes a product. Throws `not_found`, `version.conflict`, or `rule.violated` where the parent does not fit. */
export async function changeProduct(
  context: Context,
  id: string,
  change: ProductChange,
  ifMatch?: number,
): Promise<Product> {
  return context.db.transact(context, async (tx) => {
    await lockTree(tx, 'product');
    const before = (await lockProduct(tx, id)) ?? notFound('product', id);
    requireVersion(before, ifMatch);
    const after = { ...merged<Product>(before, change as Partial<Product>), version: before.version + 1 };
    if (after.parentId && after.parentId !== before.parentId) {
      await requireParent(tx, 'product', id, after.parentId);
    }
    if (change.unitsPerCase !== undefined && change.unitsPerCase !== before.unitsPerCase) {
      const from = { validFrom: tenantToday(tx), validTo: null };
      await insertConversion(tx, { productId: id, unit: 'case', units: change.unitsPerCase, ...from });
    }
    await updateProduct(tx, after);
    await recordChange(tx, {
      type: masterDataEvents.productChanged,
      entityType: 'product',
      entityId: id,
      before,
      after,
    });
    return after;
  });
}
