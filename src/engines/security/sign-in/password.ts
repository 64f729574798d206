import { argon2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { sameBytes } from '../keys/derive-key.ts';
import { isBcrypt, verifyBcrypt } from './verify-bcrypt.ts';

const derive = promisify(argon2);

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. About 50 ms on one core. */
const parameters = { memory: 19_456, passes: 2, parallelism: 1 };
const tagBytes = 32;
const saltBytes = 16;
/** Bounds on what a stored hash may ask of us. */
const maxMemoryKib = 262_144;
const maxPasses = 10;

/** Fewest characters of a new password. */
export const minPasswordLength = 10;
/** Most characters of any password: hashing takes them all. */
export const maxPasswordLength = 200;

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
// The same characters may arrive composed or decomposed, depending on the keyboard.
const bytesOf = (password: string): Buffer => Buffer.from(password.normalize('NFC'), 'utf8');

/** Hashes a password off the event loop; answers a PHC string (`$argon2id$v=19$m=…,t=…,p=…$salt$hash`). */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(saltBytes);
  const tag = await derive('argon2id', { ...parameters, message: bytesOf(password), nonce, tagLength: tagBytes });
  const { memory, passes, parallelism } = parameters;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(tag)}`;
}

const phc = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]+)$/;

/**
 * Whether `password` is the one that was hashed, by us (argon2id) or elsewhere (bcrypt); false for any other hash and for
 * one that asks for absurd resources. Never on the event loop.
 */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  if (isBcrypt(hash)) return verifyBcrypt(password, hash);
  const [, memory, passes, parallelism, salt, expected] = phc.exec(hash) ?? [];
  if (!memory || !passes || !parallelism || !salt || !expected) return false;
  if (Number(memory) > maxMemoryKib || Number(passes) > maxPasses) return false;
  const tag = Buffer.from(expected, 'base64');
  const found = await derive('argon2id', {
    message: bytesOf(password),
    nonce: Buffer.from(salt, 'base64'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: tag.length,
  });
  return sameBytes(found, tag);
}

/** Whether a hash was made elsewhere or with other parameters than today's, so that the next sign-in renews it. */
export function isOutdated(hash: string): boolean {
  const { memory, passes, parallelism } = parameters;
  return !hash.startsWith(`$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$`);
}

let decoy: Promise<string> | undefined;

/** Verifies against a hash of nobody's password: an unknown e-mail takes as long as a wrong password. */
export async function verifyNobody(password: string): Promise<false> {
  decoy ??= hashPassword(randomBytes(24).toString('base64'));
  await verifyPassword(password, await decoy);
  return false;
}
