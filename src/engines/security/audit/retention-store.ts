import type { Context } from '#context';
import { type Database, sql, type TenantTx, type Tx } from '#db';
import { type RetentionClass, retentionClasses, retentionRules } from './retention.ts';

/** Makes the partitions of this moment and of the next, where there are none. */
export async function ensurePartitions(db: Database, now: Date): Promise<void> {
  for (const one of retentionClasses) {
    for (const ahead of [sql`interval '0'`, one === 'financial' ? sql`interval '1 year'` : sql`interval '1 month'`]) {
      await db.system((tx) => tx.run(sql`select audit.ensure_partition(${one}, ${now}::timestamptz + ${ahead})`));
    }
  }
}

/** A tenant's choice for a class, in days. */
export interface Keeping {
  retentionClass: RetentionClass;
  keepDays: number;
  /** Whether that is the tenant's own choice. */
  chosen: boolean;
}

/** How long a tenant keeps each class online; never below the least, whatever somebody wrote into the database. */
export async function readKeeping(tx: Tx, tenantId: string): Promise<Keeping[]> {
  const rows = await tx.many<{ class: string; days: number }>(
    sql`select retention_class as class, keep_days as days from audit.retention where tenant_id = ${tenantId}`,
  );
  return retentionClasses.map((retentionClass) => {
    const chosen = rows.find((row) => row.class === retentionClass);
    return {
      retentionClass,
      keepDays: Math.max(
        chosen?.days ?? retentionRules[retentionClass].keepDays,
        retentionRules[retentionClass].leastDays,
      ),
      chosen: chosen !== undefined,
    };
  });
}

/** Sets how long the tenant keeps a class. */
export async function setKeeping(tx: TenantTx, retentionClass: RetentionClass, keepDays: number): Promise<void> {
  await tx.run(sql`insert into audit.retention values (${tx.context.tenant.id}, ${retentionClass}, ${keepDays})
    on conflict (tenant_id, retention_class) do update set keep_days = excluded.keep_days`);
}

/** A legal hold: while it stands, nothing of the tenant's trail is dropped. */
export interface LegalHold {
  id: string;
  reason: string;
  placedBy: string;
  placedAt: Date;
  releasedBy: string | null;
  releasedAt: Date | null;
}

const holdColumns = sql`id, reason, placed_by as "placedBy", placed_at as "placedAt", released_by as "releasedBy",
  released_at as "releasedAt"`;

/** Legal holds, newest first, at most 200. */
export async function listLegalHolds(tx: TenantTx): Promise<LegalHold[]> {
  return tx.many<LegalHold>(sql`select ${holdColumns} from audit.legal_hold
    where tenant_id = ${tx.context.tenant.id} order by placed_at desc, id limit 200`);
}

/** Places a hold. */
export async function insertLegalHold(tx: TenantTx<Context>, id: string, reason: string): Promise<LegalHold> {
  const { tenant, actor, clock } = tx.context;
  return tx.one<LegalHold>(sql`insert into audit.legal_hold (tenant_id, id, reason, placed_by, placed_at)
    values (${tenant.id}, ${id}, ${reason}, ${actor.id}, ${clock.now()}) returning ${holdColumns}`);
}

/** Releases a standing hold; undefined where there is none. */
export async function endLegalHold(tx: TenantTx<Context>, id: string): Promise<LegalHold | undefined> {
  const { tenant, actor, clock } = tx.context;
  return tx.maybe<LegalHold>(sql`update audit.legal_hold set released_by = ${actor.id}, released_at = ${clock.now()}
    where tenant_id = ${tenant.id} and id = ${id} and released_at is null returning ${holdColumns}`);
}

/** The ids of the legal holds that stand, as the database says. */
export async function standingHolds(tx: Tx, tenantId: string): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(
    sql`select id from audit.legal_hold where tenant_id = ${tenantId} and released_at is null order by id`,
  );
  return rows.map(({ id }) => id);
}

/** Entries of one class and one partition of time. */
export interface Span {
  retentionClass: string;
  startsAt: Date;
  /** Exclusive. */
  endsAt: Date;
}

