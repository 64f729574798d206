import type { Clock } from '#clock';
import { idsFrom, systemActorId } from '#context';
import { sql, type Tx } from '#db';
import { appendAudit } from '../audit/record-audit.ts';
import { appendSecurityEvent } from '../detection/record-security-event.ts';

/** Something sealed that did not open while keys were turned over. */
export interface DamagedValue {
  /** `schema.table`, or `key store`. */
  table: string;
  column: string;
  rowId: string;
  /** The tenant that it belongs to; null: the house. */
  tenantId: string | null;
  /** The subject under whose key it is; null: under a key of its tenant. */
  subjectId: string | null;
}

/** Which keys are turned over. */
export type TurnedKeys = 'key-encryption' | 'subjects' | 'audit-signing' | `data/${string}`;

/** Damaged values named in one entry or incident at most. */
const mostPlaces = 20;

/** Where a value stands, in one line. */
export const placeOf = ({ table, column, rowId }: DamagedValue): string => `${table}.${column} of ${rowId}`;

/** A subject whose keys in the key store do not open. */
export const damagedSubject = (subjectId: string): DamagedValue => ({
  ...{ table: 'key store', column: 'subject key', rowId: subjectId, tenantId: null, subjectId },
});

/** Tenants in whose trails it stands: the one named, else every one. */
async function tenantsToTell(tx: Tx, tenantId: string | null): Promise<string[]> {
  if (tenantId !== null) return [tenantId];
  const rows = await tx.many<{ id: string }>(sql`select id from identity.tenant order by id`);
  return rows.map(({ id }) => id);
}

/** Tenants that a value of the house concerns: those of the person, or of the link, whose key it is under. */
async function tenantsOfSubjects(tx: Tx, subjectIds: readonly string[]): Promise<Map<string, Set<string>>> {
  const ids = [...new Set(subjectIds)];
  const rows = await tx.many<{ subjectId: string; tenantId: string }>(sql`
    select person_id as "subjectId", tenant_id as "tenantId" from identity.membership where person_id = any(${ids}::uuid[])
    union select id, tenant_id from identity.one_time_link where id = any(${ids}::uuid[]) and tenant_id is not null`);
  const found = new Map<string, Set<string>>();
  for (const row of rows) found.set(row.subjectId, (found.get(row.subjectId) ?? new Set()).add(row.tenantId));
  return found;
}

/** Writes into the trail of a tenant (null: of every one) that a turning over of keys began, went on, or did a part. */
export async function tellRotation(
  tx: Tx,
  clock: Clock,
  tenantId: string | null,
  { keys, happened, after }: { keys: TurnedKeys; happened: string; after: Record<string, unknown> },
): Promise<void> {
  const newId = idsFrom(clock);
  for (const id of await tenantsToTell(tx, tenantId)) {
    const scope = { tenantId: id, actorId: systemActorId, requestId: newId(), at: clock.now(), newId };
    await appendAudit(tx, scope, { action: `keys.${happened}`, entityType: 'key', entityId: keys, after });
  }
}

/** {@link tellRotation} of its end; each tenant reads of its own damaged values, and detection raises an incident of them. */
export async function tellRotationEnded(
  tx: Tx,
  clock: Clock,
  tenantId: string | null,
  { keys, after, damaged }: { keys: TurnedKeys; after: Record<string, unknown>; damaged: readonly DamagedValue[] },
): Promise<void> {
  const newId = idsFrom(clock);
  const subjects = await tenantsOfSubjects(
    tx,
    damaged.flatMap((one) => (one.tenantId === null && one.subjectId !== null ? [one.subjectId] : [])),
  );
  for (const id of await tenantsToTell(tx, tenantId)) {
    const own = damaged.filter((one) => one.tenantId === id || subjects.get(one.subjectId ?? '')?.has(id));
    const places = own.slice(0, mostPlaces).map(placeOf);
    const scope = { tenantId: id, requestId: newId(), at: clock.now(), newId };
    await appendAudit(
      tx,
      { ...scope, actorId: systemActorId },
      {
        ...{ action: 'keys.rotation_ended', entityType: 'key', entityId: keys },
        after: { ...after, damaged: own.length, ...(own.length > 0 ? { places } : {}) },
      },
    );
    if (own.length === 0) continue;
    await appendSecurityEvent(tx, scope, { kind: 'key.damaged', detail: { keys, count: own.length, places } });
  }
}
