import type { Context } from '#context';
import { sql, type Tx } from '#db';
import { notFound, Problem } from '#problem';
import { recordAudit } from '../audit/record-audit.ts';
import { recordSecurityEvent } from '../detection/record-security-event.ts';
import type { SecurityParts } from '../security-parts.ts';
import { deleteTotp, replaceRecoveryCodes } from './factor-store.ts';
import { tenantsOf } from './owner.ts';
import { deletePasskeys } from './passkey-store.ts';
import { endSessions } from './remedies.ts';

/** How a member can prove who they are, as administrators see it. */
export interface MemberFactors {
  personId: string;
  password: boolean;
  totp: boolean;
  passkeys: number;
  singleSignOn: boolean;
  liveSessions: number;
  lastSignedInAt: Date | null;
  lockedAt: Date | null;
}

/** Which factors the members of a tenant have; with an id that one's only. */
export async function membersFactors(tx: Tx, tenantId: string, personId?: string): Promise<MemberFactors[]> {
  return tx.many<MemberFactors>(sql`select m.person_id as "personId",
      exists (select 1 from identity.password w where w.person_id = m.person_id) as password,
      exists (select 1 from identity.totp o where o.person_id = m.person_id and o.confirmed_at is not null) as totp,
      (select count(*)::integer from identity.passkey k where k.person_id = m.person_id) as passkeys,
      exists (select 1 from identity.single_sign_on_person x
        where x.tenant_id = m.tenant_id and x.person_id = m.person_id) as "singleSignOn",
      (select count(*)::integer from identity.session s where s.tenant_id = m.tenant_id and s.person_id = m.person_id
        and s.ended_at is null and s.expires_at > now()) as "liveSessions",
      (select max(created_at) from identity.session s
        where s.tenant_id = m.tenant_id and s.person_id = m.person_id) as "lastSignedInAt",
      m.locked_at as "lockedAt"
    from identity.membership m where m.tenant_id = ${tenantId} ${personId ? sql`and m.person_id = ${personId}` : sql``}
    order by m.person_id`);
}

/**
 * Takes code generator, passkeys and recovery codes from a member who lost them, and ends their sessions: the password
 * (or the tenant's single sign-on) lets them in to set up new ones. Only for people of this tenant alone, since factors
 * belong to the person: `rule.violated` otherwise. Throws `auth.forbidden` for one's own and `not_found`.
 */
export async function resetFactors(context: Context, parts: SecurityParts, personId: string): Promise<void> {
  if (personId === context.actor.id) {
    throw new Problem('auth.forbidden', { detail: 'Your own factors are changed under My account.' });
  }
  const tenants = await parts.db.system((tx) => tenantsOf(tx, personId));
  if (!tenants.includes(context.tenant.id)) notFound('person', personId);
  if (tenants.length > 1) {
    throw new Problem('rule.violated', {
      detail: 'This person belongs to other tenants too: only they change their factors.',
    });
  }
  // First what is written down, in the tenant: a crash between the two leaves factors that can be reset again.
  await context.db.transact(context, async (tx) => {
    await recordAudit(tx, { action: 'factors.reset', entityType: 'person', entityId: personId });
    await recordSecurityEvent(tx, {
      kind: 'factor.removed',
      personId: context.actor.id,
      subjectId: personId,
      detail: { factor: 'all' },
    });
    await endSessions(tx, personId, 'factors_reset');
  });
  await parts.db.system(async (tx) => {
    await deleteTotp(tx, personId);
    await deletePasskeys(tx, personId);
    await replaceRecoveryCodes(tx, personId, [], context.clock.now());
  });
  parts.sessions.forgetPerson(personId);
}
