import { type Database, sql } from '#db';
import { sameBytes } from '../keys/derive-key.ts';
import { type AuditEntry, auditMac, macVersion } from './audit-entry.ts';
import { auditSecret } from './record-audit.ts';

/** An entry that is not as it was written. */
export interface BadEntry {
  id: string;
  reason: 'changed' | 'unknown version';
}

/** What a verification found; at most {@link maxReported} bad entries are named, `badCount` counts them all. */
export interface AuditVerification {
  entries: number;
  badCount: number;
  bad: BadEntry[];
}

/** Entries read in one transaction: each stays far below a second. */
const batchSize = 5_000;
/** Bad entries named in a report. */
const maxReported = 1_000;

interface StoredEntry extends AuditEntry {
  macVersion: number;
  mac: Buffer;
}

/**
 * Checks the MAC of every audit entry of a tenant: an edit of any member by anyone without the secret key is found.
 * A deleted entry leaves no trace here; that takes the sealed sequence.
 */
export async function verifyAudit(db: Database, tenantId: string): Promise<AuditVerification> {
  const secret = auditSecret();
  const found: AuditVerification = { entries: 0, badCount: 0, bad: [] };
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const batch = await readBatch(db, tenantId, after);
    for (const entry of batch) {
      const reason = fault(secret, entry);
      found.entries += 1;
      if (!reason) continue;
      found.badCount += 1;
      if (found.bad.length < maxReported) found.bad.push({ id: entry.id, reason });
    }
    const last = batch.at(-1);
    if (!last || batch.length < batchSize) return found;
    after = last.id;
  }
}

async function readBatch(db: Database, tenantId: string, after: string): Promise<StoredEntry[]> {
  return db.transact({ tenant: { id: tenantId } }, (tx) =>
    tx.many<StoredEntry>(sql`select tenant_id as "tenantId", id,
        to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, actor_id as "actorId",
        on_behalf_of as "onBehalfOf", action, entity_type as "entityType", entity_id as "entityId", before::text as before,
        after::text as after, reason, request_id as "requestId", mac_version as "macVersion", mac
      from audit.entry where tenant_id = ${tenantId} and id > ${after}::uuid order by id limit ${batchSize}`),
  );
}

function fault(secret: string, stored: StoredEntry): BadEntry['reason'] | undefined {
  const { macVersion: version, mac, ...entry } = stored;
  if (version !== macVersion) return 'unknown version';
  // Entries are written in whole milliseconds: anything finer was put there by someone else, and stays in the text.
  const at = (entry.at ?? '').replace(/000Z$/, 'Z');
  return sameBytes(mac, auditMac(secret, { ...entry, at })) ? undefined : 'changed';
}
