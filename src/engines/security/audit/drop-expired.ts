import type { Clock } from '#clock';
import { idsFrom, systemActorId } from '#context';
import type { Database } from '#db';
import { confirmedStretches, livedMs, signedInstants } from './clock-history.ts';
import { droppedText, spanTree } from './dropped-record.ts';
import { doubtsOfKeeping, type KeepingInForce, readKeepingInForce } from './keeping-in-force.ts';
import { appendAudit } from './record-audit.ts';
import { verifyWithOutside } from './request-verification.ts';
import {
  dropEntries,
  hasUnsealed,
  insertDropped,
  oldestSpan,
  readKeeping,
  type Span,
  standingHolds,
  tenantsWithTrail,
} from './retention-store.ts';
import { signNote } from './signed-note.ts';
import { currentSigningKey } from './signing-keys.ts';
import type { Doubt } from './tell-doubt.ts';

interface DropParts {
  db: Database;
  clock: Clock;
  secretKey: string;
  /** Hears why something that looks expired is not dropped. */
  onDoubt(tenantId: string, doubt: Doubt): void;
}

const dayMs = 24 * 60 * 60_000;
/** Reasons named in one telling. */
const maxNamed = 5;

async function drop(
  { db, clock, secretKey }: DropParts,
  tenantId: string,
  span: Span,
  chosen: KeepingInForce['chosen'],
) {
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
      // What was chosen is said again, since the entries that said it first may be among those that go.
      after: { ...after, root: tree.root.toString('hex'), chosen: Object.fromEntries(chosen) },
    });
    return true;
  });
}

/** Why nothing of a tenant may be dropped: what the trail says of itself does not fit, or does not verify. */
async function doubtOfTrail({ db }: DropParts, tenantId: string, keeping: KeepingInForce) {
  const doubts = await db.system((tx) => doubtsOfKeeping(tx, tenantId, keeping));
  if (doubts.length > 0) return { kind: 'keeping', because: doubts.slice(0, maxNamed).join('; ') } as const;
  const { badCount, bad } = await verifyWithOutside(db, tenantId);
  if (badCount === 0) return undefined;
  const named = bad.slice(0, maxNamed).map(({ id, reason }) => `${id}: ${reason}`);
  return { kind: 'trail', because: `${badCount} faults in the trail: ${named.join('; ')}` } as const;
}

/** Whether the house has lived through a class's time since the end of a span, and the clock was not only set so. */
async function isTimeLived({ db, clock, secretKey }: DropParts, tenantId: string, span: Span, keepDays: number) {
  const now = clock.now();
  const { signed, confirmed } = await db.system(async (tx) => ({
    signed: await signedInstants(tx, secretKey, span.endsAt),
    confirmed: await confirmedStretches(tx, secretKey, tenantId),
  }));
  return livedMs(span.endsAt, now, signed, confirmed) >= keepDays * dayMs;
}

async function dropOfTenant(parts: DropParts, tenantId: string): Promise<Span[]> {
  const { db, clock, secretKey, onDoubt } = parts;
  const gone: Span[] = [];
  if ((await db.system((tx) => standingHolds(tx, tenantId))).length > 0) return gone;
  let keeping: KeepingInForce | undefined;
  for (const { retentionClass, keepDays } of await db.system((tx) => readKeeping(tx, tenantId))) {
    for (;;) {
      const span = await db.system((tx) => oldestSpan(tx, tenantId, retentionClass));
      if (!span || span.endsAt.getTime() + keepDays * dayMs > clock.now().getTime()) break;
      if (await db.system((tx) => hasUnsealed(tx, tenantId, span))) break;
      if (!keeping) {
        // Once for all that goes now, and only when something would: it reads the whole trail.
        keeping = await db.system((tx) => readKeepingInForce(tx, secretKey, tenantId));
        const doubt = await doubtOfTrail(parts, tenantId, keeping);
        if (doubt) {
          onDoubt(tenantId, doubt);
          return gone;
        }
      }
      if (!(await isTimeLived(parts, tenantId, span, keepDays))) {
        const because = `the clock says that ${retentionClass} entries up to ${span.endsAt.toISOString()} are past their time, but it has jumped: confirm it (npx tradeai audit confirm-time) or set it right`;
        onDoubt(tenantId, { kind: 'clock', because });
        break;
      }
      if (!(await drop(parts, tenantId, span, keeping.chosen))) break;
      gone.push(span);
    }
  }
  return gone;
}

/**
 * Drops what is past its retention, a partition's span at a time, where no legal hold stands, all is sealed, the whole
 * trail verifies and backs the retention in force, and the time was lived through. The leaf hashes stay in the sequence,
 * so every root can still be computed; a signed record says what went. Answers the spans.
 */
export async function dropExpired(parts: DropParts): Promise<Span[]> {
  const gone: Span[] = [];
  for (const tenantId of await parts.db.system(tenantsWithTrail)) gone.push(...(await dropOfTenant(parts, tenantId)));
  return gone;
}
