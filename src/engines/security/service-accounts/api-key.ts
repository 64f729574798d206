import { createHash, randomBytes } from 'node:crypto';

/** A key as it is shown once, and what is kept of it. */
export interface NewApiKey {
  /** `tak_` and 256 random bits. */
  token: string;
  /** The first characters, by which people tell their keys apart. */
  hint: string;
  hash: Buffer;
}

const prefix = 'tak_';
const form = /^tak_[\w-]{43}$/;
const hintLength = 8;

/** Makes a key. With 256 random bits a plain SHA-256 is enough: there is nothing to guess. */
export function newApiKey(): NewApiKey {
  const token = `${prefix}${randomBytes(32).toString('base64url')}`;
  return { token, hint: token.slice(0, hintLength), hash: hashApiKey(token) };
}

/** Whether a bearer token has the form of an API key. */
export function isApiKey(bearer: string): boolean {
  return form.test(bearer);
}

/** What is kept of a key. */
export function hashApiKey(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
