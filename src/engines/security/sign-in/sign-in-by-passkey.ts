import { sql } from '#db';
import { Problem } from '#problem';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { type ShownPasskey, verifyPasskey } from './passkeys.ts';
import { type SignedIn, startSession, withTokens } from './sign-in.ts';

/**
 * Signs a person in by a passkey alone: it is two factors in one, since the authenticator verified its user. Into
 * `tenant` (a slug) or else the tenant that they joined first. Throws as {@link verifyPasskey}.
 */
export async function signInByPasskey(
  parts: SecurityParts,
  caller: Caller & { origin?: string | undefined },
  input: ShownPasskey & { tenant?: string | undefined },
): Promise<SignedIn> {
  const { personId } = await verifyPasskey(parts, caller, input, null);
  const session = await parts.db.system(async (tx) => {
    const home = await tx.maybe<{ tenantId: string }>(sql`select m.tenant_id as "tenantId" from identity.membership m
      join identity.tenant t on t.id = m.tenant_id
      where m.person_id = ${personId} and m.disabled_at is null and m.locked_at is null
        ${input.tenant === undefined ? sql`` : sql`and t.slug = ${input.tenant}`}
      order by m.created_at, m.tenant_id limit 1`);
    if (!home) throw new Problem('auth.invalid_credentials');
    return startSession(parts, tx, caller, {
      personId,
      tenantId: home.tenantId,
      methods: ['passkey'],
      provedBy: 'passkey',
    });
  });
  return withTokens(parts, caller, session);
}
