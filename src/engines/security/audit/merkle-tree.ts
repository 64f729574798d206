import { hash as digest } from 'node:crypto';

// A digest as text, and that as a buffer, costs half of a digest as a buffer.
const sha256 = (data: Uint8Array): Buffer => Buffer.from(digest('sha256', data, 'binary'), 'binary');

/** Hash of a leaf (RFC 9162, 2.1.1): SHA-256 of 0x00 and the leaf's UTF-8 text. */
export function leafHash(text: string): Buffer {
  return sha256(Buffer.from(`\0${text}`));
}

const inner = Buffer.alloc(65, 1);

/** Hash of an inner node (RFC 9162, 2.1.1): SHA-256 of 0x01 and its two children. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  inner.set(left, 1);
  inner.set(right, 33);
  return sha256(inner);
}

/** Root of a tree without leaves. */
export const emptyRoot = sha256(Buffer.alloc(0));

/** A full subtree of 2^level leaves, the `position`-th of its size from the left. */
export interface Subtree {
  level: number;
  position: number;
}

/**
 * The right edge of a growing tree: the roots of the full subtrees it consists of. Appending costs one hash on average,
 * the root O(log n).
 */
export class Frontier {
  size: number;
  readonly #roots: Buffer[];

  /** Goes on where {@link bytes} stood; throws where they do not fit the size. */
  constructor(size = 0, bytes: Buffer = Buffer.alloc(0)) {
    this.size = size;
    this.#roots = Array.from({ length: bytes.length / 32 }, (_, at) => bytes.subarray(at * 32, at * 32 + 32));
    if (bytes.length !== 32 * ones(size)) throw new Error('the frontier does not fit the size of its tree');
  }

  /** Adds a leaf; `onFull` is told of each subtree that it completes, smallest first (a leaf is one of level 0). */
  append(leaf: Buffer, onFull?: (subtree: Subtree, hash: Buffer) => void): void {
    let hash = leaf;
    let position = this.size;
    this.size += 1;
    for (let level = 0; ; level++) {
      onFull?.({ level, position }, hash);
      if (position % 2 === 0) break;
      hash = nodeHash(this.#roots.pop() as Buffer, hash);
      position = (position - 1) / 2;
    }
    this.#roots.push(hash);
  }

  /** The root of all leaves so far. */
  root(): Buffer {
    let root = this.#roots.at(-1) ?? emptyRoot;
    for (const left of this.#roots.slice(0, -1).reverse()) root = nodeHash(left, root);
    return root;
  }

  /** What a later {@link Frontier} goes on from. */
  bytes(): Buffer {
    return Buffer.concat(this.#roots);
  }
}

function ones(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** Root of the given leaf hashes. */
export function rootOf(leaves: Iterable<Buffer>): Buffer {
  const frontier = new Frontier();
  for (const leaf of leaves) frontier.append(leaf);
  return frontier.root();
}

/** Gives the root of a full subtree. */
export type NodeSource = (subtree: Subtree) => Buffer;

/** The largest power of two below `n` > 1. */
function splitOf(n: number): number {
  let split = 1;
  while (split * 2 < n) split *= 2;
  return split;
}

/** Root of the leaves `start` to `end` (exclusive), as the tree's recursion meets them. */
export function rangeRoot(start: number, end: number, node: NodeSource): Buffer {
  const size = end - start;
  const level = Math.log2(size);
  if (Number.isInteger(level)) return node({ level, position: start / size });
  const middle = start + splitOf(size);
  return nodeHash(rangeRoot(start, middle, node), rangeRoot(middle, end, node));
}

/** The inclusion proof of leaf `index` in the tree of the first `size` leaves (RFC 9162, 2.1.3.1), nearest node first. */
export function inclusionPath(index: number, size: number, node: NodeSource): Buffer[] {
  const path: Buffer[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      path.push(rangeRoot(middle, end, node));
      end = middle;
    } else {
      path.push(rangeRoot(start, middle, node));
      start = middle;
    }
  }
  return path.reverse();
}

/** The proof that the tree of `size` leaves begins with that of `first` leaves (RFC 9162, 2.1.4.1); 0 < first ≤ size. */
export function consistencyPath(first: number, size: number, node: NodeSource): Buffer[] {
  const path: Buffer[] = [];
  let [start, end, whole] = [0, size, true];
  while (first < end) {
    const middle = start + splitOf(end - start);
    if (first <= middle) {
      path.push(rangeRoot(middle, end, node));
      end = middle;
    } else {
      path.push(rangeRoot(start, middle, node));
      [start, whole] = [middle, false];
    }
  }
  if (!whole) path.push(rangeRoot(start, end, node));
  return path.reverse();
}
