import { sql, type Tx } from '#db';
import type { KeptEntry } from './audit-entry.ts';
import { Frontier, type Subtree } from './merkle-tree.ts';

/** The members of a {@link KeptEntry} as columns of `audit.entry e`, as COPY and queries take them. */
export const keptEntryColumns = `e.tenant_id as "tenantId", e.id,
  coalesce(to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '') as at, e.actor_id as "actorId",
  e.on_behalf_of as "onBehalfOf", e.action, e.entity_type as "entityType", e.entity_id as "entityId",
  e.before::text as before, e.after::text as after, e.reason, e.request_id as "requestId",
  e.mac_version as "macVersion", encode(e.mac, 'hex') as mac, e.retention_class as "retentionClass"`;

/** An instant as it was authenticated: in whole milliseconds. Anything finer was put there by someone else, and stays. */
export const wholeMilliseconds = (at: string): string => at.replace(/000Z$/, 'Z');

/** Every 8th level of the tree is kept: proofs read at most 256 rows of each. */
export const keptLevels = 8;

/** An entry's leaf with what the sequence keeps of it. */
export interface NewSeal {
  entryId: string;
  /** As the database wrote it. */
  at: string;
  retentionClass: string;
  leafHash: Buffer;
}

/** Tenants with entries that wait for their seal. */
export async function tenantsToSeal(tx: Tx): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(
    sql`select distinct tenant_id as id from audit.unsealed where not refused`,
  );
  return rows.map(({ id }) => id);
}

/** A tenant's tree, locked; undefined where another process is at it. */
export async function lockTree(tx: Tx, tenantId: string): Promise<Frontier | undefined> {
  await tx.run(sql`insert into audit.tree values (${tenantId}, 0, '') on conflict do nothing`);
  const row = await tx.maybe<{ size: string; frontier: Buffer }>(
    sql`select size, frontier from audit.tree where tenant_id = ${tenantId} for update skip locked`,
  );
  return row && new Frontier(Number(row.size), row.frontier);
}

/** How far a tenant's tree goes, and its root. */
export async function readHead(tx: Tx, tenantId: string): Promise<{ size: number; root: Buffer }> {
  const row = await tx.maybe<{ size: string; frontier: Buffer }>(
    sql`select size, frontier from audit.tree where tenant_id = ${tenantId}`,
  );
  const frontier = new Frontier(Number(row?.size ?? 0), row?.frontier);
  return { size: frontier.size, root: frontier.root() };
}

/** The tree of each tenant, an empty one where it has none, as it is stored: it may not fit together. */
export async function readTrees(tx: Tx): Promise<{ tenantId: string; size: string; frontier: Buffer }[]> {
  return tx.many(sql`select tenant.id as "tenantId", coalesce(size, 0) as size, coalesce(frontier, '') as frontier
    from identity.tenant left join audit.tree on tenant_id = tenant.id`);
}

/** The note of the checkpoint at `size`. */
export async function checkpointAt(tx: Tx, tenantId: string, size: number): Promise<string | undefined> {
  const row = await tx.maybe<{ note: string }>(
    sql`select note from audit.checkpoint where tenant_id = ${tenantId} and size = ${size}`,
  );
  return row?.note;
}

/** The longest waiting entries, and the instant of each as text to the microsecond. */
export async function entriesToSeal(tx: Tx, tenantId: string, limit: number): Promise<KeptEntry[]> {
  // Each entry by its key, in the order of those that wait: as a plain join the planner reads and sorts the whole of both.
  return tx.many<KeptEntry>(sql`select ${sql.raw(keptEntryColumns)} from audit.unsealed u
    join lateral (select * from audit.entry e where e.tenant_id = u.tenant_id and e.id = u.entry_id and e.at = u.at
      and e.retention_class = u.retention_class limit 1) e on true
    where u.tenant_id = ${tenantId} and not u.refused order by u.at, u.entry_id limit ${limit}`);
}

/** An entry that a process has committed. */
export interface WrittenEntry {
  id: string;
  tenantId: string;
  action: string;
}

/** Which of these have no seal and are not there any more to get one. */
export async function findLost(tx: Tx, entries: readonly WrittenEntry[]): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`select id
    from unnest(${entries.map(({ tenantId }) => tenantId)}::uuid[], ${entries.map(({ id }) => id)}::uuid[]) as written (tenant_id, id)
    where not exists (select from audit.seal s where s.tenant_id = written.tenant_id and s.entry_id = written.id)
      and not exists (select from audit.unsealed u
        join audit.entry e on e.tenant_id = u.tenant_id and e.id = u.entry_id and e.at = u.at
          and e.retention_class = u.retention_class
        where u.tenant_id = written.tenant_id and u.entry_id = written.id)`);
  return rows.map(({ id }) => id);
}

/** Leaves entries unsealed for good, since they are not what the product wrote. */
export async function refuseEntries(tx: Tx, tenantId: string, ids: readonly string[]): Promise<void> {
  await tx.run(sql`update audit.unsealed set refused = true where tenant_id = ${tenantId} and entry_id = any (${ids})`);
}

/** Appends to the sequence from `first` on, and takes the entries from those that wait. */
export async function insertSeals(tx: Tx, tenantId: string, first: number, seals: readonly NewSeal[]): Promise<void> {
  const column = <Key extends keyof NewSeal>(key: Key) => seals.map((seal) => seal[key]);
  await tx.run(sql`with gone as (
      delete from audit.unsealed where tenant_id = ${tenantId} and entry_id = any (${column('entryId')}::uuid[]))
    insert into audit.seal (tenant_id, seq, entry_id, at, retention_class, leaf_hash)
    select ${tenantId}, ${first}::bigint + place - 1, entry_id, at, class, hash
    from unnest(${column('entryId')}::uuid[], ${column('at')}::timestamptz[], ${column('retentionClass')}::text[],
      ${column('leafHash')}::bytea[]) with ordinality as new (entry_id, at, class, hash, place)`);
}

/** A full subtree and its root. */
export interface Node extends Subtree {
  hash: Buffer;
}

/** Keeps the roots of full subtrees. */
export async function insertNodes(tx: Tx, tenantId: string, nodes: readonly Node[]): Promise<void> {
  if (nodes.length === 0) return;
  await tx.run(sql`insert into audit.node select ${tenantId}, * from unnest(${nodes.map(({ level }) => level)}::smallint[],
    ${nodes.map(({ position }) => position)}::bigint[], ${nodes.map(({ hash }) => hash)}::bytea[])`);
}

/** Keeps where the tree goes on, and the signed checkpoint of it. */
export async function keepCheckpoint(
  tx: Tx,
  tenantId: string,
  frontier: Frontier,
  checkpoint: { at: string; note: string },
): Promise<void> {
  const { size } = frontier;
  await tx.run(sql`update audit.tree set size = ${size}, frontier = ${frontier.bytes()} where tenant_id = ${tenantId}`);
  await tx.run(sql`insert into audit.checkpoint values (${tenantId}, ${size}, ${checkpoint.at}, ${checkpoint.note})`);
}

/** The newest checkpoint of each tenant. */
export async function newestCheckpoints(tx: Tx): Promise<string[]> {
  const rows = await tx.many<{ note: string }>(
    sql`select note from audit.checkpoint join audit.tree using (tenant_id, size) order by tenant_id`,
  );
  return rows.map(({ note }) => note);
}
