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
  /** What must hold, instead or besides, so that all of a row with several sides lies inside: whoever changes it needs that. */
  whole?: {
    customer?: ScopeColumn;
    product?: ScopeColumn;
    /** Things that it is made of, by their type; each must lie inside as a whole. */
    parts?: { type: string; from: RawBuilder<unknown>; id: RawBuilder<unknown> };
  };
}

/** Whether some of a row is enough, or all of it must lie inside. */
export type HowFar = 'partly' | 'wholly';

/** What the database takes as the ids of a side: written once, as a request asks it of many statements. */
const arrays = new WeakMap<ScopeSide, { within: Buffer; covering: Buffer }>();

/**
 * A one-dimensional uuid[] in PostgreSQL's binary format: number of dimensions, whether it holds nulls, the elements' type,
 * length and lower bound, then each element behind its length. Half the bytes of the text, and nothing to parse: of five
 * hundred ids that is a tenth of the time of a short page.
 */
function uuidArray(ids: readonly string[]): Buffer {
  const [header, element] = [20, 20];
  const bytes = Buffer.alloc(header + ids.length * element);
  const uuidOid = 2950;
  for (const [at, value] of [1, 0, uuidOid, ids.length, 1].entries()) bytes.writeInt32BE(value, at * 4);
  for (const [at, id] of ids.entries()) {
    const from = header + at * element;
    bytes.writeInt32BE(16, from);
    if (bytes.write(id.replaceAll('-', ''), from + 4, 16, 'hex') !== 16) throw new Error(`not a UUID: ${id}`);
  }
  return bytes;
}

/** Ids as one parameter: the planner hashes a constant array. */
function idsOf(side: ScopeSide, covering: boolean): RawBuilder<string[]> {
  const known = arrays.get(side) ?? {
    within: uuidArray([...side.within]),
    covering: uuidArray([...side.within, ...side.above]),
  };
  arrays.set(side, known);
  return sql<string[]>`${covering ? known.covering : known.within}::uuid[]`;
}

function sideFilter(
  side: ScopeSide | null,
  column: ScopeColumn | undefined,
  covering: boolean,
): RawBuilder<unknown> | undefined {
  if (!side || !column) return undefined;
  const ids = idsOf(side, covering);
  if (typeof column === 'function') return column(ids);
  // For a wide side the planner would weigh every id and read through an index by node, whatever order the list is in.
  if (side.wide && !covering) return sql`coalesce(${column} = any(${ids}), false)`;
  return covering ? sql`(${column} is null or ${column} = any(${ids}))` : sql`${column} = any(${ids})`;
}

function subjectFilter(
  context: { actor: Actor },
  { type, id }: NonNullable<ScopeColumns['subject']>,
  how: HowFar,
): RawBuilder<unknown> {
  const kinds = scopedThings().filter((thing) => !thing.scope.subject);
  const each = kinds.map(
    (thing) => sql`(${type} = ${thing.type} and exists (select from ${thing.from}
    where ${thing.id} = ${id} and ${scopeFilter(context, thing.scope, how)}))`,
  );
  return each.length === 0 ? sql`false` : sql`(${sql.join(each, sql` or `)})`;
}

function partsFilter(
  context: { actor: Actor },
  { type, from, id }: NonNullable<NonNullable<ScopeColumns['whole']>['parts']>,
): RawBuilder<unknown> {
  const thing = scopedThings().find((one) => one.type === type);
  if (!thing) return sql`not exists (select from ${from})`;
  return sql`not exists (select from ${from} and not exists (select from ${thing.from}
    where ${thing.id} = ${id} and ${scopeFilter(context, thing.scope, 'wholly')}))`;
}

/**
 * What must hold of a row so that the actor may see it, or (`wholly`) change it: `true` for whoever sees everything. For reads
 * that people ask for, never for ledgers and sums that must be complete.
 */
export function scopeFilter(
  { actor }: { actor: Actor },
  of: ScopeColumns,
  how: HowFar = 'partly',
): RawBuilder<unknown> {
  const { scope } = actor;
  if (!scope) return sql`true`;
  const columns = how === 'wholly' ? { ...of, ...of.whole, covering: false } : of;
  const covering = columns.covering === true;
  const parts = [
    columns.subject && subjectFilter({ actor }, columns.subject, how),
    how === 'wholly' && of.whole?.parts ? partsFilter({ actor }, of.whole.parts) : undefined,
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
