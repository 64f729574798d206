import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type Database, sql, type TenantTx, type Tx } from '#db';
import { retentionClasses } from './retention.ts';

/** A stretch of a tenant's entries that is looked at in one go; no bound: to the end of time. */
export interface Stretch {
  /** Undefined: whatever is not of a class that there is. */
  retentionClass: string | undefined;
  after: string | undefined;
  upTo: string | undefined;
}

/** Entries looked at in one go: a transaction far below a second, and some 15 MB. */
const stretchSize = 20_000;

/** Every stretch of a tenant's trail: together they are the whole of it, whatever instants stand in it. */
export async function* stretches(db: Database, tenantId: string): AsyncGenerator<Stretch> {
  for (const retentionClass of retentionClasses) {
    for (let after: string | undefined; ; ) {
      const end = await db.read({ tenant: { id: tenantId } }, (tx) =>
        // By the instant and not by its text, which no index is sorted by.
        tx.maybe<{ at: string }>(sql`select at::text as at from audit.seal seal
          where tenant_id = ${tenantId} and retention_class = ${retentionClass} and at > ${after ?? '-infinity'}::timestamptz
          order by seal.at offset ${stretchSize - 1} limit 1`),
      );
      yield { retentionClass, after, upTo: end?.at };
      if (!end) break;
      after = end.at;
    }
  }
  yield { retentionClass: undefined, after: undefined, upTo: undefined };
}

/** What is authenticated of an entry beside its tenant, in the order of canonical JSON; instants in UTC. */
const authenticatedColumns = `e.action, e.actor_id, e.after, e.at at time zone 'UTC', e.before, e.entity_id, e.entity_type, e.id,
  e.on_behalf_of, e.reason, e.request_id`;

/** The rows of a stretch in COPY's text format: each seal with its entry, seals without one, entries without a seal. */
export async function copyEntries(tx: TenantTx, stretch: Stretch): Promise<Uint8Array<ArrayBuffer>> {
  const { retentionClass, after, upTo } = stretch;
  const tenant = pg.escapeLiteral(tx.context.tenant.id);
  const own = retentionClass
    ? `retention_class = ${pg.escapeLiteral(retentionClass)}`
    : `retention_class <> all ('{${retentionClasses.join()}}')`;
  const from = after === undefined ? '' : ` and at > ${pg.escapeLiteral(after)}`;
  const to = upTo === undefined ? '' : ` and at <= ${pg.escapeLiteral(upTo)}`;
  const where = `tenant_id = ${tenant} and ${own}${from}${to}`;
  // Instants as ISO text, whatever the database is set to.
  await tx.run(sql`set local datestyle to iso`);
  const stream = tx.client.query(
    copyTo(`copy (select case when e.id is null then s.entry_id end,
        case when e.id is null then to_char(s.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end,
        case when e.id is null then s.retention_class end, encode(s.leaf_hash, 'hex'),
        case when s.entry_id is null then exists (select from audit.unsealed w where w.tenant_id = ${tenant} and w.entry_id = e.id) end,
        e.id, ${authenticatedColumns}, e.mac_version, encode(e.mac, 'hex'), e.retention_class
      from (select entry_id, at, retention_class, leaf_hash from audit.seal where ${where}) s
      full join (select * from audit.entry where ${where}) e
        on e.id = s.entry_id and e.at = s.at and e.retention_class = s.retention_class) to stdout`),
  );
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  // The stream ends before the server has said that it is done, and only then the connection is free again.
  await tx.run(sql`select`);
  // Memory of its own, which a thread can be given.
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Entries that wait for their seal by the list of those, and are not there; at most 1 000. */
export async function readWaitingForNothing(tx: TenantTx): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`select u.entry_id as id from audit.unsealed u
    where u.tenant_id = ${tx.context.tenant.id} and not exists (select from audit.entry e
      where e.tenant_id = u.tenant_id and e.id = u.entry_id)
    limit 1000`);
  return rows.map(({ id }) => id);
}

