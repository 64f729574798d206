import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { notFound } from '#problem';
import { recordAudit } from '../audit/record-audit.ts';
import { lockMembers, requireAdministrator } from '../people/last-administrator.ts';
import { type EndReason, endSessionsOf } from './session-store.ts';

// What an alert, an administrator or a provisioning system may do about somebody's access. Each runs in the caller's
// transaction and is seen by every process within 5 s.

/** Ends every session of a member in the tenant; answers how many there were. */
export async function endSessions(tx: TenantTx<Context>, personId: string, reason: EndReason): Promise<number> {
  const ended = await endSessionsOf(tx, personId, reason, tx.context.clock.now());
  if (ended > 0) {
    await recordAudit(tx, {
      action: 'session.ended',
      entityType: 'person',
      entityId: personId,
      after: { reason, sessions: ended },
    });
  }
  return ended;
}

/** Locks a member out and ends their sessions. Throws `rule.violated` for the last administrator, `not_found`. */
export async function lockMembership(tx: TenantTx<Context>, personId: string, reason: string): Promise<void> {
  await lockMembers(tx);
  const { tenant, clock } = tx.context;
  const found = await tx.run(sql`update identity.membership
    set locked_at = coalesce(locked_at, ${clock.now()}), locked_reason = ${reason}, version = version + 1
    where tenant_id = ${tenant.id} and person_id = ${personId}`);
  if (found === 0) notFound('person', personId);
  await requireAdministrator(tx);
  await recordAudit(tx, { action: 'person.locked', entityType: 'person', entityId: personId, reason });
  await endSessions(tx, personId, 'locked');
}

/** Lets a locked member in again. Throws `not_found` where they are not locked. */
export async function unlockMembership(tx: TenantTx<Context>, personId: string): Promise<void> {
  const found = await tx.run(sql`update identity.membership
    set locked_at = null, locked_reason = null, version = version + 1
    where tenant_id = ${tx.context.tenant.id} and person_id = ${personId} and locked_at is not null`);
  if (found === 0) notFound('locked person', personId);
  await recordAudit(tx, { action: 'person.unlocked', entityType: 'person', entityId: personId });
}

/** Whose sessions: one of them, or all of a member. */
export type SessionsOf = { sessionId: string } | { personId: string };

/** Lets sessions do nothing more until the person has proved themselves again; answers how many it touched. */
export async function requireStepUp(tx: TenantTx<Context>, whose: SessionsOf): Promise<number> {
  return setDemand(tx, whose, tx.context.clock.now());
}

/** Takes back what {@link requireStepUp} asked for. */
export async function withdrawStepUp(tx: TenantTx<Context>, whose: SessionsOf): Promise<number> {
  return setDemand(tx, whose, null);
}

async function setDemand(tx: TenantTx<Context>, whose: SessionsOf, at: Date | null): Promise<number> {
  const which = 'sessionId' in whose ? sql`id = ${whose.sessionId}` : sql`person_id = ${whose.personId}`;
  const touched = await tx.run(sql`update identity.session set demanded_at = ${at}
    where tenant_id = ${tx.context.tenant.id} and ${which} and ended_at is null`);
  if (touched > 0) {
    const [entityType, entityId] = 'sessionId' in whose ? ['session', whose.sessionId] : ['person', whose.personId];
    const action = at ? 'proof.demanded' : 'proof.demand_withdrawn';
    await recordAudit(tx, { action, entityType, entityId, after: { sessions: touched } });
  }
  return touched;
}

/** Sets an API key aside: it opens nothing until it is released. Throws `not_found`. */
export async function quarantineKey(tx: TenantTx<Context>, keyId: string, reason: string): Promise<void> {
  const found = await tx.run(sql`update identity.api_key
    set quarantined_at = coalesce(quarantined_at, ${tx.context.clock.now()})
    where tenant_id = ${tx.context.tenant.id} and id = ${keyId} and revoked_at is null`);
  if (found === 0) notFound('key', keyId);
  await recordAudit(tx, { action: 'key.quarantined', entityType: 'key', entityId: keyId, reason });
}

/** Lets a quarantined key work again. Throws `not_found` where it is not in quarantine. */
export async function releaseKey(tx: TenantTx<Context>, keyId: string): Promise<void> {
  const found = await tx.run(sql`update identity.api_key set quarantined_at = null
    where tenant_id = ${tx.context.tenant.id} and id = ${keyId} and quarantined_at is not null`);
  if (found === 0) notFound('quarantined key', keyId);
  await recordAudit(tx, { action: 'key.released', entityType: 'key', entityId: keyId });
}
