import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { amountOf, type Money } from '#money';
import { Problem } from '#problem';
import { recordAudit } from '../audit/record-audit.ts';
import { requireRoles } from '../policy/role-store.ts';
import { administratorRole } from '../policy/roles.ts';
import { endSessionsOf } from '../sign-in/session-store.ts';
import { limitBody } from '../sign-in/sign-in.ts';
import { getPerson } from './list-people.ts';
import type { Person } from './people.ts';

/** What an administrator may change about a member. */
export interface PersonChange {
  roles?: readonly string[] | undefined;
  /** Null: unlimited. */
  approvalLimit?: Money | null | undefined;
  /** True ends every session of the person in this tenant. */
  disabled?: boolean | undefined;
}

/**
 * Changes a member's roles, approval limit or access. Nobody changes their own (`auth.forbidden`), and the last active
 * administrator stays one (`rule.violated`). Throws `not_found` and `version.conflict` too.
 */
export async function changePerson(
  context: Context,
  id: string,
  change: PersonChange,
  ifMatch: number | undefined,
): Promise<Person> {
  if (id === context.actor.id) {
    throw new Problem('auth.forbidden', { detail: 'Your own roles, limit and access are changed by someone else.' });
  }
  return context.db.transact(context, async (tx) => {
    // One change of members at a time per tenant: two administrators cannot remove each other at once.
    await tx.one(sql`select pg_advisory_xact_lock(hashtext(${`identity.membership:${context.tenant.id}`}))`);
    const before = await getPerson(tx, id);
    if (ifMatch !== undefined && ifMatch !== before.version) throw new Problem('version.conflict');
    const roles = change.roles ? [...new Set(change.roles)].sort() : before.roles;
    if (change.roles) await requireRoles(tx, roles);
    const limit = change.approvalLimit === undefined ? before.approvalLimit : change.approvalLimit;
    const now = context.clock.now();
    await tx.run(sql`update identity.membership set roles = ${roles},
        approval_limit = ${limit === null ? null : amountOf(limit)},
        approval_currency = ${limit === null ? sql`approval_currency` : limit.currency},
        disabled_at = ${disabledAt(change.disabled, now)}, version = version + 1
      where tenant_id = ${context.tenant.id} and person_id = ${id}`);
    await requireAdministrator(tx);
    if (change.disabled) await endSessionsOf(tx, id, 'disabled', now);
    const after = await getPerson(tx, id);
    await recordAudit(tx, {
      action: 'person.changed',
      entityType: 'person',
      entityId: id,
      before: auditBody(before),
      after: auditBody(after),
    });
    return after;
  });
}

function disabledAt(disabled: boolean | undefined, now: Date) {
  if (disabled === undefined) return sql`disabled_at`;
  return disabled ? sql`coalesce(disabled_at, ${now})` : sql`null`;
}

async function requireAdministrator(tx: TenantTx): Promise<void> {
  const { left } = await tx.one<{ left: number }>(sql`select count(*)::integer as left from identity.membership
    where tenant_id = ${tx.context.tenant.id} and disabled_at is null and ${administratorRole} = any(roles)`);
  if (left === 0) throw new Problem('rule.violated', { detail: 'The last administrator stays one.' });
}

/** The person without name and e-mail: the audit trail is kept longer than personal data may be. */
function auditBody(person: Person) {
  return { roles: person.roles, approvalLimit: limitBody(person.approvalLimit), active: person.active };
}
