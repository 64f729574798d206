import { createHash, type KeyObject, sign, verify } from 'node:crypto';

/** A key that signs notes: its name and public key stand for it. */
export interface NoteKey {
  /** Without spaces and plus signs. */
  name: string;
  /** Raw Ed25519, 32 bytes. */
  publicKey: Buffer;
}

/** First four bytes of SHA-256 of name, line feed, algorithm 1 (Ed25519) and public key (C2SP signed-note). */
function keyId({ name, publicKey }: NoteKey): Buffer {
  return createHash('sha256').update(`${name}\n\x01`).update(publicKey).digest().subarray(0, 4);
}

/** A text of whole lines with its signature (C2SP signed-note): the text, an empty line, `— name base64(id, signature)`. */
export function signNote(text: string, key: NoteKey, privateKey: KeyObject): string {
  const signature = sign(null, Buffer.from(text), privateKey);
  return `${text}\n— ${key.name} ${Buffer.concat([keyId(key), signature]).toString('base64')}\n`;
}

/** A note taken apart; its signature is still to be checked. */
export interface Note {
  text: string;
  keyName: string;
  signature: Buffer;
}

/** Takes a note with one signature apart; undefined where it is none. */
export function parseNote(note: string): Note | undefined {
  const found = /^((?:[^\n]+\n)+)\n— ([^ +\n]+) ([A-Za-z0-9+/=]+)\n$/.exec(note);
  const signature = Buffer.from(found?.[3] ?? '', 'base64');
  // One spelling only: left-over bits of Base64 would let a note be altered and still verify.
  if (!found || signature.toString('base64') !== found[3]) return undefined;
  return { text: found[1] ?? '', keyName: found[2] ?? '', signature };
}

/** SubjectPublicKeyInfo of a raw Ed25519 key (RFC 8410). */
export const publicKeyDer = (raw: Buffer): Buffer =>
  Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);

/** Whether `key` signed the note. */
export function verifyNote(note: Note, key: NoteKey): boolean {
  const { signature, text } = note;
  if (note.keyName !== key.name || signature.length !== 68 || !signature.subarray(0, 4).equals(keyId(key)))
    return false;
  const spki = { key: publicKeyDer(key.publicKey), format: 'der', type: 'spki' } as const;
  return verify(null, Buffer.from(text), spki, signature.subarray(4));
}

/** What a checkpoint says: so many leaves have this root. */
export interface Checkpoint {
  tenantId: string;
  size: number;
  root: Buffer;
  /** ISO 8601 UTC. */
  at: string;
}

const origin = 'tradeai/audit/';

/** The text of a checkpoint (C2SP tlog-checkpoint): origin, size, root, and the time as an extension line. */
export function checkpointText({ tenantId, size, root, at }: Checkpoint): string {
  return `${origin}${tenantId}\n${size}\n${root.toString('base64')}\ntime ${at}\n`;
}

/** Reads the text of a checkpoint; undefined where it is none. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [first = '', size = '', root = '', time = '', ...rest] = text.split('\n');
  if (!first.startsWith(origin) || !/^[1-9]\d{0,15}$/.test(size) || !time.startsWith('time ') || rest.join())
    return undefined;
  const bytes = Buffer.from(root, 'base64');
  if (bytes.length !== 32) return undefined;
  return { tenantId: first.slice(origin.length), size: Number(size), root: bytes, at: time.slice(5) };
}
