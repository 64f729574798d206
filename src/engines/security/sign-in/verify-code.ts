import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { keyring } from '../keys/keyring.ts';
import type { SecurityParts } from '../security-parts.ts';
import { findTotp, type StoredTotp, takeRecoveryCode, takeStep } from './factor-store.ts';

/** What a code was. */
export type CodeKind = 'totp' | 'recovery_code';

/** RFC 6238: six digits every 30 s, HMAC-SHA-1 as every generator app has it. */
const period = 30;
const parameters = { algorithm: 'SHA1', digits: 6, period } as const;
/** A code of the step before or after is taken too: clocks differ, and people type slowly. */
const window = 1;
/** RFC 4226 asks for 160 bits. */
const secretBytes = 20;

const placeOf = (id: string) => ({ table: 'identity.totp', column: 'secret', rowId: id });
const scopeOf = (personId: string) => ({ tenantId: null, class: 'second-factor', subjectId: personId }) as const;

/** A fresh secret of a code generator (base32, RFC 4648). */
export function newTotpSecret(): string {
  return new Secret({ buffer: Uint8Array.from(randomBytes(secretBytes)).buffer }).base32;
}

/** What the QR code of an enrolment says: `otpauth://totp/…`. */
export function totpUri(secret: string, account: string): string {
  return new TOTP({ ...parameters, issuer: 'TRADEAI', label: account, secret: Secret.fromBase32(secret) }).toString();
}

/** Seals the secret of a generator for its row. */
export function sealTotpSecret(personId: string, id: string, secret: string): Promise<Buffer> {
  return keyring().seal(scopeOf(personId), placeOf(id), secret);
}

/** The time step of a right code, for {@link takeStep}; undefined for a wrong one. */
export async function stepOf(
  parts: SecurityParts,
  personId: string,
  totp: StoredTotp,
  code: string,
): Promise<number | undefined> {
  const secret = Secret.fromBase32(await keyring().open(scopeOf(personId), placeOf(totp.id), totp.secret));
  const timestamp = parts.clock.now().getTime();
  const delta = TOTP.validate({ ...parameters, secret, token: code, timestamp, window });
  return delta === null ? undefined : TOTP.counter({ period, timestamp }) + delta;
}

/**
 * Takes a code of a person's generator or one of their recovery codes, which works once, whichever process sees it
 * first. Undefined for a wrong or used one.
 */
export async function verifyCode(parts: SecurityParts, personId: string, code: string): Promise<CodeKind | undefined> {
  const { db, clock } = parts;
  const typed = code.replace(/[\s-]/g, '');
  if (!/^\d{6}$/.test(typed)) {
    const mac = recoveryMac(parts, personId, typed);
    const taken = await db.system((tx) => takeRecoveryCode(tx, personId, mac, clock.now()));
    return taken ? 'recovery_code' : undefined;
  }
  const totp = await db.system((tx) => findTotp(tx, personId, 'confirmed'));
  const step = totp && (await stepOf(parts, personId, totp, typed));
  if (!totp || step === undefined) return undefined;
  return (await db.system((tx) => takeStep(tx, totp.id, step))) ? 'totp' : undefined;
}

/** Letters and digits that nobody mistakes for one another. */
const alphabet = '23456789abcdefghjkmnpqrstuvwxyz';
const recoveryCodeCount = 10;
const recoveryCodeLength = 12;

/** Ten recovery codes of some 59 random bits each, as people read them: `abcd-efgh-jkmn`. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: recoveryCodeCount }, () => {
    let code = '';
    while (code.length < recoveryCodeLength) {
      const [byte = 255] = randomBytes(1);
      // Only whole multiples of the alphabet, so that every letter is as likely as the other.
      if (byte < 256 - (256 % alphabet.length)) code += alphabet[byte % alphabet.length];
    }
    return code.replace(/(.{4})(?=.)/g, '$1-');
  });
}

/** What is kept of a recovery code. */
export function recoveryMac(parts: SecurityParts, personId: string, code: string): Buffer {
  return parts.signInMac('recovery-code', `${personId}:${code.replace(/[\s-]/g, '').toLowerCase()}`);
}
