import { systemActorId, type TenantFacts } from '#context';
import { sql } from '#db';
import { Problem } from '#problem';
import type { ScopeRoots } from '#scope';
import { appendAudit } from '../audit/record-audit.ts';
import { appendSecurityEvent } from '../detection/record-security-event.ts';
import { insertPerson } from '../people/person-names.ts';
import { defaultApprovalLimit } from '../policy/roles.ts';
import type { SecurityParts } from '../security-parts.ts';

/** Somebody whom another system vouches for. */
export interface MemberToAdd {
  tenant: TenantFacts;
  /** Lower case. */
  email: string;
  name: string;
  roles: readonly string[];
  /** What they are kept to: as the connection says. */
  scope: ScopeRoots;
  /** What added them, for the audit: `single_sign_on`, `scim`. */
  by: string;
  /** Who asked; the system where nobody did. */
  actorId?: string;
  requestId: string;
}

/**
 * Makes a person without a password a member of a tenant. Throws `state.conflict` where the e-mail has an account: whoever
 * owns it takes an invitation and proves that, so that no tenant gathers people of others.
 */
export async function addMember(parts: SecurityParts, member: MemberToAdd): Promise<string> {
  const { tenant, roles, scope: part } = member;
  const [personId, now] = [parts.newId(), parts.clock.now()];
  const limit = defaultApprovalLimit(roles);
  await parts.db.system(async (tx) => {
    const added = await insertPerson(tx, { id: personId, email: member.email, name: member.name, createdAt: now });
    if (!added) {
      throw new Problem('state.conflict', { detail: 'This e-mail has an account already: invite the person instead.' });
    }
    await tx.run(sql`insert into identity.membership (tenant_id, person_id, roles, approval_limit, approval_currency,
        scope_customers, scope_products, created_at)
      values (${tenant.id}, ${personId}, ${[...roles].sort()}, ${limit}, ${tenant.currency}, ${part.customers}::uuid[],
        ${part.products}::uuid[], ${now})`);
    const scope = { tenantId: tenant.id, requestId: member.requestId, at: now, newId: parts.newId };
    await appendAudit(
      tx,
      { ...scope, actorId: member.actorId ?? systemActorId },
      {
        action: 'person.joined',
        entityType: 'person',
        entityId: personId,
        after: { roles, approvalLimit: limit, scope: part, by: member.by },
      },
    );
    await appendSecurityEvent(tx, scope, { kind: 'person.enabled', personId: member.actorId, subjectId: personId });
  });
  return personId;
}
