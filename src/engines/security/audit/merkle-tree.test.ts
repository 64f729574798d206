import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  consistencyPath,
  emptyRoot,
  Frontier,
  inclusionPath,
  leafHash,
  type NodeSource,
  nodeHash,
  rootOf,
} from './merkle-tree.ts';

/** RFC 9162, 2.1.1, word for word. */
function definition(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return emptyRoot;
  if (leaves.length === 1) return leaves[0] as Buffer;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(definition(leaves.slice(0, k)), definition(leaves.slice(k)));
}

const leaves = Array.from({ length: 200 }, (_, at) => leafHash(`leaf ${at}`));
const node: NodeSource = ({ level, position }) =>
  definition(leaves.slice(position * 2 ** level, (position + 1) * 2 ** level));

/** RFC 9162, 2.1.3.2. */
function rootFromPath(index: number, size: number, leaf: Buffer, path: readonly Buffer[]): Buffer | undefined {
  let [fn, sn, root] = [index, size - 1, leaf];
  for (const hash of path) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      root = nodeHash(hash, root);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else root = nodeHash(root, hash);
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  return sn === 0 ? root : undefined;
}

test('the roots of the eight trees that implementations of RFC 9162 agree on', () => {
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const expected = [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];
  const hashes = inputs.map((hex) => leafHash(Buffer.from(hex, 'hex').toString('latin1')));
  assert.deepEqual(
    expected.map((_, at) => rootOf(hashes.slice(0, at + 1)).toString('hex')),
    expected,
  );
  assert.equal(emptyRoot.toString('hex'), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('a tree that grows leaf by leaf, stopped and taken up anywhere, has the root of the definition', () => {
  const sizes = fc.integer({ min: 0, max: leaves.length });
  fc.assert(
    fc.property(sizes, sizes, (one, other) => {
      const [stop, size] = [Math.min(one, other), Math.max(one, other)];
      const first = new Frontier();
      for (const leaf of leaves.slice(0, stop)) first.append(leaf);
      const then = new Frontier(stop, first.bytes());
      for (const leaf of leaves.slice(stop, size)) then.append(leaf);
      assert.deepEqual(then.root(), definition(leaves.slice(0, size)));
    }),
  );
  assert.throws(() => new Frontier(3, Buffer.alloc(32)), /does not fit/);
});

test('a growing tree names each full subtree once, with its root', () => {
  const frontier = new Frontier();
  const full = new Map<string, Buffer>();
  for (const leaf of leaves)
    frontier.append(leaf, ({ level, position }, hash) => full.set(`${level}/${position}`, hash));
  for (const [name, hash] of full) {
    const [level = 0, position = 0] = name.split('/').map(Number);
    assert.deepEqual(hash, node({ level, position }), name);
  }
  assert.equal(full.size, 200 + 100 + 50 + 25 + 12 + 6 + 3 + 1);
});

test('every inclusion path leads from its leaf to the root, and from no other leaf', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: leaves.length }), fc.nat(), (size, pick) => {
      const index = pick % size;
      const path = inclusionPath(index, size, node);
      const root = definition(leaves.slice(0, size));
      assert.deepEqual(rootFromPath(index, size, leaves[index] as Buffer, path), root);
      if (size > 1) assert.notDeepEqual(rootFromPath((index + 1) % size, size, leaves[index] as Buffer, path), root);
      assert.ok(path.length <= Math.ceil(Math.log2(size)));
    }),
  );
});

test('a consistency path of a tree with itself is empty, and otherwise no longer than the tree is high', () => {
  for (let size = 1; size <= 64; size++) {
    for (let first = 1; first <= size; first++) {
      const path = consistencyPath(first, size, node);
      assert.equal(path.length === 0, first === size);
      assert.ok(path.length <= Math.ceil(Math.log2(size)) + 1);
    }
  }
});
