import type { Database } from '#db';
import { insertPerson } from './person-names.ts';

/** Puts a person there who is no member anywhere yet. */
export async function plantPerson(db: Database, person: { id: string; name: string; email: string }): Promise<void> {
  const added = await db.system((tx) => insertPerson(tx, { ...person, createdAt: new Date(0) }));
  if (!added) throw new Error(`there is a person ${person.email} already`);
}
