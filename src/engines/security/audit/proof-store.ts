import { sql, type TenantTx, type Tx } from '#db';
import type { KeptEntry } from './audit-entry.ts';
import { type NodeSource, rootOf, type Subtree } from './merkle-tree.ts';
import { keptEntryColumns, keptLevels, wholeMilliseconds } from './seal-store.ts';

const nameOf = ({ level, position }: Subtree) => `${level}/${position}`;

/** Roots of kept subtrees (leaves are those of level 0) from `starts` to `ends` (exclusive), joined for each stretch. */
async function joined(
  tx: Tx,
  id: string,
  level: number,
  starts: readonly number[],
  ends: readonly number[],
): Promise<Buffer[]> {
  const stretch = sql`unnest(${starts}::bigint[], ${ends}::bigint[]) with ordinality as stretch (start, past, place)`;
  const rows = await tx.many<{ hashes: Buffer }>(
    level === 0
      ? sql`select (select string_agg(leaf_hash, '' order by seq) from audit.seal
          where tenant_id = ${id} and seq >= start and seq < past) as hashes from ${stretch} order by place`
      : sql`select (select string_agg(hash, '' order by position) from audit.node
          where tenant_id = ${id} and level = ${level} and position >= start and position < past) as hashes
        from ${stretch} order by place`,
  );
  return rows.map(({ hashes }) => hashes);
}

function* pieces(hashes: Buffer): Generator<Buffer> {
  for (let at = 0; at < hashes.length; at += 32) yield hashes.subarray(at, at + 32);
}

/**
 * Runs `make` with the roots of the full subtrees that it asks for: a query for each kept level, at most 256 rows of it
 * for each root, however many entries there are.
 */
export async function withNodes<T>(tx: TenantTx, make: (node: NodeSource) => T): Promise<T> {
  return withNodesOf(tx, tx.context.tenant.id, make);
}

/** {@link withNodes} for transactions of the system's role. */
export async function withNodesOf<T>(tx: Tx, tenantId: string, make: (node: NodeSource) => T): Promise<T> {
  const wanted = new Map<string, Subtree>();
  make((subtree) => {
    wanted.set(nameOf(subtree), subtree);
    return Buffer.alloc(32);
  });
  const found = new Map<string, Buffer>();
  const kept = ({ level }: Subtree) => level - (level % keptLevels);
  for (const level of new Set([...wanted.values()].map(kept))) {
    const ofLevel = [...wanted.values()].filter((subtree) => kept(subtree) === level);
    const widths = ofLevel.map((subtree) => 2 ** (subtree.level - level));
    const starts = ofLevel.map(({ position }, at) => position * (widths[at] ?? 1));
    const ends = starts.map((start, at) => start + (widths[at] ?? 1));
    const hashes = await joined(tx, tenantId, level, starts, ends);
    ofLevel.forEach((subtree, at) => {
      found.set(nameOf(subtree), rootOf(pieces(hashes[at] ?? Buffer.alloc(0))));
    });
  }
  return make((subtree) => found.get(nameOf(subtree)) as Buffer);
}

/** The place of an entry in the sequence; undefined where it has none yet. */
export async function findSeal(
  tx: TenantTx,
  entryId: string,
): Promise<{ seq: number; at: Date; retentionClass: string } | undefined> {
  const row = await tx.maybe<{ seq: string; at: Date; retentionClass: string }>(sql`
    select seq, at, retention_class as "retentionClass" from audit.seal
    where tenant_id = ${tx.context.tenant.id} and entry_id = ${entryId}`);
  return row && { ...row, seq: Number(row.seq) };
}

/** An entry with all its members; undefined where there is none. */
export async function findKeptEntry(tx: TenantTx, id: string): Promise<KeptEntry | undefined> {
  const row = await tx.maybe<KeptEntry>(sql`select ${sql.raw(keptEntryColumns)} from audit.entry e
    where e.tenant_id = ${tx.context.tenant.id} and e.id = ${id}`);
  return row && { ...row, at: wholeMilliseconds(row.at) };
}

/** The size of the newest checkpoint; 0 where there is none. */
export async function treeSize(tx: TenantTx): Promise<number> {
  const row = await tx.maybe<{ size: string }>(
    sql`select size from audit.tree where tenant_id = ${tx.context.tenant.id}`,
  );
  return Number(row?.size ?? 0);
}

/** A leaf with its entry, or with what stays of it when the entry was dropped. */
export interface SequenceRow {
  seq: number;
  leafHash: string;
  at: Date;
  retentionClass: string;
  entry: KeptEntry | undefined;
}

/** The leaves from `from` to `to` (exclusive) in their order, at most `limit`. */
export async function readSequence(tx: TenantTx, from: number, to: number, limit: number): Promise<SequenceRow[]> {
  const rows = await tx.many<KeptEntry & { seq: string; leafHash: string; sealedAt: Date; sealedClass: string }>(sql`
    select s.seq, encode(s.leaf_hash, 'base64') as "leafHash", s.at as "sealedAt", s.retention_class as "sealedClass",
      ${sql.raw(keptEntryColumns)}
    from (select * from audit.seal where tenant_id = ${tx.context.tenant.id} and seq >= ${from} and seq < ${to}
      order by seq limit ${limit}) s
    left join audit.entry e on e.tenant_id = s.tenant_id and e.id = s.entry_id and e.at = s.at
      and e.retention_class = s.retention_class order by s.seq`);
  return rows.map(({ seq, leafHash, sealedAt, sealedClass, ...entry }) => ({
    ...{ seq: Number(seq), leafHash: leafHash.replaceAll('\n', ''), at: sealedAt, retentionClass: sealedClass },
    entry: entry.id ? { ...entry, at: wholeMilliseconds(entry.at) } : undefined,
  }));
}

/** The places of the first and after the last sealed entry between two instants (the second exclusive). */
export async function placesBetween(
  tx: TenantTx,
  from: string | undefined,
  to: string | undefined,
): Promise<{ from: number; to: number }> {
  const row = await tx.one<{
    from: string | null;
    to: string | null;
  }>(sql`select min(seq) as "from", max(seq) + 1 as "to"
    from audit.seal where tenant_id = ${tx.context.tenant.id} and at >= ${from ?? '-infinity'}::timestamptz
      and at < ${to ?? 'infinity'}::timestamptz`);
  return { from: Number(row.from ?? 0), to: Number(row.to ?? 0) };
}
