import type { Context } from '#context';
import { type Database, sql, type Tx } from '#db';
import { Problem } from '#problem';
import { openNames, type SealedNames } from '../people/person-names.ts';

/** The signed-in person who changes their own factors. */
export interface Owner {
  personId: string;
  tenantId: string;
  sessionId: string;
}

/** Whose factors a request may change: those of the person who signed in. Throws `auth.forbidden` for a program. */
export function ownerOf(context: Context, signIn: { id: string } | null | undefined): Owner {
  if (!signIn) throw new Problem('auth.forbidden', { detail: 'Only a person who signed in may do this.' });
  return { personId: context.actor.id, tenantId: context.tenant.id, sessionId: signIn.id };
}

/** The e-mail of a person; throws `auth.token_invalid` where there is none by now. */
export async function emailOf(db: Database, personId: string): Promise<string> {
  const row = await db.system((tx) =>
    tx.maybe<SealedNames>(sql`select id, name_sealed, email_sealed from identity.person where id = ${personId}`),
  );
  if (!row) throw new Problem('auth.token_invalid');
  return (await openNames(row)).email;
}

/** The stored password of a person who has one. */
export async function findHash(tx: Tx, personId: string): Promise<string | undefined> {
  const stored = await tx.maybe<{ hash: string }>(
    sql`select hash from identity.password where person_id = ${personId}`,
  );
  return stored?.hash;
}

/** The tenants of a person, in one order for everyone. */
export async function tenantsOf(tx: Tx, personId: string): Promise<string[]> {
  const rows = await tx.many<{ tenantId: string }>(
    sql`select tenant_id as "tenantId" from identity.membership where person_id = ${personId} order by tenant_id`,
  );
  return rows.map(({ tenantId }) => tenantId);
}
