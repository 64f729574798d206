import { type Database, sql, type Tx } from '#db';

/** A wrapped data key of a class. */
export interface WrappedDataKey {
  version: number;
  wrapped: Buffer;
}

/** The id of this database's key store, `id` where it has none yet; `existing` once anything hangs on it. */
export async function storeId(db: Database, id: string, now: Date): Promise<{ id: string; existing: boolean }> {
  return db.aside(async (tx) => {
    // Two processes that start at once on an empty database agree on one.
    await tx.run(sql`select pg_advisory_xact_lock(hashtext('tradeai.keys.store'))`);
    const known = await tx.maybe<{ id: string; existing: boolean }>(sql`select id,
      exists (select from keys.tenant_key) as existing from keys.store`);
    if (known) return known;
    await tx.run(sql`insert into keys.store (id, created_at) values (${id}, ${now})`);
    return { id, existing: false };
  });
}

/** A tenant's wrapped key; where there is none, `fresh` becomes it unless another process was first. */
export async function tenantKeyRow(db: Database, tenantId: string, fresh: () => Promise<Buffer>, now: Date) {
  const find = (tx: Tx) =>
    tx.maybe<{ wrapped: Buffer }>(sql`select wrapped from keys.tenant_key where tenant_id = ${tenantId}`);
  const known = await db.aside(find);
  if (known) return known.wrapped;
  const wrapped = await fresh();
  return db.aside(async (tx) => {
    await tx.run(sql`insert into keys.tenant_key (tenant_id, wrapped, created_at)
      values (${tenantId}, ${wrapped}, ${now}) on conflict do nothing`);
    return (await find(tx))?.wrapped ?? wrapped;
  });
}

/** Every version of a class's data key, the highest last. */
export async function dataKeyRows(db: Database, tenantId: string, keyClass: string): Promise<WrappedDataKey[]> {
  return db.aside((tx) =>
    tx.many<WrappedDataKey>(sql`select version, wrapped from keys.data_key
      where tenant_id = ${tenantId} and class = ${keyClass} order by version`),
  );
}

/** Adds a version of a class's data key unless another process was first; `also` runs in its transaction. */
export async function addDataKey(
  db: Database,
  key: { tenantId: string; class: string; version: number; wrapped: Buffer },
  now: Date,
  also?: (tx: Tx) => Promise<void>,
): Promise<void> {
  await db.aside(async (tx) => {
    const added = await tx.run(sql`insert into keys.data_key (tenant_id, class, version, wrapped, created_at)
      values (${key.tenantId}, ${key.class}, ${key.version}, ${key.wrapped}, ${now}) on conflict do nothing`);
    if (added > 0) await also?.(tx);
  });
}

/** Notes that nothing is sealed under an earlier version of a class any more. */
export async function settleDataKey(tx: Tx, tenantId: string, keyClass: string, version: number, now: Date) {
  await tx.run(sql`update keys.data_key set settled_at = coalesce(settled_at, ${now})
    where tenant_id = ${tenantId} and class = ${keyClass} and version = ${version}`);
}

/** Runs `work` while no other process of this database runs its own. It must not ask for a connection aside itself. */
export async function oneRotationAtATime<T>(db: Database, work: () => Promise<T>): Promise<T> {
  return db.aside(async (tx) => {
    await tx.run(sql`select pg_advisory_xact_lock(hashtext('tradeai.keys.rotation'))`);
    return work();
  });
}

/** Every wrapped key of a tenant. */
export async function allTenantKeys(db: Database): Promise<{ tenantId: string; wrapped: Buffer }[]> {
  return db.aside((tx) =>
    tx.many(sql`select tenant_id as "tenantId", wrapped from keys.tenant_key order by tenant_id`),
  );
}

/** Puts a key wrapped anew in the place of the same key as it was; answers whether it still was. */
export async function replaceTenantKey(tx: Tx, tenantId: string, before: Buffer, after: Buffer): Promise<boolean> {
  const replaced = await tx.run(
    sql`update keys.tenant_key set wrapped = ${after} where tenant_id = ${tenantId} and wrapped = ${before}`,
  );
  return replaced > 0;
}

/** What the keys of the database look like from outside. */
export interface DataKeyFacts {
  tenantId: string;
  class: string;
  version: number;
  createdAt: Date;
  settledAt: Date | null;
}

/** The data keys in force. */
export async function currentDataKeys(db: Database): Promise<DataKeyFacts[]> {
  return db.aside((tx) =>
    tx.many<DataKeyFacts>(sql`select distinct on (tenant_id, class) tenant_id as "tenantId", class, version,
        created_at as "createdAt", settled_at as "settledAt"
      from keys.data_key order by tenant_id, class, version desc`),
  );
}

/** Remembers, in the transaction of the erasure, that a subject's key must go. */
export async function rememberErased(tx: Tx, subjectId: string, now: Date): Promise<void> {
  await tx.run(sql`insert into keys.erased_subject (subject_id, erased_at) values (${subjectId}, ${now})
    on conflict do nothing`);
}

/** Whether the database remembers that a subject's key must be gone. */
export async function isErasedSubject(db: Database, subjectId: string): Promise<boolean> {
  const row = await db.aside((tx) => tx.maybe(sql`select from keys.erased_subject where subject_id = ${subjectId}`));
  return row !== undefined;
}

/** Whose keys must be gone. */
export async function erasedSubjects(db: Database): Promise<string[]> {
  const rows = await db.aside((tx) =>
    tx.many<{ id: string }>(sql`select subject_id as id from keys.erased_subject order by 1`),
  );
  return rows.map(({ id }) => id);
}
