import { type RawBuilder, sql, type Tx } from '#db';
import { headOf } from './envelope.ts';
import type { SealedColumn } from './sealed-columns.ts';

/** A sealed value and the row it stands in. */
export interface SealedValue {
  rowId: string;
  sealed: Buffer;
}

function ofTenant({ tenant }: SealedColumn, tenantId: string | null): RawBuilder<unknown> {
  return tenant === null ? sql`true` : sql`${sql.ref(tenant)} = ${tenantId}`;
}

/** The next values of a column that another version of their key sealed, in the order of their row ids. */
export async function readOutdated(
  tx: Tx,
  column: SealedColumn,
  tenantId: string | null,
  version: number,
  after: string | null,
  limit: number,
): Promise<SealedValue[]> {
  const [id, value] = [sql.ref(column.rowId), sql.ref(column.column)];
  const head = headOf(version);
  return tx.many<SealedValue>(sql`select ${id}::text as "rowId", ${value} as sealed from ${sql.table(column.table)}
    where ${ofTenant(column, tenantId)} and ${after === null ? sql`true` : sql`${id} > ${after}`}
      and substring(${value} from 1 for ${head.length}) <> ${head}
    order by ${id} limit ${limit}`);
}

/** A sealed value of a subject. */
export interface SubjectValue extends SealedValue {
  tenantId: string | null;
  subjectId: string;
}

/** The next values of a column that keys of subjects sealed, of every tenant, in the order of their row ids. */
export async function readOfSubjects(
  tx: Tx,
  column: SealedColumn,
  after: string | null,
  limit: number,
): Promise<SubjectValue[]> {
  const [id, value] = [sql.ref(column.rowId), sql.ref(column.column)];
  return tx.many<SubjectValue>(sql`select ${id}::text as "rowId", ${value} as sealed,
      ${column.tenant === null ? sql`null::uuid` : sql.ref(column.tenant)} as "tenantId",
      (${sql.raw(column.subject ?? 'null')})::text as "subjectId"
    from ${sql.table(column.table)}
    where ${value} is not null and ${after === null ? sql`true` : sql`${id} > ${after}`}
    order by ${id} limit ${limit}`);
}

/**
 * Puts values sealed anew in place of the same values as they were, of any tenant where none is named; what was changed
 * meanwhile stays. Answers how many.
 */
export async function replaceSealed(
  tx: Tx,
  column: SealedColumn,
  tenantId: string | null | undefined,
  values: readonly { rowId: string; before: Buffer; after: Buffer }[],
): Promise<number> {
  const [id, value] = [sql.ref(column.rowId), sql.ref(column.column)];
  const lists = [values.map(({ rowId }) => rowId), values.map(({ before }) => before), values.map((one) => one.after)];
  return tx.run(sql`update ${sql.table(column.table)} t set ${value} = fresh.after
    from unnest(${lists[0]}::uuid[], ${lists[1]}::bytea[], ${lists[2]}::bytea[]) fresh (id, before, after)
    where ${tenantId === undefined ? sql`true` : ofTenant(column, tenantId)} and t.${id} = fresh.id and t.${value} = fresh.before`);
}
