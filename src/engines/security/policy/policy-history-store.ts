import { sql, type Tx } from '#db';

/** What a predefined role permits, in the order of its permissions' names. */
export interface KeptRole {
  code: string;
  permissions: string[];
}

/** What the predefined roles permitted when they were last recorded for a tenant; one process at a time. */
export async function lastKeptRoles(tx: Tx, tenantId: string): Promise<KeptRole[]> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtext(${`identity.predefined_role_history:${tenantId}`}))`);
  return tx.many<KeptRole>(sql`select distinct on (code) code, permissions from identity.predefined_role_history
    where tenant_id = ${tenantId} order by code, recorded_at desc, seq desc`);
}

/** Records what some predefined roles permit from an instant on. */
export async function insertKeptRoles(
  tx: Tx,
  kept: { tenantId: string; roles: readonly KeptRole[]; hash: string; at: Date; seeded: boolean },
): Promise<void> {
  for (const { code, permissions } of kept.roles) {
    await tx.run(sql`insert into identity.predefined_role_history (tenant_id, code, recorded_at, permissions, policy_hash, seeded)
      values (${kept.tenantId}, ${code}, ${kept.at}, ${permissions}, ${kept.hash}, ${kept.seeded})`);
  }
}
