import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { Problem } from '#problem';
import { recordAudit } from '../audit/record-audit.ts';

/** What a tenant asks of everyone who signs in. */
export interface SignInPolicy {
  secondFactor: 'optional' | 'required';
  /** 0: never set. */
  version: number;
}

/** The tenant's policy; a second factor is everyone's own choice until it is set. */
export async function findPolicy(tx: TenantTx): Promise<SignInPolicy> {
  const set = await tx.maybe<SignInPolicy>(sql`select second_factor as "secondFactor", version
    from identity.sign_in_policy where tenant_id = ${tx.context.tenant.id}`);
  return set ?? { secondFactor: 'optional', version: 0 };
}

/**
 * Sets the policy. Where a second factor becomes required, everyone without one sets it up before anything else, also in
 * open sessions, within 5 s. Throws `version.conflict`.
 */
export async function setPolicy(
  context: Context,
  secondFactor: SignInPolicy['secondFactor'],
  ifMatch: number | undefined,
): Promise<SignInPolicy> {
  return context.db.transact(context, async (tx) => {
    const before = await findPolicy(tx);
    if (ifMatch !== undefined && ifMatch !== before.version) throw new Problem('version.conflict');
    const after = await tx.one<SignInPolicy>(sql`insert into identity.sign_in_policy (tenant_id, second_factor)
      values (${context.tenant.id}, ${secondFactor})
      on conflict (tenant_id) do update set second_factor = excluded.second_factor, version = sign_in_policy.version + 1
      returning second_factor as "secondFactor", version`);
    await recordAudit(tx, {
      action: 'sign_in_policy.changed',
      entityType: 'tenant',
      entityId: context.tenant.id,
      before: { secondFactor: before.secondFactor },
      after: { secondFactor },
    });
    return after;
  });
}
