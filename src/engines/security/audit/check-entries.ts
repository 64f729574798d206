import { sameBytes } from '../keys/derive-key.ts';
import { auditMacAndLeaf, type KeptEntry, macVersion } from './audit-entry.ts';
import { wholeMilliseconds } from './seal-store.ts';

/** Why an entry is not as it was written; `missing`: it was there, `never sealed`: nobody recorded it through the product. */
export type EntryFault = 'changed' | 'unknown version' | 'not what was sealed' | 'missing' | 'never sealed';

/** What a look at rows found. */
export interface EntryCheck {
  entries: number;
  /** Entries that wait for their seal. */
  waiting: number;
  faults: { id: string; reason: EntryFault }[];
  /** Seals without an entry, with the instant of each: dropped after its time, or deleted. */
  missing: { id: string; retentionClass: string; at: string }[];
}

const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** A value of COPY's text format. */
function fieldText(field: string): string | null {
  if (field === '\\N') return null;
  return field.includes('\\') ? field.replace(/\\(.)/gs, (_, letter: string) => escapes[letter] ?? letter) : field;
}

function faultOf(secretKey: string, entry: KeptEntry, leafHash: string | null): EntryFault | undefined {
  if (entry.macVersion !== macVersion) return 'unknown version';
  const { mac, leaf } = auditMacAndLeaf(secretKey, entry);
  if (!sameBytes(Buffer.from(entry.mac, 'hex'), mac)) return 'changed';
  return leafHash === null || leaf.toString('hex') === leafHash ? undefined : 'not what was sealed';
}

/** Checks rows of COPY's text format as {@link copyEntries} gives them, each a seal with its entry, or one of the two alone. */
export function checkEntries(copied: Uint8Array, secretKey: string): EntryCheck {
  const rows = Buffer.from(copied.buffer, copied.byteOffset, copied.length).toString();
  const found: EntryCheck = { entries: 0, waiting: 0, faults: [], missing: [] };
  for (let start = 0; start < rows.length; ) {
    const end = rows.indexOf('\n', start);
    const [sealedId, sealedAt, sealedClass, leafHash = null, waits, ...fields] = rows
      .slice(start, end)
      .split('\t')
      .map(fieldText);
    start = end + 1;
    const entry = entryOf(fields);
    if (!entry) {
      found.missing.push({ id: sealedId ?? '', at: sealedAt ?? '', retentionClass: sealedClass ?? '' });
      continue;
    }
    found.entries += 1;
    const reason =
      faultOf(secretKey, entry, leafHash) ?? (leafHash === null && waits !== 't' ? 'never sealed' : undefined);
    if (reason) found.faults.push({ id: entry.id, reason });
    else if (leafHash === null) found.waiting += 1;
  }
  return found;
}

function entryOf(fields: (string | null)[]): KeptEntry | undefined {
  const [tenantId, id, at, actorId, onBehalfOf, action, entityType, entityId, before, after, ...rest] = fields;
  const [reason = null, requestId, version, mac, retentionClass] = rest;
  if (!id) return undefined;
  return {
    ...{
      tenantId: tenantId ?? '',
      id,
      at: wholeMilliseconds(at ?? ''),
      actorId: actorId ?? '',
      onBehalfOf: onBehalfOf ?? null,
    },
    ...{ action: action ?? '', entityType: entityType ?? '', entityId: entityId ?? '', before: before ?? null },
    ...{ after: after ?? null, reason, requestId: requestId ?? '', macVersion: Number(version), mac: mac ?? '' },
    retentionClass: retentionClass ?? '',
  };
}
