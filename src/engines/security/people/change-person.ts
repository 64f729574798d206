import type { AmountLimit, Context } from '#context';
import { sql, type TenantTx } from '#db';
import { amountOf, Decimal, type Money } from '#money';
import { Problem } from '#problem';
import type { ScopeRoots } from '#scope';
import { recordAudit } from '../audit/record-audit.ts';
import type { EventKind } from '../detection/domain/event-kinds.ts';
import { recordSecurityEvent } from '../detection/record-security-event.ts';
import { requireSeparateDuties } from '../policy/duties/require-separate-duties.ts';
import { isSameHand } from '../policy/hands.ts';
import { limitsOf } from '../policy/policy.ts';
import { keysKnownTo } from '../policy/program-review-store.ts';
import { requireLimits, requireScope } from '../policy/reach.ts';
import { isKeyBeyond } from '../policy/review-programs.ts';
import { requireRoles } from '../policy/role-store.ts';
import { endSessionsOf } from '../sign-in/session-store.ts';
import { limitBody } from '../sign-in/sign-in.ts';
import { lockMembers, requireAdministrator } from './last-administrator.ts';
import { getPerson } from './list-people.ts';
import { requireManager } from './managers.ts';
import type { Person } from './people.ts';

/** What an administrator may change about a member. */
export interface PersonChange {
  roles?: readonly string[] | undefined;
  /** Null: unlimited. */
  approvalLimit?: Money | null | undefined;
  /** The customers and products that they are kept to; null on a side: all of them. */
  scope?: ScopeRoots | undefined;
  /** One at most per permission and currency. */
  limits?: readonly AmountLimit[] | undefined;
  /** To whom they report; null: to nobody. */
  managerId?: string | null | undefined;
  /** True ends every session of the person in this tenant. */
  disabled?: boolean | undefined;
}

/**
 * Changes a member's roles, approval limit or access. Nobody changes their own, nor does a program those of its
 * makers (`auth.forbidden`), and the last active
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
  return context.db.transact(context, (tx) => changeMember(tx, id, change, ifMatch));
}

/**
 * {@link changePerson} in a transaction that does more, for whoever is not the person themselves. `isJudged` false: roles are
 * taken away also where duties still conflict with what is left; the caller tells of that.
 */
export async function changeMember(
  tx: TenantTx<Context>,
  id: string,
  change: PersonChange,
  ifMatch: number | undefined,
  isJudged = true,
): Promise<Person> {
  await lockMembers(tx);
  const before = await getPerson(tx, id);
  if (!onlyTakesAway(before, change) && (await isSameHand(tx, [id]))) {
    throw new Problem('auth.forbidden', { detail: 'Who made a program is given no rights by it.' });
  }
  if (ifMatch !== undefined && ifMatch !== before.version) throw new Problem('version.conflict');
  const roles = change.roles ? [...new Set(change.roles)].sort() : before.roles;
  if (change.roles) await requireRoles(tx, roles);
  const limit = change.approvalLimit === undefined ? before.approvalLimit : change.approvalLimit;
  const scope = change.scope ? await requireScope(tx, change.scope) : before.scope;
  const limits = change.limits ? requireLimits(change.limits) : before.limits;
  const managerId = change.managerId === undefined ? before.managerId : change.managerId;
  if (change.managerId !== undefined) await requireManager(tx, id, managerId);
  const now = tx.context.clock.now();
  await tx.run(sql`update identity.membership set roles = ${roles}, manager_id = ${managerId},
      approval_limit = ${limit === null ? null : amountOf(limit)},
      approval_currency = ${limit === null ? sql`approval_currency` : limit.currency},
      scope_customers = ${scope.customers}::uuid[], scope_products = ${scope.products}::uuid[],
      amount_limits = ${JSON.stringify(limits)}, changed_at = ${now},
      disabled_at = ${disabledAt(change.disabled, now)}, version = version + 1
    where tenant_id = ${tx.context.tenant.id} and person_id = ${id}`);
  await requireAdministrator(tx);
  if (change.disabled) await endSessionsOf(tx, id, 'disabled', now);
  const after = await getPerson(tx, id);
  if (isJudged && after.active) await requireSeparateDuties(tx, after.permissions, id);
  await tellRights(tx, before, after);
  await recordAudit(tx, {
    action: 'person.changed',
    entityType: 'person',
    entityId: id,
    before: auditBody(before),
    after: auditBody(after),
  });
  return after;
}

/** Whether a change only takes roles or the way in: a directory must be able to end whoever connected it. */
function onlyTakesAway(before: Person, { roles = [], disabled, ...rest }: PersonChange): boolean {
  const others = Object.values(rest).some((value) => value !== undefined);
  return !others && disabled !== false && roles.every((role) => before.roles.includes(role));
}

/** Tells detection what was given and taken: the permissions, the reach of limits and scope, the way in. */
async function tellRights(tx: TenantTx<Context>, before: Person, after: Person): Promise<void> {
  const { actor } = tx.context;
  const tell = (kind: EventKind, detail: Record<string, unknown> = {}) =>
    recordSecurityEvent(tx, { kind, personId: actor.id, subjectId: after.id, detail });
  const given = [...after.permissions].filter((one) => !before.permissions.has(one));
  const taken = [...before.permissions].filter((one) => !after.permissions.has(one));
  if (given.length > 0) await tell('right.granted', { permissions: given });
  const known = await keysKnownTo(tx, after.id, tx.context.clock.now());
  const keysOf = (keys: typeof known) => (keys.length > 0 ? { keys: keys.map(({ id }) => id) } : {});
  if (taken.length > 0) {
    const beyond = known.filter((key) => isKeyBeyond(key, after.permissions) && !isKeyBeyond(key, before.permissions));
    await tell('right.revoked', { permissions: taken, ...keysOf(after.active ? beyond : []) });
  }
  if (isRaised(before, after)) await tell('limit.raised');
  if (after.active && !before.active) await tell('person.enabled');
  if (before.active && !after.active) await tell('person.disabled', keysOf(known));
}

/** Whether any limit of somebody reaches further than before: in its currency, or by being lifted. */
function isRaised(before: Person, after: Person): boolean {
  const earlier = limitsOf(before);
  return limitsOf(after).some((limit) => {
    const was = earlier.find((one) => one.permission === limit.permission && one.currency === limit.currency);
    if (!was) return earlier.some((one) => one.permission === limit.permission && one.amount !== null);
    if (was.amount === null) return false;
    return limit.amount === null || new Decimal(limit.amount).gt(was.amount);
  });
}

function disabledAt(disabled: boolean | undefined, now: Date) {
  if (disabled === undefined) return sql`disabled_at`;
  return disabled ? sql`coalesce(disabled_at, ${now})` : sql`null`;
}

/** The person without name and e-mail: the audit trail is kept longer than personal data may be. */
function auditBody(person: Person) {
  const { roles, scope, limits, managerId, active } = person;
  return { roles, approvalLimit: limitBody(person.approvalLimit), scope, limits, managerId, active };
}
