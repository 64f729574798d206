import { stat } from 'node:fs/promises';
import type { Tx } from '#db';
import { acceptedRestores, type TreeHead } from './accepted-restores.ts';
import { readAllNotes } from './checkpoint-places.ts';
import { emptyRoot, rangeRoot } from './merkle-tree.ts';
import { withNodesOf } from './proof-store.ts';
import { parseCheckpoint, parseNote, verifyNote } from './signed-note.ts';
import { signingKeyNamed } from './signing-keys.ts';

/** The database holds less than, or something else than, what was signed outside of it: it was put back. */
export class RolledBackError extends Error {
  override name = 'RolledBackError';
}

/** Notes of a tenant that are remembered while a file is read: the last genuine one counts, whatever was appended after it. */
const lastNotes = 20;

/** The root of the first `size` leaves as the database has them now. */
async function rootAt(tx: Tx, tenantId: string, size: number): Promise<Buffer> {
  if (size === 0) return emptyRoot;
  return withNodesOf(tx, tenantId, (node) => rangeRoot(0, size, node));
}

/** Whether the tree of the database begins with a head that was signed. */
async function goesOnFrom(tx: Tx, tenantId: string, tree: TreeHead, head: TreeHead): Promise<boolean> {
  if (tree.size < head.size) return false;
  const root = tree.size === head.size ? tree.root : await rootAt(tx, tenantId, head.size);
  return root.equals(head.root);
}

/**
 * What a process knows from outside of the database about how far each trail was signed: from the checkpoint file, which
 * several processes may share, and from its own signatures. Nothing is signed behind or beside it.
 */
export class OutsideFloor {
  readonly #secretKey: string;
  readonly #heads = new Map<string, TreeHead>();
  #readTo = 0;

  constructor(secretKey: string) {
    this.#secretKey = secretKey;
  }

  /** Takes the last genuine checkpoint of each tenant from what was added to a file since; ENOENT where there is none. */
  async read(file: string): Promise<void> {
    const { size } = await stat(file);
    // Shorter than it was: another file stands in its place.
    if (size < this.#readTo) this.#readTo = 0;
    if (size === this.#readTo) return;
    const last = new Map<string, string[]>();
    for await (const { tenantId, note, end } of readAllNotes(file, this.#readTo)) {
      this.#readTo = end;
      last.set(tenantId, [...(last.get(tenantId) ?? []).slice(1 - lastNotes), note]);
    }
    for (const notes of last.values()) {
      const genuine = notes.findLast((note) => this.#isGenuine(note));
      if (genuine) this.keep(genuine);
    }
  }

  #isGenuine(note: string): boolean {
    const parsed = parseNote(note);
    const key = parsed && signingKeyNamed(this.#secretKey, parsed.keyName);
    return key !== undefined && verifyNote(parsed as NonNullable<typeof parsed>, key);
  }

  /** Remembers a checkpoint that this process has signed or found genuine. */
  keep(note: string): void {
    const said = parseCheckpoint(parseNote(note)?.text ?? '');
    if (said) this.#heads.set(said.tenantId, { size: said.size, root: said.root });
  }

  /** The tenants of whose trail something genuine is known. */
  tenants(): string[] {
    return [...this.#heads.keys()];
  }

  /** The checkpoint beyond the tree of the database that nobody has accepted to lose; undefined where it goes on from it. */
  async ahead(tx: Tx, tenantId: string, tree: TreeHead): Promise<TreeHead | undefined> {
    const head = this.#heads.get(tenantId);
    if (!head) return undefined;
    if (await goesOnFrom(tx, tenantId, tree, head)) {
      this.#heads.set(tenantId, tree);
      return undefined;
    }
    for (const accepted of await acceptedRestores(tx, this.#secretKey, tenantId)) {
      const same = accepted.outside.size === head.size && accepted.outside.root.equals(head.root);
      if (!same || !(await goesOnFrom(tx, tenantId, tree, accepted.tree))) continue;
      this.#heads.set(tenantId, accepted.tree);
      return undefined;
    }
    return head;
  }

  /** Throws {@link RolledBackError} where something would be signed behind or beside what is known outside. */
  async require(tx: Tx, tenantId: string, tree: TreeHead): Promise<void> {
    const head = await this.ahead(tx, tenantId, tree);
    if (!head) return;
    throw new RolledBackError(
      `the trail was signed outside the database at ${head.size} entries, and the database with its ${tree.size} does not go on from there: ` +
        'it was put back or altered. Nothing further is sealed until the restore is accepted (npx tradeai audit accept-restore)',
    );
  }
}
