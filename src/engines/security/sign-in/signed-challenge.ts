import { createHash } from 'node:crypto';
import { sql, type Tx } from '#db';
import { sameBytes } from '../keys/derive-key.ts';
import type { SecurityParts } from '../security-parts.ts';

/**
 * What strangers begin is not stored: the token itself says what was begun, under our MAC. A row is written only when one
 * was answered well, so that asking over and over fills nothing.
 */
interface Sealed<Data> {
  data: Data;
  /** Milliseconds since 1970. */
  expiresAtMs: number;
}

const purposeOf = (kind: string) => `challenge:${kind}`;

/** A token that says what was begun until `lifeMs` from now: readable by whoever holds it, made by nobody else. */
export function signChallenge<Data>(parts: SecurityParts, kind: string, data: Data, lifeMs: number): string {
  const sealed: Sealed<Data> = { data, expiresAtMs: parts.clock.now().getTime() + lifeMs };
  const body = Buffer.from(JSON.stringify(sealed)).toString('base64url');
  return `${body}.${parts.signInMac(purposeOf(kind), body).toString('base64url')}`;
}

/** What a token says; undefined for one that we did not make for this, or that is too old. */
export function readChallenge<Data>(parts: SecurityParts, kind: string, token: string | undefined): Data | undefined {
  const [body = '', mac = '', ...rest] = (token ?? '').split('.');
  if (rest.length > 0) return undefined;
  // As text: decoders forgive what stands around a MAC, and a second spelling would slip past what was spent.
  const right = parts.signInMac(purposeOf(kind), body).toString('base64url');
  if (!sameBytes(Buffer.from(mac), Buffer.from(right))) return undefined;
  const { data, expiresAtMs } = JSON.parse(Buffer.from(body, 'base64url').toString()) as Sealed<Data>;
  return expiresAtMs > parts.clock.now().getTime() ? data : undefined;
}

/** Notes that a token did its work; false where it had done so before, in whichever process. */
export async function spendOnce(
  parts: SecurityParts,
  tx: Tx,
  { kind, token, lifeMs }: { kind: string; token: string; lifeMs: number },
): Promise<boolean> {
  const now = parts.clock.now();
  const hash = createHash('sha256').update(token).digest();
  const noted =
    await tx.run(sql`insert into identity.challenge (id, token_hash, kind, data, created_at, expires_at, used_at)
    values (${parts.newId()}, ${hash}, ${kind}, '{}', ${now}, ${new Date(now.getTime() + lifeMs)}, ${now})
    on conflict (token_hash) do nothing`);
  return noted > 0;
}
