import type { Context } from '#context';
import type { TenantTx } from '#db';
import { findCustomers, findProducts } from '#master-data';
import type { PanelSeries } from './domain/sales-panel.ts';

/** A customer × product pair by id. */
export interface SeriesKey {
  customerId: string;
  productId: string;
}

interface Node {
  id: string;
  name: string;
  parentId: string | null;
}

interface ProductNode extends Node {
  level: string;
  own: boolean;
}

/** Trees are a few levels deep; more would be a loop. */
const deepestTree = 32;

/** Nodes with all of their ancestors, by id. */
async function withAncestors<N extends Node>(
  ids: readonly string[],
  find: (ids: string[]) => Promise<N[]>,
): Promise<Map<string, N>> {
  const known = new Map<string, N>();
  let wanted = [...new Set(ids)];
  for (let depth = 0; wanted.length > 0 && depth < deepestTree; depth++) {
    const found = await find(wanted);
    for (const node of found) known.set(node.id, node);
    wanted = [...new Set(found.flatMap(({ parentId }) => (parentId && !known.has(parentId) ? [parentId] : [])))];
  }
  return known;
}

/** Category and group of a product by name: makers of one category hold a node of their own each in some trees. */
function groupsOf(products: ReadonlyMap<string, ProductNode>, id: string): { category: string; productGroup: string } {
  const product = products.get(id)!;
  const path: ProductNode[] = [product];
  for (let node = product; node.parentId && path.length < deepestTree; ) {
    const parent = products.get(node.parentId);
    if (!parent) break;
    path.push(parent);
    node = parent;
  }
  const category = path.find(({ level }) => level === 'category') ?? path.at(-1)!;
  const group = path[1] ?? category;
  return { category: category.name, productGroup: `${category.name} / ${group.name}` };
}

/** Products with all of their ancestors. */
async function productTree(tx: TenantTx<Context>, ids: readonly string[]): Promise<Map<string, ProductNode>> {
  return withAncestors<ProductNode>(ids, (some) => findProducts(tx, { ids: some }));
}

/** Series with what estimates may pool over: a customer's parent, a product's parent and category. */
export async function describeSeries(tx: TenantTx<Context>, keys: readonly SeriesKey[]): Promise<PanelSeries[]> {
  if (keys.length === 0) return [];
  const customerIds = [...new Set(keys.map(({ customerId }) => customerId))];
  const customers = new Map((await findCustomers(tx, { ids: customerIds })).map((customer) => [customer.id, customer]));
  const products = await productTree(
    tx,
    keys.map(({ productId }) => productId),
  );
  const groups = new Map([...products.keys()].map((id) => [id, groupsOf(products, id)]));
  return keys.map(({ customerId, productId }) => ({
    customer: customerId,
    customerGroup: customers.get(customerId)?.parentId ?? customerId,
    product: productId,
    ...groups.get(productId)!,
    own: products.get(productId)!.own,
  }));
}

/** Of `candidates`, the products that share a category with one of `productIds` (those included). */
export async function productsOfSameCategories(
  tx: TenantTx<Context>,
  productIds: readonly string[],
  candidates: readonly string[],
): Promise<{ id: string; own: boolean }[]> {
  const products = await productTree(tx, [...productIds, ...candidates]);
  const wanted = new Set(productIds.flatMap((id) => (products.has(id) ? [groupsOf(products, id).category] : [])));
  return [...new Set([...productIds, ...candidates])].flatMap((id) =>
    products.has(id) && wanted.has(groupsOf(products, id).category) ? [{ id, own: products.get(id)!.own }] : [],
  );
}

/** Of `candidates`, what an event on `productIds` may touch: everything of their categories, and our own of all others. */
export async function productsBeside(
  tx: TenantTx<Context>,
  productIds: readonly string[],
  candidates: readonly string[],
): Promise<{ id: string }[]> {
  const near = await productsOfSameCategories(tx, productIds, candidates);
  const known = new Set(near.map(({ id }) => id));
  const others = (await findProducts(tx, { ids: candidates.filter((id) => !known.has(id)) })).filter(({ own }) => own);
  return [...near, ...others];
}
