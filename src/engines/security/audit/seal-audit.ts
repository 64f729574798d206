import type { Clock } from '#clock';
import type { Database, Tx } from '#db';
import { auditLeaf, type KeptEntry } from './audit-entry.ts';
import { isGenuine } from './genuine-entries.ts';
import type { Frontier } from './merkle-tree.ts';
import type { OutsideFloor } from './outside-floor.ts';
import {
  checkpointAt,
  entriesToSeal,
  insertNodes,
  insertSeals,
  keepCheckpoint,
  keptLevels,
  lockTree,
  type Node,
  refuseEntries,
  tenantsToSeal,
  wholeMilliseconds,
} from './seal-store.ts';
import { checkpointText, parseCheckpoint, parseNote, signNote, verifyNote } from './signed-note.ts';
import { currentSigningKey, readSigningKeys, type SigningKey } from './signing-keys.ts';

/** What sealing needs. */
export interface SealParts {
  db: Database;
  clock: Clock;
  secretKey: string;
  /** Entries sealed in one transaction at most; keeps it far below a second. */
  batchSize?: number;
  /** What is known outside the database: nothing is signed behind it. */
  floor?: OutsideFloor;
}

/** What a batch did. */
export interface Sealed {
  entries: number;
  /** Entries left aside because their MAC does not verify. */
  refused: number;
  /** The signed checkpoint, where something was sealed. */
  note: string | undefined;
  /** Whether more is waiting. */
  more: boolean;
}

/** The stored tree is not what was signed last: nothing further is sealed on top of it. */
export class DamagedTreeError extends Error {
  override name = 'DamagedTreeError';
}

/** Refuses a tree that is not the one under the last signed checkpoint: nobody gets a signature for what was put there. */
async function checkStart(tx: Tx, tenantId: string, frontier: Frontier): Promise<void> {
  if (frontier.size === 0) return;
  const note = parseNote((await checkpointAt(tx, tenantId, frontier.size)) ?? '');
  const said = note && parseCheckpoint(note.text);
  const keys = await readSigningKeys(tx);
  const signed = note && keys.some((key) => verifyNote(note, key));
  if (!signed || said?.tenantId !== tenantId || said.size !== frontier.size || !said.root.equals(frontier.root())) {
    throw new DamagedTreeError(
      `the audit trail of tenant ${tenantId} is not as it was signed at size ${frontier.size}`,
    );
  }
}

async function append(
  tx: Tx,
  tenantId: string,
  frontier: Frontier,
  entries: readonly (KeptEntry & { keptAt: string })[],
) {
  const first = frontier.size;
  const nodes: Node[] = [];
  const seals = entries.map((entry) => {
    const { keptAt, ...kept } = entry;
    const leafHash = auditLeaf(kept);
    frontier.append(leafHash, (subtree, hash) => {
      if (subtree.level > 0 && subtree.level % keptLevels === 0) nodes.push({ ...subtree, hash });
    });
    return { entryId: entry.id, at: keptAt, retentionClass: entry.retentionClass, leafHash };
  });
  await insertSeals(tx, tenantId, first, seals);
  await insertNodes(tx, tenantId, nodes);
}

/**
 * Gives a tenant's waiting entries their places in the sequence and signs the tree that results. Answers undefined where
 * another process is at it; throws {@link DamagedTreeError}, and `RolledBackError` where the floor is ahead.
 */
export async function sealTenant(parts: SealParts, tenantId: string): Promise<Sealed | undefined> {
  const { db, clock, secretKey, floor, batchSize = 1_000 } = parts;
  return db.system(async (tx) => {
    const frontier = await lockTree(tx, tenantId);
    if (!frontier) return undefined;
    await checkStart(tx, tenantId, frontier);
    await floor?.require(tx, tenantId, { size: frontier.size, root: frontier.root() });
    const waiting = await entriesToSeal(tx, tenantId, batchSize);
    const whole = waiting.map((entry) => ({ ...entry, at: wholeMilliseconds(entry.at), keptAt: entry.at }));
    const genuine = whole.filter(({ keptAt, ...entry }) => isGenuine(secretKey, entry));
    const kept = new Set(genuine.map(({ id }) => id));
    const refused = whole.filter(({ id }) => !kept.has(id)).map(({ id }) => id);
    if (refused.length > 0) await refuseEntries(tx, tenantId, refused);
    const sealed = { entries: genuine.length, refused: refused.length, more: waiting.length === batchSize };
    if (genuine.length === 0) return { ...sealed, note: undefined };
    await append(tx, tenantId, frontier, genuine);
    const key = await currentSigningKey(tx, secretKey, clock.now());
    return { ...sealed, note: await sign(tx, tenantId, frontier, key, clock.now().toISOString()) };
  });
}

async function sign(tx: Tx, tenantId: string, frontier: Frontier, key: SigningKey, at: string): Promise<string> {
  const text = checkpointText({ tenantId, size: frontier.size, root: frontier.root(), at });
  const note = signNote(text, key, key.privateKey);
  await keepCheckpoint(tx, tenantId, frontier, { at, note });
  return note;
}

/** Seals all that waits, of every tenant, and hands each signed checkpoint to `keep` after its commit. */
export async function sealAudit(
  parts: SealParts,
  keep: (note: string) => Promise<void>,
  onTrouble: (error: unknown, tenantId: string) => void,
): Promise<void> {
  for (const tenantId of await parts.db.system(tenantsToSeal)) {
    try {
      for (let more = true; more; ) {
        const sealed = await sealTenant(parts, tenantId);
        if (sealed?.note) {
          parts.floor?.keep(sealed.note);
          await keep(sealed.note);
        }
        if (sealed?.refused)
          onTrouble(new Error(`${sealed.refused} audit entries are not as they were written`), tenantId);
        more = sealed?.more ?? false;
      }
    } catch (error) {
      // One damaged tenant must not keep the others from being sealed.
      onTrouble(error, tenantId);
    }
  }
}
