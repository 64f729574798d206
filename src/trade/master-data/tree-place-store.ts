import type { Context } from '#context';
import { type RawBuilder, sql, type TenantTx } from '#db';
import { forgetScopes } from '#scope';
import type { Tree } from './tree-store.ts';

/** Keeps under which parent a node stands from now on; says nothing again where it stands there already. */
export async function keepPlace(
  tx: TenantTx<Context>,
  tree: Tree,
  node: { id: string; parentId: string | null },
): Promise<void> {
  const { tenant, clock, newId } = tx.context;
  await tx.run(sql`
    insert into master_data.tree_place (tenant_id, id, tree, node_id, parent_id, recorded_at)
    select ${tenant.id}::uuid, ${newId()}::uuid, ${tree}, ${node.id}::uuid, ${node.parentId}::uuid, ${clock.now()}::timestamptz
    where not exists (
      select from (select parent_id from master_data.tree_place where tree = ${tree} and node_id = ${node.id}
        order by recorded_at desc, seq desc limit 1) last
      where last.parent_id is not distinct from ${node.parentId}::uuid)`);
  tx.afterCommit(() => forgetScopes(tenant.id));
}

/** The place of a node at an instant, `(parent_id)`; no row where the node was not there yet. */
export function placeAsOf(tree: Tree, nodeId: RawBuilder<unknown>, asOf: string): RawBuilder<unknown> {
  return sql`(select parent_id from master_data.tree_place place where place.tree = ${tree} and place.node_id = ${nodeId}
    and place.recorded_at <= ${asOf} order by place.recorded_at desc, place.seq desc limit 1)`;
}
