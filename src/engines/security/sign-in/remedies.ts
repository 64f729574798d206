import type { Context } from '#context';
import { type RawBuilder, sql, type TenantTx } from '#db';
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

/** Locks a member out and ends their sessions; a lock that stands already stays as it is. Throws `rule.violated` for the last administrator, `not_found`. */
export async function lockMembership(tx: TenantTx<Context>, personId: string, reason: string, at: Date): Promise<void> {
  await lockMembers(tx);
  const found = await tx.run(sql`update identity.membership
    set locked_reason = case when locked_at is null then ${reason} else locked_reason end,
      locked_at = coalesce(locked_at, ${at}), version = version + 1
    where tenant_id = ${tx.context.tenant.id} and person_id = ${personId}`);
  if (found === 0) notFound('person', personId);
  await requireAdministrator(tx);
  await recordAudit(tx, { action: 'person.locked', entityType: 'person', entityId: personId, reason });
  await endSessions(tx, personId, 'locked');
}

/** What goes on in place of something that was done: another that was done later and still stands. */
export interface Successor {
  at: Date;
  reason: string;
}

/**
 * Takes a lock of exactly this instant back: a lock that somebody else had set before or since stays, and one that was
 * asked for while it stood (`next`) goes on in its place.
 */
export async function withdrawLock(
  tx: TenantTx<Context>,
  personId: string,
  at: Date,
  next: Successor | undefined,
): Promise<void> {
  const found = await tx.run(sql`update identity.membership
    set locked_at = ${next?.at ?? null}, locked_reason = ${next?.reason ?? null}, version = version + 1
    where tenant_id = ${tx.context.tenant.id} and person_id = ${personId} and locked_at = ${at}`);
  if (found === 0 || next) return;
  await recordAudit(tx, { action: 'person.unlocked', entityType: 'person', entityId: personId });
}

/** Lets a member's sessions do nothing more until they have proved themselves again; answers how many it touched. */
export async function requireStepUp(tx: TenantTx<Context>, personId: string, at: Date): Promise<number> {
  return setDemand(tx, personId, sql`demanded_at is null`, at);
}

/** As {@link withdrawLock}: the demand of exactly this instant. */
export async function withdrawDemand(
  tx: TenantTx<Context>,
  personId: string,
  at: Date,
  next: Successor | undefined,
): Promise<void> {
  await setDemand(tx, personId, sql`demanded_at = ${at}`, next?.at ?? null);
}

async function setDemand(
  tx: TenantTx<Context>,
  personId: string,
  where: RawBuilder<unknown>,
  at: Date | null,
): Promise<number> {
  const touched = await tx.run(sql`update identity.session set demanded_at = ${at}
    where tenant_id = ${tx.context.tenant.id} and person_id = ${personId} and ${where} and ended_at is null`);
  if (touched > 0) {
    const action = at ? 'proof.demanded' : 'proof.demand_withdrawn';
    await recordAudit(tx, { action, entityType: 'person', entityId: personId, after: { sessions: touched } });
  }
  return touched;
}

/** Sets an API key aside: it opens nothing until it is released. Throws `not_found`. */
export async function quarantineKey(tx: TenantTx<Context>, keyId: string, reason: string, at: Date): Promise<void> {
  const found = await tx.run(sql`update identity.api_key set quarantined_at = coalesce(quarantined_at, ${at}),
      changed_at = ${tx.context.clock.now()}
    where tenant_id = ${tx.context.tenant.id} and id = ${keyId} and revoked_at is null`);
  if (found === 0) notFound('key', keyId);
  await recordAudit(tx, { action: 'key.quarantined', entityType: 'key', entityId: keyId, reason });
}

/** As {@link withdrawLock}: the quarantine of exactly this instant. */
export async function withdrawQuarantine(
  tx: TenantTx<Context>,
  keyId: string,
  at: Date,
  next: Successor | undefined,
): Promise<void> {
  const found = await tx.run(sql`update identity.api_key set quarantined_at = ${next?.at ?? null},
      changed_at = ${tx.context.clock.now()}
    where tenant_id = ${tx.context.tenant.id} and id = ${keyId} and quarantined_at = ${at}`);
  if (found === 0 || next) return;
  await recordAudit(tx, { action: 'key.released', entityType: 'key', entityId: keyId });
}
