import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { Problem } from '#problem';

/** The two trees of the master data. */
export type Tree = 'customer' | 'product';

const tables = { customer: sql`master_data.customer`, product: sql`master_data.product` };

/** Deepest tree that is accepted: the deepest real one known has seven levels. */
export const maxTreeDepth = 20;

/** A node asked about, and one of the nodes that answer. */
interface FoundNode {
  asked: string;
  id: string;
}

function byAsked(asked: readonly string[], rows: readonly FoundNode[]): Map<string, string[]> {
  const found = new Map<string, string[]>(asked.map((id) => [id, []]));
  for (const row of rows) found.get(row.asked)?.push(row.id);
  return found;
}

/** For each of `ids` the ids up to its root, itself first; empty where it is unknown. One query for all of them. */
export async function ancestorsOfEach(
  tx: TenantTx,
  tree: Tree,
  ids: readonly string[],
): Promise<Map<string, string[]>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.many<FoundNode>(sql`
    with recursive line as (
      select id as asked, id, parent_id, 0 as depth from ${tables[tree]} where id = any(${ids}::uuid[])
      union all
      select line.asked, above.id, above.parent_id, line.depth + 1
      from line join ${tables[tree]} above on above.id = line.parent_id
      where line.depth < ${maxTreeDepth}
    ) select asked, id from line order by depth`);
  return byAsked(ids, rows);
}

/** Ids from `id` up to its root, `id` first; empty where `id` is unknown. */
export async function ancestors(tx: TenantTx, tree: Tree, id: string): Promise<string[]> {
  return (await ancestorsOfEach(tx, tree, [id])).get(id) ?? [];
}

/**
 * For each of `ids` the leaves below it, in order of their codes: itself where it has no children; empty where it is
 * unknown. One query for all of them.
 */
export async function leavesOfEach(tx: TenantTx, tree: Tree, ids: readonly string[]): Promise<Map<string, string[]>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.many<FoundNode>(sql`
    with recursive below as (
      select id as asked, id, code from ${tables[tree]} where id = any(${ids}::uuid[])
      union
      select below.asked, child.id, child.code from below join ${tables[tree]} child on child.parent_id = below.id
    ) select asked, id from below
    where not exists (select 1 from ${tables[tree]} child where child.parent_id = below.id) order by code`);
  return byAsked(ids, rows);
}

/** Ids of some nodes and of everything below them; unknown nodes are left out. */
export async function nodesBelow(tx: TenantTx, tree: Tree, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`
    with recursive below as (
      select id from ${tables[tree]} where id = any(${ids}::uuid[])
      union
      select child.id from below join ${tables[tree]} child on child.parent_id = below.id
    ) select id from below`);
  return rows.map(({ id }) => id);
}

/** How many nodes a tree has. */
export async function countNodes(tx: TenantTx, tree: Tree): Promise<number> {
  return (await tx.one<{ nodes: number }>(sql`select count(*)::int as nodes from ${tables[tree]}`)).nodes;
}

/** Ids of the leaves below `id`, in order of their codes: `id` itself where it has no children; empty where unknown. */
export async function leaves(tx: TenantTx, tree: Tree, id: string): Promise<string[]> {
  return (await leavesOfEach(tx, tree, [id])).get(id) ?? [];
}

/** Serialises changes of one tenant's tree until the transaction ends: two moves at once cannot form a cycle. */
export async function lockTree(tx: TenantTx<Context>, tree: Tree): Promise<void> {
  const key = `master-data.${tree}:${tx.context.tenant.id}`;
  await tx.run(sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`);
}

async function heightBelow(tx: TenantTx, tree: Tree, id: string): Promise<number> {
  const { height } = await tx.one<{ height: number }>(sql`
    with recursive below as (
      select id, 0 as depth from ${tables[tree]} where id = ${id}
      union
      select child.id, below.depth + 1 from below join ${tables[tree]} child on child.parent_id = below.id
      where below.depth < ${maxTreeDepth}
    ) select coalesce(max(depth), 0) as height from below`);
  return height;
}

/**
 * Why a parent does not fit: it is unknown, lies below `id` itself, or the tree would grow too deep under it; null where
 * it fits. Call it under {@link lockTree}.
 */
export async function parentRefusal(
  tx: TenantTx,
  tree: Tree,
  id: string | null,
  parentId: string,
): Promise<string | null> {
  const line = await ancestors(tx, tree, parentId);
  if (line.length === 0) return `There is no ${tree} ${parentId}.`;
  if (id !== null && line.includes(id)) return `A ${tree} cannot stand below itself.`;
  const height = id === null ? 0 : await heightBelow(tx, tree, id);
  return line.length + height >= maxTreeDepth ? `A tree has at most ${maxTreeDepth} levels.` : null;
}

/** Throws `rule.violated` where {@link parentRefusal} has a reason. */
export async function requireParent(tx: TenantTx, tree: Tree, id: string | null, parentId: string): Promise<void> {
  const message = await parentRefusal(tx, tree, id, parentId);
  if (message) throw new Problem('rule.violated', { detail: message, errors: [{ path: 'parentId', message }] });
}
