import type { Context } from '#context';
import { type Database, sql, type Tx } from '#db';
import type { PersonalData } from '#module';
import { KeyErasedError } from '../keys/envelope.ts';
import { keyring } from '../keys/keyring.ts';
import { sealedColumns } from '../keys/sealed-columns.ts';
import { administratorRole } from '../policy/roles.ts';

/** The most rows of one table in an export: who made more is told so. */
export const maxExportRows = 100_000;

/** A row as it is handed out. */
export type SubjectRow = Record<string, unknown>;

/** So many rows are opened and written at once: between two batches others are served. */
const batchRows = 500;

/** A declaration with a column that names the person. */
export type OfPerson = PersonalData & { person: string };

/** Whether rows of a table can be found by the person. */
export const isOfPerson = (data: PersonalData): data is OfPerson => data.person !== null;

function inTransaction<T>(context: Context, data: PersonalData, work: (tx: Tx) => Promise<T>): Promise<T> {
  const db: Database = context.db;
  return data.global ? db.system(work) : db.read(context, work);
}

const ofTenant = (context: Context, { global }: PersonalData) =>
  global ? sql`true` : sql`tenant_id = ${context.tenant.id}`;

/**
 * Hands what a table holds of a person to `take`, in batches: sealed columns are opened, other bytes are left out. Answers
 * whether there were more than {@link maxExportRows} rows.
 */
export async function readSubjectRows(
  context: Context,
  data: OfPerson,
  personId: string,
  take: (rows: readonly SubjectRow[]) => void,
): Promise<{ cutShort: boolean }> {
  const sealed = sealedColumns.filter(({ table }) => table === data.table);
  const columns = Object.keys(data.columns).filter((name) => !data.secret?.includes(name));
  const wanted = [...new Set([...columns, ...sealed.flatMap(({ rowId, tenant }) => [rowId, tenant ?? rowId])])];
  return inTransaction(context, data, async (tx) => {
    await tx.run(sql`declare subject_rows no scroll cursor for
      select ${sql.join(wanted.map((name) => sql.ref(name)))} from ${sql.table(data.table)}
      where ${ofTenant(context, data)} and ${sql.ref(data.person)} = ${personId} limit ${maxExportRows + 1}`);
    for (let read = 0; ; ) {
      const rows = await tx.many<SubjectRow>(sql`fetch ${sql.lit(batchRows)} from subject_rows`);
      const shown = rows.slice(0, maxExportRows - read);
      read += rows.length;
      if (shown.length > 0)
        take(await Promise.all(shown.map((row) => openedRow(data.table, columns, sealed, row, personId))));
      if (read > maxExportRows) return { cutShort: true };
      if (rows.length < batchRows) return { cutShort: false };
    }
  });
}

async function openedRow(
  table: string,
  columns: readonly string[],
  sealed: readonly (typeof sealedColumns)[number][],
  row: SubjectRow,
  personId: string,
): Promise<SubjectRow> {
  const out: SubjectRow = {};
  for (const name of columns) {
    const value = row[name];
    if (!Buffer.isBuffer(value)) {
      out[name] = value;
      continue;
    }
    const column = sealed.find((one) => one.column === name);
    if (column) out[name] = await openedOf(table, column, row, value, personId);
  }
  return out;
}

async function openedOf(
  table: string,
  column: (typeof sealedColumns)[number],
  row: Record<string, unknown>,
  sealed: Buffer,
  personId: string,
): Promise<string | null> {
  const tenantId = column.tenant === null ? null : String(row[column.tenant]);
  const place = { table, column: column.column, rowId: String(row[column.rowId]) };
  try {
    return await keyring().open({ tenantId, class: column.class, subjectId: personId }, place, sealed);
  } catch (error) {
    if (error instanceof KeyErasedError) return null;
    throw error;
  }
}

/** How many rows a table holds of a person. */
export async function countSubjectRows(context: Context, data: OfPerson, personId: string): Promise<number> {
  const { n } = await inTransaction(context, data, (tx) =>
    tx.one<{ n: number }>(sql`select count(*)::integer as n from ${sql.table(data.table)}
      where ${ofTenant(context, data)} and ${sql.ref(data.person)} = ${personId}`),
  );
  return n;
}

/** Deletes a person's rows of a table; answers how many there were. In a transaction of the system's role. */
export async function deleteSubjectRows(tx: Tx, data: OfPerson, personId: string): Promise<number> {
  return tx.run(sql`delete from ${sql.table(data.table)} where ${sql.ref(data.person)} = ${personId}`);
}

/** The tenants in which a person is or was a member. */
export async function tenantsOf(tx: Tx, personId: string): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(
    sql`select tenant_id as id from identity.membership where person_id = ${personId} order by 1`,
  );
  return rows.map(({ id }) => id);
}

/** Ends a membership, its sessions and its keys for good. */
export async function endMembership(tx: Tx, tenantId: string, personId: string, now: Date): Promise<void> {
  await tx.run(sql`update identity.membership set disabled_at = coalesce(disabled_at, ${now}), locked_reason = null,
      version = version + 1
    where tenant_id = ${tenantId} and person_id = ${personId}`);
  await tx.run(sql`update identity.session set ended_at = coalesce(ended_at, ${now}),
      end_reason = coalesce(end_reason, 'disabled'), label = null
    where tenant_id = ${tenantId} and person_id = ${personId}`);
  await tx.run(sql`update identity.api_key set revoked_at = coalesce(revoked_at, ${now}), changed_at = ${now}
    where tenant_id = ${tenantId} and person_id = ${personId}`);
}

/** Takes a person's name, e-mail and its index out of the database. */
export async function erasePersonRow(tx: Tx, personId: string, now: Date): Promise<void> {
  await tx.run(sql`update identity.person set name_sealed = null, email_sealed = null, email_index = null,
      erased_at = ${now}, disabled_at = coalesce(disabled_at, ${now})
    where id = ${personId} and erased_at is null`);
}

/** Takes open links to an e-mail out of the database: an invitation names somebody who has no account yet. */
export async function eraseLinksTo(tx: Tx, personId: string): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`delete from identity.one_time_link
    where person_id = ${personId}
      or email_index = (select email_index from identity.person where id = ${personId})
    returning id`);
  return rows.map(({ id }) => id);
}

/** Whether the tenant has an active administrator beside this person. */
export async function hasOtherAdministrator(tx: Tx, tenantId: string, personId: string): Promise<boolean> {
  const { left } = await tx.one<{ left: boolean }>(sql`select exists (select from identity.membership
    where tenant_id = ${tenantId} and person_id <> ${personId} and disabled_at is null
      and locked_at is null and expires_at is null and ${administratorRole} = any(roles)) as left`);
  return left;
}

/** Keeps what a person was called before and after a rectification. */
export async function insertRectification(
  tx: Tx,
  one: {
    tenantId: string;
    id: string;
    requestId: string;
    personId: string;
    before: Buffer;
    after: Buffer;
    by: string;
    at: Date;
  },
): Promise<void> {
  await tx.run(sql`insert into privacy.rectification (tenant_id, id, request_id, person_id, before, after, rectified_by, rectified_at)
    values (${one.tenantId}, ${one.id}, ${one.requestId}, ${one.personId}, ${one.before}, ${one.after}, ${one.by}, ${one.at})`);
}