/** The oldest span of a class that has sealed entries and was not dropped. */
export async function oldestSpan(tx: Tx, tenantId: string, of: RetentionClass): Promise<Span | undefined> {
  const row = await tx.one<{ startsAt: Date | null; endsAt: Date }>(sql`
    select audit.partition_start(${of}, min(at)) as "startsAt", audit.partition_end(${of}, min(at)) as "endsAt"
    from audit.seal where tenant_id = ${tenantId} and retention_class = ${of} and at >= coalesce((
      select max(ends_at) from audit.dropped where tenant_id = ${tenantId} and retention_class = ${of}), '-infinity')`);
  return row.startsAt ? { retentionClass: of, startsAt: row.startsAt, endsAt: row.endsAt } : undefined;
}

/** The instant of a tenant's oldest sealed entry; undefined where there is none. */
export async function oldestSealedAt(tx: Tx, tenantId: string): Promise<Date | undefined> {
  const { at } = await tx.one<{ at: Date | null }>(
    sql`select min(at) as at from audit.seal where tenant_id = ${tenantId}`,
  );
  return at ?? undefined;
}

/** Whether entries of a span still wait for their seal. */
export async function hasUnsealed(tx: Tx, tenantId: string, span: Span): Promise<boolean> {
  const { waits } = await tx.one<{ waits: boolean }>(sql`select exists (select from audit.unsealed
    where tenant_id = ${tenantId} and retention_class = ${span.retentionClass} and at < ${span.endsAt}) as waits`);
  return waits;
}

/** Leaf hashes of a span read at once. */
const pageSize = 20_000;

/** The leaf hashes of a span's entries in their sequence. */
export async function* spanLeaves(
  read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
  tenantId: string,
  { retentionClass, startsAt, endsAt }: Span,
): AsyncGenerator<Buffer> {
  for (let after = -1; ; ) {
    const rows = await read((tx) =>
      tx.many<{ seq: string; hash: Buffer }>(sql`select seq, leaf_hash as hash from audit.seal
        where tenant_id = ${tenantId} and retention_class = ${retentionClass} and at >= ${startsAt} and at < ${endsAt}
          and seq > ${after} order by seq limit ${pageSize}`),
    );
    for (const { hash } of rows) yield hash;
    if (rows.length < pageSize) return;
    after = Number(rows.at(-1)?.seq);
  }
}

/** Keeps the signed record of what is dropped; answers false where it was there already. */
export async function insertDropped(
  tx: Tx,
  tenantId: string,
  span: Span,
  entries: number,
  note: string,
): Promise<boolean> {
  const { retentionClass, startsAt, endsAt } = span;
  const count =
    await tx.run(sql`insert into audit.dropped values (${tenantId}, ${retentionClass}, ${startsAt}, ${endsAt},
    ${entries}, ${note}) on conflict do nothing`);
  return count === 1;
}

/** Lets go of a span's entries. */
export async function dropEntries(tx: Tx, tenantId: string, { retentionClass, startsAt }: Span): Promise<void> {
  await tx.run(sql`select audit.drop_entries(${tenantId}, ${retentionClass}, ${startsAt})`);
}

/** A record of what was dropped. */
export interface Dropped extends Span {
  entries: number;
  note: string;
}

/** What was dropped of a tenant's trail, oldest first. */
export async function readDropped(tx: Tx, tenantId: string): Promise<Dropped[]> {
  const rows = await tx.many<
    Omit<Dropped, 'entries'> & { entries: string }
  >(sql`select retention_class as "retentionClass",
      starts_at as "startsAt", ends_at as "endsAt", entries, note
    from audit.dropped where tenant_id = ${tenantId} order by starts_at, retention_class`);
  return rows.map((row) => ({ ...row, entries: Number(row.entries) }));
}

/** Tenants that have a trail. */
export async function tenantsWithTrail(tx: Tx): Promise<string[]> {
  return (await tx.many<{ id: string }>(sql`select tenant_id as id from audit.tree`)).map(({ id }) => id);
}
