import { sql, type Tx } from '#db';
import { sameBytes } from '../keys/derive-key.ts';
import { auditMac, type KeptEntry, macVersion } from './audit-entry.ts';
import { keptEntryColumns, wholeMilliseconds } from './seal-store.ts';

/** Whether the product wrote an entry as it stands. */
export function isGenuine(secretKey: string, { macVersion: version, mac, ...rest }: KeptEntry): boolean {
  const { retentionClass: _, ...entry } = rest;
  return version === macVersion && sameBytes(Buffer.from(mac, 'hex'), auditMac(secretKey, entry));
}

/**
 * What the trail says about some records, in the order of its sequence (what waits for its seal last), by the entries that
 * the product wrote; `forged` are the ids of others.
 */
export async function genuineEntries(
  tx: Tx,
  secretKey: string,
  tenantId: string,
  of: { type: string; ids?: readonly string[] },
): Promise<{ entries: KeptEntry[]; forged: string[] }> {
  const rows = await tx.many<KeptEntry>(sql`select ${sql.raw(keptEntryColumns)} from audit.entry e
    left join audit.seal s on s.tenant_id = e.tenant_id and s.entry_id = e.id
    where e.tenant_id = ${tenantId} and e.entity_type = ${of.type}
      and ${of.ids ? sql`e.entity_id = any (${[...of.ids]})` : sql`true`}
    order by s.seq nulls last, e.at, e.id`);
  const whole = rows.map((row) => ({ ...row, at: wholeMilliseconds(row.at) }));
  return {
    entries: whole.filter((entry) => isGenuine(secretKey, entry)),
    forged: whole.filter((entry) => !isGenuine(secretKey, entry)).map(({ id }) => id),
  };
}
