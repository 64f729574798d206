import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Clock } from '#clock';
import { type Database, sql, type Tx } from '#db';
import { deriveKey } from '../keys/derive-key.ts';
import { tellRotation } from '../keys/tell-rotation.ts';
import { type NoteKey, parseNote, signNote, verifyNote } from './signed-note.ts';

/** A generation of the key that signs checkpoints. */
export interface SigningKey extends NoteKey {
  generation: number;
  privateKey: KeyObject;
}

/** A generation as the database knows it: the public half. */
export interface KeyRecord extends NoteKey {
  generation: number;
  createdAt: Date;
  /** In which the generation before vouches for this one; null for the first. */
  voucher: string | null;
}

const nameOf = (generation: number) => `tradeai-audit-${generation}`;

/** PKCS #8 of an Ed25519 seed (RFC 8410). */
const seedDer = (seed: Buffer) => Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);

/**
 * A generation of the signing key. It is derived from the secret key, so that every process has it, a restored database
 * goes on with it, and no database ever holds it.
 */
export function signingKey(secretKey: string, generation: number): SigningKey {
  const seed = deriveKey(secretKey, 'audit-signing', String(generation));
  const privateKey = createPrivateKey({ key: seedDer(seed), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { name: nameOf(generation), generation, publicKey, privateKey };
}

/** The generation of that name; undefined for a name that is none of ours. */
export function signingKeyNamed(secretKey: string, name: string): SigningKey | undefined {
  const generation = Number(/^tradeai-audit-([1-9]\d{0,5})$/.exec(name)?.[1]);
  return generation > 0 ? signingKey(secretKey, generation) : undefined;
}

const voucherText = ({ name, publicKey }: NoteKey) => `tradeai/audit-key\n${name}\n${publicKey.toString('base64')}\n`;

/** Whether a generation is vouched for by the one before it; the first one needs nobody. */
export function isVouchedFor(key: KeyRecord, before: NoteKey | undefined): boolean {
  if (!before) return key.generation === 1;
  const note = parseNote(key.voucher ?? '');
  return note !== undefined && note.text === voucherText(key) && verifyNote(note, before);
}

/** Every generation, oldest first; a transaction of the system's role. */
export async function readSigningKeys(tx: Tx): Promise<KeyRecord[]> {
  const rows = await tx.many<Omit<KeyRecord, 'name'>>(
    sql`select generation, public_key as "publicKey", created_at as "createdAt", voucher from audit.signing_key order by 1`,
  );
  return rows.map((row) => ({ ...row, name: nameOf(row.generation) }));
}

/** The generations that were derived from this secret key; others' signatures count for nothing. */
export async function ownSigningKeys(tx: Tx, secretKey: string): Promise<KeyRecord[]> {
  const keys = await readSigningKeys(tx);
  return keys.filter((key) => signingKey(secretKey, key.generation).publicKey.equals(key.publicKey));
}

async function addKey(tx: Tx, key: SigningKey, before: SigningKey | undefined, at: Date): Promise<SigningKey> {
  const voucher = before ? signNote(voucherText(key), before, before.privateKey) : null;
  await tx.run(sql`insert into audit.signing_key values (${key.generation}, ${key.publicKey}, ${at}, ${voucher})`);
  return key;
}

/**
 * The generation that signs now, made where there is none. Where the newest is not ours (the secret key was changed), a
 * further one is begun that nobody vouches for: the trail goes on, and every verification says so.
 */
export async function currentSigningKey(tx: Tx, secretKey: string, at: Date): Promise<SigningKey> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtext('audit.signing-key'))`);
  const newest = (await readSigningKeys(tx)).at(-1);
  if (!newest) return addKey(tx, signingKey(secretKey, 1), undefined, at);
  const own = signingKey(secretKey, newest.generation);
  return own.publicKey.equals(newest.publicKey)
    ? own
    : addKey(tx, signingKey(secretKey, newest.generation + 1), undefined, at);
}

/** Begins the next generation, for which the present one vouches; every tenant's trail says so. */
export async function rotateAuditKey(db: Database, secretKey: string, clock: Clock): Promise<SigningKey> {
  const at = clock.now();
  return db.system(async (tx) => {
    const present = await currentSigningKey(tx, secretKey, at);
    const next = await addKey(tx, signingKey(secretKey, present.generation + 1), present, at);
    const after = { generation: next.generation, publicKey: next.publicKey.toString('base64') };
    await tellRotation(tx, clock, null, { keys: 'audit-signing', happened: 'rotated', after });
    return next;
  });
}
