import type { Context } from '#context';
import { sql, type TenantTx } from '#db';

type Tx = TenantTx<Context>;

/** Where an instance stopped for an administrator. */
export interface Incident {
  id: string;
  instanceId: string;
  token: number;
  node: string;
  message: string;
  raisedAt: Date;
  resolvedAt: Date | null;
  resolvedBy: string | null;
  note: string | null;
}

const columns = sql`id, instance_id as "instanceId", token, node, message, raised_at as "raisedAt",
  resolved_at as "resolvedAt", resolved_by as "resolvedBy", note`;

export async function insertIncident(
  tx: Tx,
  incident: Pick<Incident, 'id' | 'instanceId' | 'token' | 'node' | 'message'>,
): Promise<void> {
  const { tenant, clock } = tx.context;
  await tx.run(sql`insert into workflow.incident (tenant_id, id, instance_id, token, node, message, raised_at)
    values (${tenant.id}, ${incident.id}, ${incident.instanceId}, ${incident.token}, ${incident.node},
      ${incident.message.slice(0, 2_000)}, ${clock.now()})`);
}

export async function findIncident(tx: Tx, id: string): Promise<Incident | undefined> {
  return tx.maybe<Incident>(sql`select ${columns} from workflow.incident where id = ${id}`);
}

export async function incidentsOf(tx: Tx, instanceId: string): Promise<Incident[]> {
  return tx.many<Incident>(
    sql`select ${columns} from workflow.incident where instance_id = ${instanceId} order by raised_at, id`,
  );
}

/** Closes the open incidents of some tokens, or all of an instance's. */
export async function resolveIncidents(
  tx: Tx,
  instanceId: string,
  note: string,
  tokens?: readonly number[],
): Promise<void> {
  const which = tokens ? sql`and token = any(${[...tokens]}::integer[])` : sql``;
  const { actor, clock } = tx.context;
  await tx.run(sql`update workflow.incident set resolved_at = ${clock.now()}, resolved_by = ${actor.id}, note = ${note}
    where instance_id = ${instanceId} ${which} and resolved_at is null`);
}
