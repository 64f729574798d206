import { createHash } from 'node:crypto';
import type { Clock } from '#clock';
import { idsFrom, systemActorId } from '#context';
import type { Database, Tx } from '#db';
import { type AuditScope, appendAudit } from '../audit/record-audit.ts';
import { listTenants } from '../people/tenants.ts';
import { insertKeptRoles, type KeptRole, lastKeptRoles } from './policy-history-store.ts';
import { predefinedRoles, type Role } from './roles.ts';

/** A tenant in whose trail it is written, and when that was. */
export type PolicyScope = Omit<AuditScope, 'at' | 'actorId'> & { at: Date };

const asJson = (roles: readonly KeptRole[]) =>
  Object.fromEntries(roles.map(({ code, permissions }) => [code, permissions]));

/**
 * Records for a tenant what the predefined roles permit, with an audit entry, where that is not what was recorded last: a
 * review as of a past day goes by the roles of that day. `isNew`: the tenant is being made, so nothing stood before.
 */
export async function keepPolicy(
  tx: Tx,
  scope: PolicyScope,
  roles: readonly Role[] = predefinedRoles,
  isNew = false,
): Promise<void> {
  const { tenantId, at } = scope;
  const known = await lastKeptRoles(tx, tenantId);
  const now = roles.map(({ code, permissions }) => ({ code, permissions: [...permissions].sort() as string[] }));
  const gone = known
    .filter(({ code, permissions }) => permissions.length > 0 && !now.some((role) => role.code === code))
    .map(({ code }) => ({ code, permissions: [] }));
  const before = new Map(known.map(({ code, permissions }) => [code, permissions]));
  const changed = [...now, ...gone].filter(({ code, permissions }) => before.get(code)?.join() !== permissions.join());
  if (changed.length === 0) return;
  const hash = createHash('sha256').update(JSON.stringify(now)).digest('hex');
  const isFirst = known.length === 0;
  await insertKeptRoles(tx, { tenantId, roles: changed, hash, at, seeded: isFirst && !isNew });
  await appendAudit(
    tx,
    { ...scope, actorId: systemActorId },
    {
      ...{ action: isFirst ? 'policy.recorded' : 'policy.changed', entityType: 'policy', entityId: 'predefined-roles' },
      before: isFirst ? undefined : asJson(known.filter(({ code }) => changed.some((role) => role.code === code))),
      after: { hash, roles: asJson(changed) },
    },
  );
}

/** {@link keepPolicy} for every tenant: a release may have changed the roles since the last start. */
export async function keepPolicies(
  { db, clock }: { db: Database; clock: Clock },
  roles: readonly Role[] = predefinedRoles,
): Promise<void> {
  const newId = idsFrom(clock);
  for (const { id } of await listTenants(db)) {
    await db.system((tx) => keepPolicy(tx, { tenantId: id, requestId: newId(), at: clock.now(), newId }, roles));
  }
}