/** How far a tenant's tree goes: its size, its right edge, and the size of the newest checkpoint. */
export interface TreeState {
  size: number;
  frontier: Buffer;
  newestCheckpoint: number;
}

/** The state of the tree as of one moment. */
export async function readTree(tx: TenantTx): Promise<TreeState> {
  const { id } = tx.context.tenant;
  const row = await tx.one<{ size: string | null; frontier: Buffer | null; newest: string | null }>(sql`
    select (select size from audit.tree where tenant_id = ${id}) as size,
      (select frontier from audit.tree where tenant_id = ${id}) as frontier,
      (select max(size) from audit.checkpoint where tenant_id = ${id}) as newest`);
  return {
    size: Number(row.size ?? 0),
    frontier: row.frontier ?? Buffer.alloc(0),
    newestCheckpoint: Number(row.newest ?? 0),
  };
}

/** Leaf hashes that follow each other in the table: how many, where they begin and end, and themselves. */
export interface LeafPage {
  count: number;
  first: number;
  last: number;
  hashes: Buffer;
}

/** The next leaf hashes from place `from` on and before `size`, at most {@link stretchSize}; undefined at the end. */
export async function readLeaves(tx: TenantTx, from: number, size: number): Promise<LeafPage | undefined> {
  const row = await tx.one<{ count: string; first: string | null; last: string; hashes: Buffer }>(sql`
    select count(*) as count, min(seq) as first, max(seq) as last, string_agg(leaf_hash, '' order by seq) as hashes
    from (select seq, leaf_hash from audit.seal where tenant_id = ${tx.context.tenant.id} and seq >= ${from} and seq < ${size}
      order by seq limit ${stretchSize}) page`);
  if (row.first === null) return undefined;
  return { count: Number(row.count), first: Number(row.first), last: Number(row.last), hashes: row.hashes };
}

/** Roots of full subtrees as they are stored, by level and position, from `first` to `last`. */
export async function readNodes(
  tx: TenantTx,
  level: number,
  first: number,
  last: number,
): Promise<Map<number, Buffer>> {
  const rows = await tx.many<{ position: string; hash: Buffer }>(sql`select position, hash from audit.node
    where tenant_id = ${tx.context.tenant.id} and level = ${level} and position between ${first} and ${last}`);
  return new Map(rows.map(({ position, hash }) => [Number(position), hash]));
}

/** Checkpoints read at once. */
const checkpointPage = 2_000;

/** A checkpoint as it is stored. */
export interface StoredCheckpoint {
  size: number;
  at: Date;
  note: string;
}

/** The checkpoints of more than `beyond` and up to `size` entries, smallest first. */
export async function* readCheckpoints(
  db: Database,
  tenantId: string,
  size: number,
  beyond = 0,
): AsyncGenerator<StoredCheckpoint> {
  for (let after = beyond; ; ) {
    const rows = await db.read({ tenant: { id: tenantId } }, (tx: Tx) =>
      tx.many<{ size: string; at: Date; note: string }>(sql`select size, at, note from audit.checkpoint
        where tenant_id = ${tenantId} and size > ${after} and size <= ${size} order by size limit ${checkpointPage}`),
    );
    for (const row of rows) yield { ...row, size: Number(row.size) };
    if (rows.length < checkpointPage) return;
    after = Number(rows.at(-1)?.size);
  }
}

/** Checkpoints, newest first: one more than `limit` where there are more. */
export async function listCheckpoints(
  tx: TenantTx,
  { limit, before, size }: { limit: number; before?: number | undefined; size?: number | undefined },
): Promise<StoredCheckpoint[]> {
  const rows = await tx.many<{ size: string; at: Date; note: string }>(sql`select size, at, note from audit.checkpoint
    where tenant_id = ${tx.context.tenant.id} and size < coalesce(${before ?? null}::bigint, 9223372036854775807)
      and size = coalesce(${size ?? null}::bigint, size) order by size desc limit ${limit + 1}`);
  return rows.map((row) => ({ ...row, size: Number(row.size) }));
}
