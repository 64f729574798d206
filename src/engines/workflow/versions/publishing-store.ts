import { sql } from '#db';
import type { Tx } from '../instances/workflow-parts.ts';

/** Who may publish what somebody drafted: a second person only, or the drafter alone. */
export type PublishingRule = 'second' | 'alone';

/** What a tenant has said about publishing. */
export interface Publishing {
  rule: PublishingRule;
  version: number;
  changedBy: string;
}

/** What the tenant has said; undefined while nobody has. */
export async function findPublishing(tx: Tx): Promise<Publishing | undefined> {
  return tx.maybe<Publishing>(sql`select rule, version, changed_by as "changedBy" from workflow.publishing`);
}

/** Says it in the place of the version before (0: nobody has); answers whether that is still what stands. */
export async function writePublishing(tx: Tx, rule: PublishingRule, before: number): Promise<boolean> {
  const { tenant, actor, clock } = tx.context;
  const written = await tx.run(sql`
    insert into workflow.publishing (tenant_id, rule, version, changed_by, changed_at)
      values (${tenant.id}, ${rule}, ${before + 1}, ${actor.id}, ${clock.now()})
    on conflict (tenant_id) do update set rule = excluded.rule, version = excluded.version,
      changed_by = excluded.changed_by, changed_at = excluded.changed_at
      where publishing.version = ${before}`);
  return written === 1;
}
