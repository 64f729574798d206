import type { RawBuilder, TenantTx } from '#db';
import type { ScopeColumns } from './scope-filter.ts';

/** A tree by which people are kept to a part of the tenant. */
export interface ScopeTree {
  side: 'customer' | 'product';
  /** Everything at and below some nodes, what stands above them, and how many nodes the tree has; unknown nodes are left out. */
  expand(tx: TenantTx, roots: readonly string[]): Promise<{ within: string[]; above: string[]; nodes: number }>;
}

/** A kind of thing that lies in some people's scope and not in others'. */
export interface ScopedThing {
  /** As subjects, events and comments name it. */
  type: string;
  /** The addresses whose last parameter names one: `/promotions/:id`; what lies below them is covered too. */
  paths: readonly string[];
  /** Members of bodies and queries that name some: `promotionId`, or `/promotions/bulk id` at one address only. */
  fields: readonly string[];
  /** Those of its fields by which some are changed, and not only named. */
  changedBy?: readonly string[];
  /** Routes of which someone with a scope must name one: `POST /customers`. Nothing is made outside it, not even at the top. */
  neededBy?: readonly string[];
  /** What stands after `from`. */
  from: RawBuilder<unknown>;
  /** The SQL expression of its id. */
  id: RawBuilder<unknown>;
  scope: ScopeColumns;
}

/** What a module teaches about scope. */
export interface ScopeDeclaration {
  trees?: readonly ScopeTree[];
  things?: readonly ScopedThing[];
}
