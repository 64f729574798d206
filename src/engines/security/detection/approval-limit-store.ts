import type { Context } from '#context';
import { sql, type TenantTx } from '#db';

/** The different personal approval limits of the tenant's active people. */
export async function readApprovalLimits(tx: TenantTx<Context>): Promise<{ amount: string; currency: string }[]> {
  return tx.many(sql`select distinct approval_limit::text as amount, approval_currency as currency
    from identity.membership where disabled_at is null and approval_limit > 0`);
}
