import { type Database, sql, type Tx } from '#db';
import { sealLink } from '../sign-in/link-names.ts';
import { sealNames } from './person-names.ts';

/** Rows sealed in one transaction. */
const batchRows = 500;

interface ClearRow {
  id: string;
  name: string | null;
  email: string;
  personId: string | null;
}

/**
 * Seals the names and e-mails that a release before 0.2 left in clear; answers how many rows it sealed. Safe when several
 * processes start at once and after a kill: each row is sealed in the transaction that clears it.
 */
export async function sealExisting(db: Database): Promise<number> {
  let sealed = 0;
  for (;;) {
    const count = await db.system(async (tx) => (await sealPeople(tx)) + (await sealLinks(tx)));
    if (count === 0) return sealed;
    sealed += count;
  }
}

async function sealPeople(tx: Tx): Promise<number> {
  const rows = await tx.many<ClearRow>(sql`select id, name, email, id as "personId" from identity.person
    where email is not null order by id limit ${batchRows} for update`);
  for (const { id, name, email } of rows) {
    const { nameSealed, emailSealed, emailIndex } = await sealNames(id, { name: name ?? email, email });
    await tx.run(sql`update identity.person set name = null, email = null, name_sealed = ${nameSealed},
      email_sealed = ${emailSealed}, email_index = ${emailIndex} where id = ${id}`);
  }
  return rows.length;
}

async function sealLinks(tx: Tx): Promise<number> {
  const rows = await tx.many<ClearRow>(sql`select id, name, email, person_id as "personId" from identity.one_time_link
    where email is not null order by id limit ${batchRows} for update`);
  for (const row of rows) {
    const { nameSealed, emailSealed, emailIndex } = await sealLink(row);
    await tx.run(sql`update identity.one_time_link set name = null, email = null, name_sealed = ${nameSealed},
      email_sealed = ${emailSealed}, email_index = ${emailIndex} where id = ${row.id}`);
  }
  return rows.length;
}
