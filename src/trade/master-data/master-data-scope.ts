import { sql, type TenantTx } from '#db';
import type { ScopeColumns, ScopeDeclaration, ScopeTree } from '#scope';
import { ancestorsOfEach, countNodes, nodesBelow, type Tree } from './tree-store.ts';

/** A customer is its own place in the tree. */
export const customerScope: ScopeColumns = { customer: sql`customer.id` };
/** A product is its own place in the tree. */
export const productScope: ScopeColumns = { product: sql`product.id` };

function scopeTree(side: Tree): ScopeTree {
  return {
    side,
    expand: async (tx: TenantTx, roots) => {
      const within = await nodesBelow(tx, side, roots);
      const inside = new Set(within);
      const lines = await ancestorsOfEach(tx, side, roots);
      const above = new Set([...lines.values()].flat().filter((id) => !inside.has(id)));
      return { within, above: [...above], nodes: await countNodes(tx, side) };
    },
  };
}

/** The two trees by which people are kept to a part of the tenant, and their nodes. */
export const masterDataScope: ScopeDeclaration = {
  trees: [scopeTree('customer'), scopeTree('product')],
  things: [
    {
      type: 'customer',
      paths: ['/customers/:id'],
      fields: ['customerId', 'customerIds', '/customers parentId', '/customers/:id parentId'],
      // A node at the top, money and terms for everybody: nobody's part holds them.
      neededBy: ['POST /customers', 'PATCH /customers/:id', 'POST /funds', 'PATCH /funds/:id', 'POST /terms'],
      from: sql`master_data.customer`,
      id: sql`customer.id`,
      scope: customerScope,
    },
    {
      type: 'product',
      paths: ['/products/:id'],
      fields: ['productId', 'productIds', '/products parentId', '/products/:id parentId'],
      neededBy: [
        ...['POST /products', 'PATCH /products/:id', 'POST /funds', 'PATCH /funds/:id', 'POST /terms'],
        ...['GET /terms/waterfall', 'GET /terms/waterfall/rows'],
      ],
      from: sql`master_data.product`,
      id: sql`product.id`,
      scope: productScope,
    },
  ],
};
