import { sql, type TenantTx } from '#db';
import { Problem } from '#problem';
import { administratorRole } from '../policy/roles.ts';

/** One change of members at a time per tenant: two administrators cannot remove each other at once. */
export async function lockMembers(tx: TenantTx): Promise<void> {
  await tx.one(sql`select pg_advisory_xact_lock(hashtext(${`identity.membership:${tx.context.tenant.id}`}))`);
}

/** Throws `rule.violated` where the change just made leaves no administrator; emergency access does not count as one. */
export async function requireAdministrator(tx: TenantTx): Promise<void> {
  const { left } = await tx.one<{ left: number }>(sql`select count(*)::integer as left from identity.membership
    where tenant_id = ${tx.context.tenant.id} and disabled_at is null and locked_at is null and expires_at is null
      and ${administratorRole} = any(roles)`);
  if (left === 0) throw new Problem('rule.violated', { detail: 'The last administrator stays one.' });
}
