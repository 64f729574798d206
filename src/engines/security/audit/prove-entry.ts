import type { TenantTx } from '#db';
import { notFound, Problem } from '#problem';
import { inclusionPath } from './merkle-tree.ts';
import { findSeal, treeSize, withNodes } from './proof-store.ts';

/** That an entry is the leaf `leafIndex` of the tree of `treeSize` entries (RFC 9162, 2.1.3.1). */
export interface InclusionProof {
  leafIndex: number;
  treeSize: number;
  /** The hashes of the path, 32 bytes each, nearest first, as base64 of them all: below 1 KB up to 4 million entries. */
  path: string;
}

/** The inclusion proof of an entry under the newest checkpoint. Throws `not_found` where it is not sealed (yet). */
export async function proveEntry(tx: TenantTx, entryId: string): Promise<InclusionProof> {
  const seal = (await findSeal(tx, entryId)) ?? notFound('sealed audit entry', entryId);
  const size = await treeSize(tx);
  if (seal.seq >= size) throw new Problem('not_found', { detail: 'The sequence ends before this entry.' });
  const path = await withNodes(tx, (node) => inclusionPath(seal.seq, size, node));
  return { leafIndex: seal.seq, treeSize: size, path: Buffer.concat(path).toString('base64') };
}
