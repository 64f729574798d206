import type { Clock } from '#clock';
import { idsFrom, systemActorId } from '#context';
import type { Database } from '#db';
import { Frontier } from './merkle-tree.ts';
import { appendAudit } from './record-audit.ts';
import {
  dropEntries,
  hasUnsealed,
  insertDropped,
  isHeld,
  oldestSpan,
  readKeeping,
  type Span,
  spanLeaves,
  tenantsWithTrail,
} from './retention-store.ts';
import { signNote } from './signed-note.ts';
import { currentSigningKey } from './signing-keys.ts';

interface DropParts {
  db: Database;
  clock: Clock;
  secretKey: string;
}

const dayMs = 24 * 60 * 60_000;

/** What a signed record of dropped entries says: so many leaves, in their sequence, have this root. */
export function droppedText(
  tenantId: string,
  { retentionClass, startsAt, endsAt }: Span,
  leaves: { size: number; root: Buffer },
  at: string,
): string {
  return (
    `tradeai/audit-dropped/${tenantId}\n${retentionClass}\n${startsAt.toISOString()} ${endsAt.toISOString()}\n` +
    `${leaves.size}\n${leaves.root.toString('base64')}\ntime ${at}\n`
  );
}

/** Size and root of a span's leaves. */
export async function spanTree(db: Database, tenantId: string, span: Span): Promise<Frontier> {
  const frontier = new Frontier();
  for await (const leaf of spanLeaves((work) => db.system(work), tenantId, span)) frontier.append(leaf);
  return frontier;
}

async function drop({ db, clock, secretKey }: DropParts, tenantId: string, span: Span): Promise<boolean> {
  const leaves = await spanTree(db, tenantId, span);
  const at = clock.now();
  return db.system(async (tx) => {
    const key = await currentSigningKey(tx, secretKey, at);
    const tree = { size: leaves.size, root: leaves.root() };
    const note = signNote(droppedText(tenantId, span, tree, at.toISOString()), key, key.privateKey);
    if (!(await insertDropped(tx, tenantId, span, leaves.size, note))) return false;
    await dropEntries(tx, tenantId, span);
    const newId = idsFrom(clock);
    const scope = { tenantId, actorId: systemActorId, requestId: newId(), at, newId };
    const after = { class: span.retentionClass, from: span.startsAt, to: span.endsAt, entries: leaves.size };
    const what = { entityType: 'audit', entityId: span.retentionClass, reason: 'past its retention' };
    await appendAudit(tx, scope, {
      action: 'audit.dropped',
      ...what,
      after: { ...after, root: tree.root.toString('hex') },
    });
    return true;
  });
}

/**
 * Drops what is past its retention, a partition's span at a time, where no legal hold stands and all is sealed. The leaf
 * hashes stay in the sequence, so every root can still be computed; a signed record says what went. Answers the spans.
 */
export async function dropExpired(parts: DropParts): Promise<Span[]> {
  const { db, clock } = parts;
  const gone: Span[] = [];
  for (const tenantId of await db.system(tenantsWithTrail)) {
    if (await db.system((tx) => isHeld(tx, tenantId))) continue;
    for (const { retentionClass, keepDays } of await db.system((tx) => readKeeping(tx, tenantId))) {
      for (;;) {
        const span = await db.system((tx) => oldestSpan(tx, tenantId, retentionClass));
        if (!span || span.endsAt.getTime() + keepDays * dayMs > clock.now().getTime()) break;
        if (await db.system((tx) => hasUnsealed(tx, tenantId, span))) break;
        if (!(await drop(parts, tenantId, span))) break;
        gone.push(span);
      }
    }
  }
  return gone;
}
