import type { Scope, ScopeSide } from '#context';
import type { Database, TenantScope, TenantTx } from '#db';
import type { ScopeDeclaration, ScopedThing, ScopeTree } from './scoped-thing.ts';

/** The nodes that a membership is kept to; null: that side is not narrowed. */
export interface ScopeRoots {
  customers: readonly string[] | null;
  products: readonly string[] | null;
}

interface Taught {
  trees: ReadonlyMap<ScopeTree['side'], ScopeTree>;
  things: readonly ScopedThing[];
}

let taught: Taught | undefined;

/** Gives the process what its modules teach about scope. Call it before a request is answered. */
export function teachScope(declarations: readonly ScopeDeclaration[]): void {
  taught = {
    trees: new Map(declarations.flatMap(({ trees = [] }) => trees.map((tree) => [tree.side, tree] as const))),
    things: declarations.flatMap(({ things = [] }) => things),
  };
}

/** What was taught; throws where nothing was, rather than let a narrowed person see everything. */
export function scopedThings(): readonly ScopedThing[] {
  if (!taught) throw new Error('nobody taught this process its scopes: call teachScope(declarations) at start');
  return taught.things;
}

/** A tree that another process changed is read again after so long. */
const freshMs = 4_000;
/** Expanded scopes remembered at once; one of a thousand stores takes some 100 KB. */
const maxRemembered = 500;

interface Remembered {
  readAtMs: number;
  scope: Promise<Scope>;
}

const remembered = new Map<string, Remembered>();

/** Forgets a tenant's expanded scopes, in this process at once: one of its trees has changed. */
export function forgetScopes(tenantId: string): void {
  for (const key of remembered.keys()) if (key.startsWith(tenantId)) remembered.delete(key);
}

/** Nodes that a list is looked up by, one after another, even where they are most of the tree. */
const mostLookedUp = 64;

const unknownTree = (roots: readonly string[]) => ({ within: [...roots], above: [], nodes: roots.length });

async function expandSide(tx: TenantTx, side: ScopeTree['side'], roots: readonly string[] | null) {
  if (roots === null) return null;
  const found = (await taught?.trees.get(side)?.expand(tx, roots)) ?? unknownTree(roots);
  const expanded: ScopeSide = {
    ...{ roots, within: new Set(found.within), above: new Set(found.above) },
    wide: found.within.length > mostLookedUp && found.within.length * 8 > found.nodes,
  };
  return expanded;
}

/** What some nodes come to now, in the running transaction. */
export async function expandScope(tx: TenantTx, { customers, products }: ScopeRoots): Promise<Scope | undefined> {
  if (customers === null && products === null) return undefined;
  return {
    customer: await expandSide(tx, 'customer', customers),
    product: await expandSide(tx, 'product', products),
  };
}

/** {@link expandScope}, remembered for a moment so that a request costs no walk through a tree. */
export async function scopeOf(
  db: Database,
  { tenant }: TenantScope,
  roots: ScopeRoots,
  now: Date,
): Promise<Scope | undefined> {
  if (roots.customers === null && roots.products === null) return undefined;
  const key = `${tenant.id} ${roots.customers?.join() ?? '*'} ${roots.products?.join() ?? '*'}`;
  const known = remembered.get(key);
  const ageMs = known ? now.getTime() - known.readAtMs : Number.POSITIVE_INFINITY;
  if (known && ageMs >= 0 && ageMs < freshMs) return known.scope;
  if (remembered.size >= maxRemembered) remembered.clear();
  const scope = db.read({ tenant }, async (tx) => {
    const expanded = await expandScope(tx, roots);
    return expanded ?? { customer: null, product: null };
  });
  remembered.set(key, { readAtMs: now.getTime(), scope });
  scope.catch(() => remembered.delete(key));
  return scope;
}
