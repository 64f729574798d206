import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import type { AuditVerification } from './verify-audit.ts';

/** A verification that somebody asked for. */
export interface Verification {
  id: string;
  requestedBy: string;
  requestedAt: Date;
  finishedAt: Date | null;
  result: AuditVerification | null;
  failure: string | null;
}

const columns = sql`id, requested_by as "requestedBy", requested_at as "requestedAt", finished_at as "finishedAt", result,
  failure`;

/** Verifications kept in sight. */
const shown = 20;

/** The latest verifications, newest first. */
export async function listVerifications(tx: TenantTx): Promise<Verification[]> {
  return tx.many<Verification>(sql`select ${columns} from audit.verification
    where tenant_id = ${tx.context.tenant.id} order by requested_at desc, id desc limit ${shown}`);
}

/** A verification; undefined where there is none. */
export async function findVerification(tx: TenantTx, id: string): Promise<Verification | undefined> {
  return tx.maybe<Verification>(sql`select ${columns} from audit.verification
    where tenant_id = ${tx.context.tenant.id} and id = ${id}`);
}

/** Begins a verification. */
export async function insertVerification(tx: TenantTx<Context>, id: string): Promise<Verification> {
  const { tenant, actor, clock } = tx.context;
  return tx.one<Verification>(sql`insert into audit.verification (tenant_id, id, requested_by, requested_at)
    values (${tenant.id}, ${id}, ${actor.id}, ${clock.now()}) returning ${columns}`);
}

/** Ends it with what was found, or with why it could not be done. */
export async function finishVerification(
  tx: TenantTx<Context>,
  id: string,
  end: { result?: AuditVerification; failure?: string },
): Promise<void> {
  const { tenant, clock } = tx.context;
  await tx.run(sql`update audit.verification set finished_at = ${clock.now()}, failure = ${end.failure ?? null},
      result = ${end.result ? JSON.stringify(end.result) : null}
    where tenant_id = ${tenant.id} and id = ${id}`);
}
