import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Why something sealed stays closed: altered, moved to another place, or sealed under another key. */
export class SealError extends Error {
  override name = 'SealError';
}

/** The key of this subject was erased: what it sealed is gone for good. */
export class KeyErasedError extends SealError {
  override name = 'KeyErasedError';
}

/**
 * What is sealed begins with its format and the version of its key (5 bytes); then the nonce of 96 random bits, the
 * ciphertext and the tag of AES-256-GCM (NIST SP 800-38D). With random nonces one key may seal 2^32 times at most
 * (section 8.3); rotate a class long before.
 */
const format = 1;
const headBytes = 5;
const nonceBytes = 12;
const tagBytes = 16;
/** The length of every key (AES-256). */
export const keyBytes = 32;

/** The bytes with which everything begins that a key of this version sealed. */
export function headOf(version: number): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt8(format);
  head.writeUInt32BE(version, 1);
  return head;
}

/** The version of the key that sealed; throws {@link SealError} for what is no envelope. */
export function versionOf(sealed: Buffer): number {
  if (sealed.length < headBytes + nonceBytes + tagBytes || sealed[0] !== format) {
    throw new SealError('this is nothing that was sealed here');
  }
  return sealed.readUInt32BE(1);
}

/** Names of a place as one text: no two lists give the same. The head with the key's version is bound as well. */
function boundTo(head: Buffer, place: readonly string[]): Buffer {
  return Buffer.concat([head, Buffer.from(JSON.stringify(place))]);
}

/** Seals `plain` to a place under a key of 32 bytes. */
export function sealBytes(key: Buffer, version: number, place: readonly string[], plain: Buffer): Buffer {
  const head = headOf(version);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(boundTo(head, place));
  const text = cipher.update(plain);
  return Buffer.concat([head, nonce, text, cipher.final(), cipher.getAuthTag()]);
}

/** Opens what {@link sealBytes} sealed to this place under this key; throws {@link SealError} for anything else. */
export function openBytes(key: Buffer, place: readonly string[], sealed: Buffer): Buffer {
  versionOf(sealed);
  const nonce = sealed.subarray(headBytes, headBytes + nonceBytes);
  const cipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(boundTo(sealed.subarray(0, headBytes), place));
  cipher.setAuthTag(sealed.subarray(-tagBytes));
  try {
    const plain = cipher.update(sealed.subarray(headBytes + nonceBytes, -tagBytes));
    return Buffer.concat([plain, cipher.final()]);
  } catch (error) {
    throw new SealError('this was altered, moved or sealed under another key', { cause: error });
  }
}

/** A key of its own for one purpose (HKDF-SHA-256, RFC 5869). */
export function keyFrom(key: Buffer | string, salt: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, `tradeai/${purpose}/v1`, keyBytes));
}
