import { deriveKey, macOf } from '../keys/derive-key.ts';
import { canonicalJson } from './canonical-json.ts';

/** One line of the audit trail, as stored and as authenticated. */
export interface AuditEntry {
  tenantId: string;
  id: string;
  /** ISO 8601 UTC, milliseconds. */
  at: string;
  actorId: string;
  onBehalfOf: string | null;
  action: string;
  entityType: string;
  entityId: string;
  /** JSON text. */
  before: string | null;
  /** JSON text. */
  after: string | null;
  reason: string | null;
  requestId: string;
}

/** Version of the authenticated form: a change of {@link auditMac} is a new version beside the old one. */
export const macVersion = 1;

/** HMAC-SHA-256 of an entry's canonical JSON under its tenant's key: any edit of any member changes it. */
export function auditMac(secretKey: string, entry: AuditEntry): Buffer {
  return macOf(tenantKey(secretKey, entry.tenantId), canonicalJson({ ...entry }));
}

const keys = new Map<string, Buffer>();
/** Derived keys kept at once; deriving one again costs some 10 µs. */
const maxKeys = 1_000;

function tenantKey(secretKey: string, tenantId: string): Buffer {
  const name = `${secretKey}/${tenantId}`;
  const known = keys.get(name);
  if (known) return known;
  if (keys.size >= maxKeys) keys.clear();
  const made = deriveKey(secretKey, 'audit-mac', tenantId);
  keys.set(name, made);
  return made;
}
