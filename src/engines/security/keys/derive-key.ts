import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** What a key derived from the product's secret key is for: keys of different purposes share nothing. */
export type KeyPurpose =
  | 'access-token'
  | 'refresh-token'
  | 'sign-in-throttle'
  | 'sign-in'
  | 'audit-mac'
  | 'audit-signing'
  | 'security-event';

/** A 32-byte key for one purpose (HKDF-SHA-256, RFC 5869); `salt` separates tenants where keys are per tenant. */
export function deriveKey(secretKey: string, purpose: KeyPurpose, salt = ''): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, salt, `tradeai/${purpose}/v1`, 32));
}

/** HMAC-SHA-256 of a text. */
export function macOf(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Compares in a time that does not depend on where two secrets differ. */
export function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
