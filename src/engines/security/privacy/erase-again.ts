import { type Database, sql, type Tx } from '#db';
import { rememberErased } from '../keys/key-store.ts';
import { keyring } from '../keys/keyring.ts';
import { securityData } from './security-data.ts';
import {
  deleteSubjectRows,
  endMembership,
  eraseLinksTo,
  erasePersonRow,
  isOfPerson,
  tenantsOf,
} from './subject-data-store.ts';

/**
 * An older copy of the database brings back rows of people who were erased since: their names are unreadable without the
 * key, and here their way in goes too. Answers how many people that were.
 */
export async function eraseAgain(db: Database, now: Date): Promise<number> {
  const erased = await (await keyring().inner.subjects()).erased();
  if (erased.length === 0) return 0;
  const back = await db.system((tx) =>
    tx.many<{ id: string }>(
      sql`select id from identity.person where id = any(${erased}::uuid[]) and erased_at is null`,
    ),
  );
  for (const { id } of back) {
    const links = await db.system((tx) => eraseIdentity(tx, id, now));
    for (const link of links) await keyring().eraseSubject(link);
  }
  return back.length;
}

/**
 * Takes out of the database what lets a person in and what names them; answers the links to them, whose keys must go too.
 * In a transaction of the system's role.
 */
export async function eraseIdentity(tx: Tx, personId: string, now: Date): Promise<string[]> {
  for (const tenantId of await tenantsOf(tx, personId)) await endMembership(tx, tenantId, personId, now);
  const links = await eraseLinksTo(tx, personId);
  for (const data of securityData.filter(isOfPerson)) {
    if (data.erasure === 'deleted') await deleteSubjectRows(tx, data, personId);
  }
  await erasePersonRow(tx, personId, now);
  for (const subjectId of [personId, ...links]) await rememberErased(tx, subjectId, now);
  return links;
}
