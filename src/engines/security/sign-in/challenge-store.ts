import { createHash, randomBytes } from 'node:crypto';
import { sql, type Tx } from '#db';

/** What somebody known began and waits for its second half, with what has to be remembered until then. */
export interface ChallengeData {
  /** The password was right; a code is due. */
  second_factor: { tenantId: string; methods: string[] };
  /** A passkey is being made in a session. */
  passkey_registration: { sessionId: string; challenge: string };
  /** Emergency access that was opened on the command line. */
  break_glass: { tenantId: string };
}

/** A kind of challenge. */
export type ChallengeKind = keyof ChallengeData;

/** A stored challenge that can still be answered. */
export interface OpenChallenge<Kind extends ChallengeKind> {
  id: string;
  personId: string | null;
  data: ChallengeData[Kind];
}

/** Wrong answers after which a challenge is dead. */
const maxFailures = 5;

/** Stores a challenge and answers its token, which exists nowhere else. */
export async function openChallenge<Kind extends ChallengeKind>(
  tx: Tx,
  challenge: { id: string; kind: Kind; personId: string | null; data: ChallengeData[Kind]; now: Date; expiresAt: Date },
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const { id, kind, personId, data, now, expiresAt } = challenge;
  await tx.run(sql`insert into identity.challenge (id, token_hash, kind, person_id, data, created_at, expires_at)
    values (${id}, ${hashOf(token)}, ${kind}, ${personId}, ${JSON.stringify(data)}, ${now}, ${expiresAt})`);
  return token;
}

/** The challenge of a token where it can still be answered, locked until the transaction ends. */
export async function findChallenge<Kind extends ChallengeKind>(
  tx: Tx,
  kind: Kind,
  token: string,
  now: Date,
): Promise<OpenChallenge<Kind> | undefined> {
  return tx.maybe<OpenChallenge<Kind>>(sql`select id, person_id as "personId", data from identity.challenge
    where token_hash = ${hashOf(token)} and kind = ${kind} and used_at is null and expires_at > ${now}
      and failures < ${maxFailures} for update`);
}

/** Counts an answer as wrong before it is looked at, so that many at once cannot slip through. */
export async function countAnswer(tx: Tx, id: string): Promise<void> {
  await tx.run(sql`update identity.challenge set failures = failures + 1 where id = ${id}`);
}

/** Spends a challenge; false where somebody else did. */
export async function spendChallenge(tx: Tx, id: string, now: Date): Promise<boolean> {
  const spent = await tx.run(sql`update identity.challenge set used_at = ${now} where id = ${id} and used_at is null`);
  return spent > 0;
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
