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
  return macUnder(tenantPads(secretKey, entry.tenantId), firstHalf(entry), secondHalf(entry), entry.tenantId);
}

/** What is sealed of an entry: canonical JSON (RFC 8785) of all its members. */
export function auditLeafText(entry: KeptEntry): string {
  return leafText(entry, firstHalf(entry), secondHalf(entry));
}

/** The leaf of an entry in its tenant's tree. */
export function auditLeaf(entry: KeptEntry): Buffer {
  return leafHash(auditLeafText(entry));
}

/** {@link auditMac} and {@link auditLeaf} at the price of one text. */
export function auditMacAndLeaf(secretKey: string, entry: KeptEntry): { mac: Buffer; leaf: Buffer } {
  const [first, second] = [firstHalf(entry), secondHalf(entry)];
  const mac = macUnder(tenantPads(secretKey, entry.tenantId), first, second, entry.tenantId);
  return { mac, leaf: leafHash(leafText(entry, first, second)) };
}

function leafText(
  { mac, macVersion: version, retentionClass, tenantId }: KeptEntry,
  first: string,
  second: string,
): string {
  return `${first},"mac":${text(mac)},"macVersion":${version},${second},"retentionClass":${text(retentionClass)},"tenantId":${text(tenantId)}}`;
}

// Written out in the order of canonical JSON: a verification does this a million times.
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
interface Pads {
  inner: Buffer;
  outer: Buffer;
}

function macUnder({ inner, outer }: Pads, first: string, second: string, tenantId: string): Buffer {
  const message = Buffer.from(`${first},${second},"tenantId":${text(tenantId)}}`);
  return digest(
    'sha256',
    Buffer.concat([outer, digest('sha256', Buffer.concat([inner, message]), 'buffer')]),
    'buffer',
  );
}

const keys = new Map<string, Pads>();
/** Derived keys kept at once; deriving one again costs some 10 µs. */
const maxKeys = 1_000;

function tenantPads(secretKey: string, tenantId: string): Pads {
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
