import { type Context, systemActorId } from '#context';
import { sql, type TenantTx } from '#db';
import { Problem } from '#problem';

/**
 * Some actors with the people behind those of them that are programs: who made the service account, and who made (and so
 * read) a key of it.
 */
export async function handsOf(tx: TenantTx, actorIds: Iterable<string>): Promise<Set<string>> {
  const ids = [...new Set(actorIds)];
  const tenantId = tx.context.tenant.id;
  const behind = await tx.many<{ id: string }>(sql`select created_by as id from identity.service_account
      where tenant_id = ${tenantId} and id = any(${ids}::uuid[])
    union select created_by from identity.api_key
      where tenant_id = ${tenantId} and service_account_id = any(${ids}::uuid[])`);
  return new Set([...ids, ...behind.map(({ id }) => id)].filter((id) => id !== systemActorId));
}

/** Whether somebody, the running actor where nobody is named, is one of some actors or of the people behind them. */
export async function isSameHand(
  tx: TenantTx<Context>,
  actorIds: Iterable<string>,
  who: string = tx.context.actor.id,
): Promise<boolean> {
  const others = [...actorIds];
  if (others.length === 0) return false;
  const own = await handsOf(tx, [who]);
  return [...(await handsOf(tx, others))].some((id) => own.has(id));
}

/** Throws `approval.own_work` where {@link isSameHand}: nobody decides their own work, through a program either. */
export async function requireOtherHand(
  tx: TenantTx<Context>,
  actorIds: Iterable<string>,
  detail?: string,
  who?: string,
): Promise<void> {
  if (await isSameHand(tx, actorIds, who)) throw new Problem('approval.own_work', detail ? { detail } : {});
}
