import { hash as digest } from 'node:crypto';
import { deriveKey } from '../keys/derive-key.ts';
import { leafHash } from './merkle-tree.ts';

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

/** An entry with what stands beside it in the trail. */
export interface KeptEntry extends AuditEntry {
  macVersion: number;
  /** 64 hexadecimal digits. */
  mac: string;
  retentionClass: string;
}

/** Version of the authenticated form: a change of {@link auditMac} is a new version beside the old one. */
export const macVersion = 1;

// biome-ignore lint/suspicious/noControlCharactersInRegex: what JSON escapes
const escaped = /["\\\u0000-\u001f\ud800-\udfff]/;

/** JSON of a text; most hold nothing to escape, and this is done a dozen times an entry. */
const text = (value: string | null) =>
  value === null ? 'null' : escaped.test(value) ? JSON.stringify(value) : `"${value}"`;

/** HMAC-SHA-256 of an entry's canonical JSON (RFC 8785) under its tenant's key: any edit of any member changes it. */
export function auditMac(secretKey: string, entry: AuditEntry): Buffer {
  const { inner, outer } = macPads(secretKey, entry.tenantId);
  const message = Buffer.from(`${firstHalf(entry)},${secondHalf(entry)},"tenantId":${text(entry.tenantId)}}`);
  const within = digest('sha256', Buffer.concat([inner, message]), 'buffer');
  return digest('sha256', Buffer.concat([outer, within]), 'buffer');
}

/** What is sealed of an entry: canonical JSON (RFC 8785) of all its members. */
export function auditLeafText(entry: KeptEntry): string {
  const { mac, macVersion: version, retentionClass, tenantId } = entry;
  return `${firstHalf(entry)},"mac":${text(mac)},"macVersion":${version},${secondHalf(entry)},"retentionClass":${text(retentionClass)},"tenantId":${text(tenantId)}}`;
}

/** The leaf of an entry in its tenant's tree. */
export function auditLeaf(entry: KeptEntry): Buffer {
  return leafHash(auditLeafText(entry));
}

// Written out in the order of canonical JSON: sealing and looking at records do this many times.
function firstHalf(entry: AuditEntry): string {
  return (
    `{"action":${text(entry.action)},"actorId":${text(entry.actorId)},"after":${text(entry.after)},"at":${text(entry.at)}` +
    `,"before":${text(entry.before)},"entityId":${text(entry.entityId)},"entityType":${text(entry.entityType)},"id":${text(entry.id)}`
  );
}

function secondHalf(entry: AuditEntry): string {
  return `"onBehalfOf":${text(entry.onBehalfOf)},"reason":${text(entry.reason)},"requestId":${text(entry.requestId)}`;
}

/** A MAC key, prepared: HMAC is two hashes, and one-shot hashes cost half of an HMAC object. */
interface MacPads {
  /** 64 bytes in front of the message. */
  inner: Buffer;
  /** 64 bytes in front of the hash of that. */
  outer: Buffer;
}

const keys = new Map<string, MacPads>();
/** Derived keys kept at once; deriving one again costs some 10 µs. */
const maxKeys = 1_000;

/** The key under which a tenant's entries are authenticated. */
export function macPads(secretKey: string, tenantId: string): MacPads {
  const name = `${secretKey}/${tenantId}`;
  const known = keys.get(name);
  if (known) return known;
  if (keys.size >= maxKeys) keys.clear();
  const key = Buffer.concat([deriveKey(secretKey, 'audit-mac', tenantId), Buffer.alloc(32)]);
  const made = {
    inner: Buffer.from(key.map((byte) => byte ^ 0x36)),
    outer: Buffer.from(key.map((byte) => byte ^ 0x5c)),
  };
  keys.set(name, made);
  return made;
}
