import type { Actor, Scope, ScopeSide } from '#context';
import { type RawBuilder, sql } from '#db';
import { scopedThings } from './scope-registry.ts';

/** A column with an id, or what must hold of a list of ids where the row has several. */
type ScopeColumn = RawBuilder<unknown> | ((ids: RawBuilder<string[]>) => RawBuilder<unknown>);

/** Where a row says which customer and product it is about; absent: the row has no such side. */
export interface ScopeColumns {
  customer?: ScopeColumn;
  product?: ScopeColumn;
  /** Another thing that the row is about, by its type and id: it lies where that lies. */
  subject?: { type: RawBuilder<unknown>; id: RawBuilder<unknown> };
  /** The row covers everything below its nodes, and everything where it names none: who stands below may read it. */
  covering?: boolean;
}

/** Ids as one parameter: the planner hashes a constant array and knows how many rows it lets through. */
function idsOf(side: ScopeSide, covering: boolean): RawBuilder<string[]> {
  const ids = covering ? [...side.within, ...side.above] : [...side.within];
  return sql<string[]>`${ids}::uuid[]`;
}

function sideFilter(
  side: ScopeSide | null,
  column: ScopeColumn | undefined,
  covering: boolean,
): RawBuilder<unknown> | undefined {
  if (!side || !column) return undefined;
  const ids = idsOf(side, covering);
  if (typeof column === 'function') return column(ids);
  return covering ? sql`(${column} is null or ${column} = any(${ids}))` : sql`${column} = any(${ids})`;
}

function subjectFilter(
  context: { actor: Actor },
  { type, id }: NonNullable<ScopeColumns['subject']>,
): RawBuilder<unknown> {
  const kinds = scopedThings().filter((thing) => !thing.scope.subject);
  const each = kinds.map(
    (thing) => sql`(${type} = ${thing.type} and exists (select from ${thing.from}
    where ${thing.id} = ${id} and ${scopeFilter(context, thing.scope)}))`,
  );
  return each.length === 0 ? sql`false` : sql`(${sql.join(each, sql` or `)})`;
}

/**
 * What must hold of a row so that the actor may see it: `true` for whoever sees everything. For reads that people ask
 * for, never for ledgers and sums that must be complete.
 */
export function scopeFilter({ actor }: { actor: Actor }, columns: ScopeColumns): RawBuilder<unknown> {
  const { scope } = actor;
  if (!scope) return sql`true`;
  const covering = columns.covering === true;
  const parts = [
    columns.subject && subjectFilter({ actor }, columns.subject),
    sideFilter(scope.customer, columns.customer, covering),
    sideFilter(scope.product, columns.product, covering),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? sql`true` : sql`(${sql.join(parts, sql` and `)})`;
}

/** Whether a node, named or none, lies within one side of a scope: what names no node lies in no narrowed side. */
function sideCovers(side: ScopeSide | null, node: string | null | undefined): boolean {
  return side === null || node === undefined || (node !== null && side.within.has(node));
}

/** Whether a customer and a product lie within a scope; undefined: the thing has no such side. */
export function inScope(
  scope: Scope | null | undefined,
  of: { customer?: string | null | undefined; product?: string | null | undefined },
): boolean {
  return !scope || (sideCovers(scope.customer, of.customer) && sideCovers(scope.product, of.product));
}
