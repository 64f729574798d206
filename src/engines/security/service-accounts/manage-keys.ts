import type { Context } from '#context';
import type { TenantTx } from '#db';
import { notFound, Problem } from '#problem';
import { recordAudit } from '../audit/record-audit.ts';
import { recordSecurityEvent } from '../detection/record-security-event.ts';
import { newApiKey } from './api-key.ts';
import {
  countLiveKeys,
  endKey,
  endsByItself,
  findKey,
  findServiceAccount,
  insertKey,
  type KeyOwner,
  type ListedKey,
} from './api-key-store.ts';

/** A key as somebody asks for it. */
export interface KeyInput {
  name: string;
  permissions: readonly string[];
  /** Days until it expires. */
  days: number;
}

/** A fresh key with its token, which is shown this once. */
export type ShownKey = ListedKey & { token: string };

/** Keys of one owner that work at once: enough for every program, few enough to look through. */
const maxLiveKeys = 20;
const dayMs = 86_400_000;
/** After a rotation the old key works on for so long, so that programs can be changed over. */
export const rotationGraceMs = dayMs;

/**
 * Makes an API key. It permits no more than its owner may do: `rule.violated` otherwise, also for too many keys.
 * Throws `not_found` for a service account that is not there, `auth.forbidden` for emergency access.
 */
export async function createKey(context: Context, owner: KeyOwner, input: KeyInput): Promise<ShownKey> {
  return context.db.transact(context, async (tx) => {
    await requireWithin(tx, owner, input.permissions);
    if ((await countLiveKeys(tx, owner, context.clock.now())) >= maxLiveKeys) {
      throw new Problem('rule.violated', { detail: `${maxLiveKeys} keys work already: revoke one first.` });
    }
    return storeKey(tx, owner, input);
  });
}

/** Makes a key with the same name, permissions and life, and lets the old one work for one more day. */
export async function rotateKey(context: Context, owner: KeyOwner, id: string): Promise<ShownKey> {
  return context.db.transact(context, async (tx) => {
    const now = context.clock.now();
    const old = (await findKey(tx, owner, id)) ?? notFound('key', id);
    if (old.revokedAt || old.quarantinedAt || old.expiresAt <= now) {
      throw new Problem('state.conflict', { detail: 'This key does not work any more: make a new one.' });
    }
    await requireWithin(tx, owner, old.permissions);
    await endKey(tx, id, { expiresAt: new Date(now.getTime() + rotationGraceMs) }, now);
    await recordAudit(tx, { action: 'key.rotated', entityType: 'key', entityId: id });
    const days = Math.max(1, Math.round((old.expiresAt.getTime() - old.createdAt.getTime()) / dayMs));
    return storeKey(tx, owner, { name: old.name, permissions: old.permissions, days });
  });
}

/** Ends a key for good. Throws `not_found`; harmless where it was revoked before. */
export async function revokeKey(context: Context, owner: KeyOwner, id: string): Promise<void> {
  await context.db.transact(context, async (tx) => {
    const key = (await findKey(tx, owner, id)) ?? notFound('key', id);
    if (key.revokedAt) return;
    const now = context.clock.now();
    await endKey(tx, id, { revokedAt: now }, now);
    await recordAudit(tx, { action: 'key.revoked', entityType: 'key', entityId: id });
    await recordSecurityEvent(tx, { kind: 'key.revoked', personId: context.actor.id, subjectId: id });
  });
}

/** A key would outlive the emergency for which its maker was let in. */
async function requireNoEmergency(tx: TenantTx<Context>): Promise<void> {
  if (!(await endsByItself(tx, tx.context.actor.id))) return;
  throw new Problem('auth.forbidden', { detail: 'Emergency access makes no keys: they would outlive it.' });
}

/** A key never permits more than its owner, nor than who makes it: a person what they hold, a service account what it was given. */
async function requireWithin(tx: TenantTx<Context>, owner: KeyOwner, permissions: readonly string[]): Promise<void> {
  await requireNoEmergency(tx);
  const held = await heldBy(tx, owner);
  const beyond = permissions.filter((permission) => !held.has(permission));
  if (beyond.length > 0) {
    throw new Problem('rule.violated', { detail: `The key would permit more than its owner: ${beyond.join(', ')}.` });
  }
  // Whoever makes a key reads it: it must not open to them what they may not do.
  const own = tx.context.actor.permissions;
  const handed = permissions.filter((permission) => !own.has(permission));
  if (handed.length === 0) return;
  throw new Problem('rule.violated', { detail: `You do not hold ${handed.join(', ')} yourself.` });
}

async function heldBy(tx: TenantTx<Context>, owner: KeyOwner): Promise<ReadonlySet<string>> {
  if ('personId' in owner) return tx.context.actor.permissions;
  const account =
    (await findServiceAccount(tx, owner.serviceAccountId, 'locked')) ??
    notFound('service account', owner.serviceAccountId);
  if (account.disabled) throw new Problem('state.conflict', { detail: 'This service account is disabled.' });
  return new Set(account.permissions);
}

async function storeKey(tx: TenantTx<Context>, owner: KeyOwner, input: KeyInput): Promise<ShownKey> {
  const { context } = tx;
  const { token, hint, hash } = newApiKey();
  const now = context.clock.now();
  const id = context.newId();
  const permissions = [...new Set(input.permissions)].sort();
  const expiresAt = new Date(now.getTime() + input.days * dayMs);
  await insertKey(tx, {
    id,
    owner,
    name: input.name,
    hint,
    hash,
    permissions,
    createdBy: context.actor.id,
    now,
    expiresAt,
  });
  await recordAudit(tx, {
    action: 'key.created',
    entityType: 'key',
    entityId: id,
    after: { ...owner, permissions, expiresAt: expiresAt.toISOString() },
  });
  await recordSecurityEvent(tx, {
    kind: 'key.created',
    personId: context.actor.id,
    subjectId: id,
    detail: { permissions: permissions.length },
  });
  const shown = { id, name: input.name, hint, permissions, createdAt: now, expiresAt };
  return { ...shown, lastUsedAt: null, revokedAt: null, quarantinedAt: null, token };
}
