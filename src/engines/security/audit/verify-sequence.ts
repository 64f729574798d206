import type { Database } from '#db';
import type { AcceptedRestore } from './accepted-restores.ts';
import { Frontier, type Subtree } from './merkle-tree.ts';
import { keptLevels } from './seal-store.ts';
import { type Checkpoint, parseCheckpoint, parseNote, verifyNote } from './signed-note.ts';
import type { KeyRecord } from './signing-keys.ts';
import type { Report } from './verify-audit.ts';
import { readCheckpoints, readLeaves, readNodes, type TreeState } from './verify-store.ts';

interface SequenceParts {
  db: Database;
  tenantId: string;
  tree: TreeState;
  keys: readonly KeyRecord[];
  /** Checkpoints from outside, by size. */
  outside: Map<number, string[]>;
  report: Report;
}

interface SignedCheckpoint extends Checkpoint {
  generation: number;
}

function readSigned(note: string, tenantId: string, keys: readonly KeyRecord[]): SignedCheckpoint | undefined {
  const parsed = parseNote(note);
  const said = parsed && parseCheckpoint(parsed.text);
  const signer = parsed && keys.find((key) => verifyNote(parsed, key));
  return signer && said?.tenantId === tenantId ? { ...said, generation: signer.generation } : undefined;
}

/** Whether a checkpoint is of what was lost in a restore that somebody accepted. */
function isGivenUp({ size, at }: Checkpoint, accepted: readonly AcceptedRestore[]): boolean {
  return accepted.some((one) => size > one.tree.size && size <= one.outside.size && new Date(at) <= one.at);
}

/** Checkpoints from outside by size; what is none is reported, what a restore has given up is left out. */
export async function readOutside(
  against: AsyncIterable<string> | Iterable<string>,
  accepted: readonly AcceptedRestore[],
  report: Report,
): Promise<Map<number, string[]>> {
  const outside = new Map<number, string[]>();
  for await (const note of against) {
    const said = parseCheckpoint(parseNote(note)?.text ?? '');
    if (said && isGivenUp(said, accepted)) continue;
    const size = said?.size;
    const known = outside.get(size ?? 0) ?? [];
    if (size === undefined) report('outside', 'not a checkpoint');
    else if (!known.includes(note)) outside.set(size, [...known, note]);
  }
  return outside;
}

/** Walks the sequence once, leaf by leaf, and holds it against everything that was signed about it. */
export async function verifySequence(parts: SequenceParts): Promise<{ checkpoints: number; outside: number }> {
  const { db, tenantId, tree, keys, outside, report } = parts;
  const frontier = new Frontier();
  const checkpoints = readCheckpoints(db, tenantId, tree.size);
  let next = await checkpoints.next();
  let generation = 0;
  const counted = { checkpoints: 0, outside: 0 };
  /** What the database says of the present size, and whether something else was said outside. */
  const compare = async (): Promise<void> => {
    const { size } = frontier;
    const stored = !next.done && next.value.size === size ? next.value.note : undefined;
    if (stored !== undefined) {
      const said = readSigned(stored, tenantId, keys);
      if (!said || said.size !== size) report(`checkpoint/${size}`, 'not as it was signed');
      else if (!said.root.equals(frontier.root())) report(`checkpoint/${size}`, 'the sequence has another root');
      else if (said.generation < generation) report(`checkpoint/${size}`, 'signed with a key that was replaced before');
      else counted.checkpoints += 1;
      generation = Math.max(generation, said?.generation ?? 0);
      next = await checkpoints.next();
    }
    for (const note of outside.get(size) ?? []) {
      counted.outside += 1;
      const said = note === stored ? undefined : readSigned(note, tenantId, keys);
      if (note !== stored && !said) report(`outside/${size}`, 'not signed by this product');
      else if (said && !said.root.equals(frontier.root())) report(`outside/${size}`, 'the sequence has another root');
    }
    outside.delete(size);
  };
  const due = () => (!next.done && next.value.size === frontier.size) || outside.has(frontier.size);
  await walk(parts, frontier, due, compare);
  if (!next.done) report(`checkpoint/${next.value.size}`, 'the sequence ends before it');
  for (const size of outside.keys()) report(`outside/${size}`, 'the sequence ends before it');
  if (frontier.size !== tree.size || tree.newestCheckpoint !== tree.size || !tree.frontier.equals(frontier.bytes())) {
    report('tree', 'where it goes on is not where the sequence ends');
  }
  return counted;
}

/** Appends every leaf and compares where something is due; stops at a gap, which is reported. */
async function walk(
  parts: SequenceParts,
  frontier: Frontier,
  due: () => boolean,
  compare: () => Promise<void>,
): Promise<void> {
  const { db, tenantId, tree, report } = parts;
  const scope = { tenant: { id: tenantId } };
  while (frontier.size < tree.size) {
    const page = await db.read(scope, (tx) => readLeaves(tx, frontier.size, tree.size));
    if (!page || page.first !== frontier.size || page.last - page.first + 1 !== page.count) {
      return report(`sequence/${frontier.size}`, 'the sequence has a gap');
    }
    if (page.hashes.length !== page.count * 32) return report(`sequence/${frontier.size}`, 'not a sequence of hashes');
    const full: (Subtree & { hash: Buffer })[] = [];
    for (let at = 0; at < page.count; at++) {
      frontier.append(page.hashes.subarray(at * 32, at * 32 + 32), (subtree, hash) => {
        if (subtree.level > 0 && subtree.level % keptLevels === 0) full.push({ ...subtree, hash });
      });
      if (due()) await compare();
    }
    await checkNodes(parts, full);
  }
}

async function checkNodes({ db, tenantId, report }: SequenceParts, full: readonly (Subtree & { hash: Buffer })[]) {
  for (const level of new Set(full.map((subtree) => subtree.level))) {
    const ofLevel = full.filter((subtree) => subtree.level === level);
    const [first, last] = [ofLevel[0]?.position ?? 0, ofLevel.at(-1)?.position ?? 0];
    const stored = await db.read({ tenant: { id: tenantId } }, (tx) => readNodes(tx, level, first, last));
    for (const { position, hash } of ofLevel) {
      if (!stored.get(position)?.equals(hash)) report(`node/${level}/${position}`, 'not the root of its subtree');
    }
  }
}
