import type { Context } from '#context';
import type { TenantTx } from '#db';
import { fromJson, type MoneyJson } from '#money';
import { Problem } from '#problem';
import { masterDataEvents, recordChange } from './events.ts';
import { insertConversion, insertPrice, sinceEver } from './price-store.ts';
import { findProducts, insertProduct, type Product } from './product-store.ts';
import { lockTree, requireParent } from './tree-store.ts';

/** A product to be. Case size and prices, where given, hold since ever. */
export interface NewProduct {
  code: string;
  name: string;
  parentId?: string | null | undefined;
  level: string;
  own?: boolean | undefined;
  /** Consumer units in a case, a decimal string. */
  unitsPerCase?: string | undefined;
  /** Per case; needs `cost` beside it. */
  listPrice?: MoneyJson | undefined;
  /** Per case. */
  cost?: MoneyJson | undefined;
}

async function insertFirstPrice(tx: TenantTx<Context>, productId: string, input: NewProduct): Promise<void> {
  const range = { productId, validFrom: sinceEver, validTo: null };
  if (input.unitsPerCase !== undefined) {
    await insertConversion(tx, { ...range, unit: 'case', units: input.unitsPerCase });
  }
  if (input.listPrice && input.cost) {
    const price = { ...range, listPrice: fromJson(input.listPrice), cost: fromJson(input.cost) };
    await insertPrice(tx, tx.context.newId(), price);
  }
}

/** Creates a product. Throws `code.taken`, or `rule.violated` where the parent does not fit. */
export async function createProduct(context: Context, input: NewProduct): Promise<Product> {
  const node = {
    id: context.newId(),
    code: input.code,
    name: input.name,
    parentId: input.parentId ?? null,
    level: input.level,
    own: input.own ?? true,
    version: 1,
  };
  return context.db.transact(context, async (tx) => {
    await lockTree(tx, 'product');
    if (node.parentId) await requireParent(tx, 'product', null, node.parentId);
    if (!(await insertProduct(tx, node))) {
      throw new Problem('code.taken', { detail: `There is already a product ${node.code}.` });
    }
    await insertFirstPrice(tx, node.id, input);
    const [product] = await findProducts(tx, { ids: [node.id] });
    if (!product) throw new Error(`the product ${node.id} was just inserted`);
    await recordChange(tx, {
      type: masterDataEvents.productCreated,
      entityType: 'product',
      entityId: product.id,
      after: product,
    });
    return product;
  });
}
