import { sql, type Tx } from '#db';
import { KeyErasedError } from '../keys/envelope.ts';
import { type KeyScope, keyring } from '../keys/keyring.ts';

/** What tells who somebody is. */
export interface PersonNames {
  name: string;
  email: string;
}

/** Names as `identity.person` keeps them; null once the person was erased. */
export interface SealedNames {
  id: string;
  name_sealed: Buffer | null;
  email_sealed: Buffer | null;
}

const scopeOf = (personId: string): KeyScope => ({ tenantId: null, class: 'person', subjectId: personId });
const placeOf = (personId: string, column: string) => ({ table: 'identity.person', column, rowId: personId });

/** The blind index under which a person or a link of this e-mail is found. */
export function emailIndexOf(email: string): Promise<Buffer> {
  return keyring().blindIndex('person', email);
}

/** A person's name and e-mail as they are stored. */
export async function sealNames(personId: string, { name, email }: PersonNames) {
  const keys = keyring();
  const [nameSealed, emailSealed, emailIndex] = await Promise.all([
    keys.seal(scopeOf(personId), placeOf(personId, 'name_sealed'), name),
    keys.seal(scopeOf(personId), placeOf(personId, 'email_sealed'), email),
    emailIndexOf(email),
  ]);
  return { nameSealed, emailSealed, emailIndex };
}

/** Stores a person; answers false where their e-mail is somebody's already. */
export async function insertPerson(tx: Tx, person: PersonNames & { id: string; createdAt: Date }): Promise<boolean> {
  const { nameSealed, emailSealed, emailIndex } = await sealNames(person.id, person);
  const added = await tx.run(sql`insert into identity.person (id, name_sealed, email_sealed, email_index, created_at)
    values (${person.id}, ${nameSealed}, ${emailSealed}, ${emailIndex}, ${person.createdAt})
    on conflict (email_index) do nothing`);
  return added > 0;
}

/**
 * Stores another name or e-mail of a person; answers false where the e-mail is somebody else's. Links for a new password that
 * went to another address open nothing any more.
 */
export async function updateNames(tx: Tx, personId: string, names: PersonNames, now: Date): Promise<boolean> {
  const { nameSealed, emailSealed, emailIndex } = await sealNames(personId, names);
  const changed =
    await tx.run(sql`update identity.person set name_sealed = ${nameSealed}, email_sealed = ${emailSealed},
      email_index = ${emailIndex},
      email_changed_at = case when email_index = ${emailIndex} then email_changed_at else ${now}::timestamptz end
    where id = ${personId} and erased_at is null
      and not exists (select from identity.person other where other.email_index = ${emailIndex} and other.id <> ${personId})`);
  if (changed === 0) return false;
  await tx.run(sql`delete from identity.one_time_link
    where person_id = ${personId} and kind = 'reset' and used_at is null and email_index <> ${emailIndex}`);
  return true;
}

/** How somebody is named whose name was erased: the end of their id tells them apart. */
export function pseudonymOf(personId: string): string {
  return `Erased person ${personId.slice(-6)}`;
}

interface Opened extends PersonNames {
  nameSealed: Buffer;
  emailSealed: Buffer;
}

/** Opened names remembered at once, some 500 bytes each. They are good as long as the row holds the same bytes. */
const maxOpened = 20_000;
const opened = new Map<string, Opened>();

/** A person's name and e-mail; a pseudonym and no e-mail where they were erased, here or beside an older database. */
export async function openNames(row: SealedNames): Promise<PersonNames> {
  const { id, name_sealed: nameSealed, email_sealed: emailSealed } = row;
  if (!nameSealed || !emailSealed) return { name: pseudonymOf(id), email: '' };
  const known = opened.get(id);
  if (known?.nameSealed.equals(nameSealed) && known.emailSealed.equals(emailSealed)) return known;
  try {
    const [name, email] = await Promise.all([
      keyring().open(scopeOf(id), placeOf(id, 'name_sealed'), nameSealed),
      keyring().open(scopeOf(id), placeOf(id, 'email_sealed'), emailSealed),
    ]);
    if (opened.size >= maxOpened) opened.clear();
    opened.set(id, { name, email, nameSealed, emailSealed });
    return { name, email };
  } catch (error) {
    if (error instanceof KeyErasedError) return { name: pseudonymOf(id), email: '' };
    throw error;
  }
}

/** Forgets a person's name in this process. */
export function forgetNames(personId: string): void {
  opened.delete(personId);
}

/** Names by id, of the people whom the transaction may see. */
export async function namesByIds(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.many<SealedNames>(sql`select id, name_sealed, email_sealed from identity.person
    where id = any(${[...new Set(ids)]}::uuid[])`);
  const named = await Promise.all(rows.map(async (row) => [row.id, (await openNames(row)).name] as const));
  return new Map(named);
}

/** The order of names for people. */
export const byName = (a: { name: string; id: string }, b: { name: string; id: string }): number =>
  collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);
const collator = new Intl.Collator('en');
