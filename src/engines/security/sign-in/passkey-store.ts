import { sql, type Tx } from '#db';

/** A passkey as stored. */
export interface Passkey {
  id: string;
  personId: string;
  /** Base64url, as the authenticator made it. */
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
  backedUp: boolean;
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

const columns = sql`id, person_id as "personId", credential_id as "credentialId", public_key as "publicKey",
  counter::float8 as counter, transports, backed_up as "backedUp", name, created_at as "createdAt",
  last_used_at as "lastUsedAt"`;

/** The passkeys of a person, oldest first. */
export async function listPasskeys(tx: Tx, personId: string): Promise<Passkey[]> {
  return tx.many<Passkey>(
    sql`select ${columns} from identity.passkey where person_id = ${personId} order by created_at, id`,
  );
}

/** The passkey of a credential. */
export async function findPasskey(tx: Tx, credentialId: string): Promise<Passkey | undefined> {
  return tx.maybe<Passkey>(sql`select ${columns} from identity.passkey where credential_id = ${credentialId}`);
}

/** Stores a passkey; false where its credential is somebody's already. */
export async function insertPasskey(tx: Tx, passkey: Omit<Passkey, 'lastUsedAt'>): Promise<boolean> {
  const { id, personId, credentialId, publicKey, counter, transports, backedUp, name, createdAt } = passkey;
  const added =
    await tx.run(sql`insert into identity.passkey (id, person_id, credential_id, public_key, counter, transports,
      backed_up, name, created_at)
    values (${id}, ${personId}, ${credentialId}, ${publicKey}, ${counter}, ${[...transports]}, ${backedUp}, ${name}, ${createdAt})
    on conflict do nothing`);
  return added > 0;
}

/**
 * Notes a use with the authenticator's counter; false where the counter has not gone on since `before`: the same answer
 * came twice, or two authenticators hold the key.
 */
export async function notePasskeyUse(
  tx: Tx,
  use: { id: string; before: number; counter: number; now: Date },
): Promise<boolean> {
  const noted = await tx.run(sql`update identity.passkey set counter = ${use.counter}, last_used_at = ${use.now}
    where id = ${use.id} and counter = ${use.before}`);
  return noted > 0;
}

/** Renames a passkey of a person; false where it is none of theirs. */
export async function renamePasskey(tx: Tx, personId: string, id: string, name: string): Promise<boolean> {
  return (
    (await tx.run(sql`update identity.passkey set name = ${name} where person_id = ${personId} and id = ${id}`)) > 0
  );
}

/** Removes a passkey of a person, or all of them; answers how many. */
export async function deletePasskeys(tx: Tx, personId: string, id?: string): Promise<number> {
  return tx.run(sql`delete from identity.passkey where person_id = ${personId} ${id ? sql`and id = ${id}` : sql``}`);
}
