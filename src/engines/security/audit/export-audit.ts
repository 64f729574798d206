import type { Database, TenantTx } from '#db';
import { consistencyPath, type NodeSource } from './merkle-tree.ts';
import { placesBetween, readSequence, type SequenceRow, treeSize, withNodes } from './proof-store.ts';
import { readDropped } from './retention-store.ts';
import { readSigningKeys } from './signing-keys.ts';
import { readCheckpoints, type StoredCheckpoint } from './verify-store.ts';

/** Which part of a trail: instants (the second exclusive); none: all of it. */
export interface AuditExportRange {
  from?: string | undefined;
  to?: string | undefined;
}

/** Entries read in one transaction. */
const pageSize = 2_000;

/** Roots of the full subtrees that the first `size` leaves consist of, largest first. */
function edgeRoots(size: number, node: NodeSource): Buffer[] {
  const roots: Buffer[] = [];
  for (let level = Math.floor(Math.log2(Math.max(size, 1))), start = 0; level >= 0; level--) {
    const width = 2 ** level;
    if (size - start < width) continue;
    roots.push(node({ level, position: start / width }));
    start += width;
  }
  return roots;
}

const lineOf = ({ seq, leafHash, at, retentionClass, entry }: SequenceRow): object =>
  entry ? { kind: 'entry', seq, entry } : { kind: 'leaf', seq, hash: leafHash, retentionClass, at: at.toISOString() };

/** Header, keys, what was dropped, and, where the export does not begin at the first entry, the edge before it. */
async function opening(tx: TenantTx, range: { from: number; to: number }): Promise<object[]> {
  const { tenant } = tx.context;
  const dropped = await readDropped(tx, tenant.id);
  const before =
    range.from === 0
      ? []
      : (await withNodes(tx, (node) => edgeRoots(range.from, node))).map((root) => root.toString('base64'));
  return [
    ...dropped.map(({ note }) => ({ kind: 'dropped', note })),
    ...(range.from === 0 ? [] : [{ kind: 'before', size: range.from, roots: before }]),
  ];
}

/**
 * A tenant's sealed trail, or a part of it, as objects of one line each: header, public keys, records of what was dropped,
 * then entries with the checkpoints among them, and a consistency proof where it ends before the newest checkpoint.
 * `verify-audit-export.mjs` checks it with nothing but the first public key.
 */
export async function* exportAudit(
  db: Database,
  tenant: { id: string; slug: string },
  now: Date,
  range: AuditExportRange = {},
): AsyncGenerator<object> {
  const scope = { tenant };
  const size = await db.read(scope, treeSize);
  const whole = range.from === undefined && range.to === undefined;
  const part = whole ? { from: 0, to: size } : await db.read(scope, (tx) => placesBetween(tx, range.from, range.to));
  const said = {
    tenantId: tenant.id,
    slug: tenant.slug,
    createdAt: now.toISOString(),
    size,
    from: part.from,
    to: part.to,
  };
  yield { kind: 'header', format: 'tradeai-audit-export', version: 1, ...said };
  for (const { generation, publicKey, voucher } of await db.system(readSigningKeys)) {
    yield { kind: 'key', generation, publicKey: publicKey.toString('base64'), voucher };
  }
  yield* await db.read(scope, (tx) => opening(tx, part));
  const checkpoints = readCheckpoints(db, tenant.id, part.to, part.from);
  let next = await checkpoints.next();
  for (let at = part.from; at < part.to; ) {
    const rows = await db.read(scope, (tx) => readSequence(tx, at, part.to, pageSize));
    if (rows.length === 0) break;
    for (const row of rows) {
      yield lineOf(row);
      if (next.done || next.value.size !== row.seq + 1) continue;
      yield { kind: 'checkpoint', note: next.value.note };
      next = await checkpoints.next();
    }
    at = (rows.at(-1)?.seq ?? at) + 1;
  }
  if (part.to < size && part.to > part.from) yield await ending(db, scope, part.to, size);
}

async function ending(db: Database, scope: { tenant: { id: string } }, first: number, size: number): Promise<object> {
  let newest: StoredCheckpoint | undefined;
  for await (const one of readCheckpoints(db, scope.tenant.id, size, size - 1)) newest = one;
  const path = await db.read(scope, (tx) => withNodes(tx, (node) => consistencyPath(first, size, node)));
  return { kind: 'consistency', path: path.map((hash) => hash.toString('base64')), note: newest?.note };
}
