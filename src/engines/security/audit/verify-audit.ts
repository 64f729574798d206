import type { Database } from '#db';
import { acceptedRestores } from './accepted-restores.ts';
import type { EntryCheck } from './check-entries.ts';
import { openLanes } from './check-lanes.ts';
import { droppedText, spanTree } from './dropped-record.ts';
import { auditSecret } from './record-audit.ts';
import { type Dropped, readDropped } from './retention-store.ts';
import { parseNote, verifyNote } from './signed-note.ts';
import { isVouchedFor, type KeyRecord, readSigningKeys, signingKey } from './signing-keys.ts';
import { readOutside, verifySequence } from './verify-sequence.ts';
import { copyEntries, readTree, readWaitingForNothing, stretches } from './verify-store.ts';

/** Something that is not as it was written: an entry by its id, or a part of the seal (`checkpoint/120`, `key/2`). */
export interface AuditFault {
  id: string;
  reason: string;
}

/** What a verification found; at most {@link maxReported} faults are named, `badCount` counts them all. */
export interface AuditVerification {
  /** Entries that are there. */
  entries: number;
  /** Length of the sequence. */
  sealed: number;
  /** Entries that wait for their seal. */
  waiting: number;
  /** Entries that were dropped after their time, under a signed record. */
  dropped: number;
  /** Checkpoints of the database with which the sequence agrees. */
  checkpoints: number;
  /** Checkpoints from outside that were compared. */
  outside: number;
  badCount: number;
  bad: AuditFault[];
}

/** What else a verification takes. */
export interface VerifyOptions {
  /** Signed checkpoints that were kept outside the database. */
  against?: AsyncIterable<string> | Iterable<string>;
}

/** Faults named in a report. */
const maxReported = 1_000;

/** Collects faults. */
export type Report = (id: string, reason: string) => void;

function checkKeys(keys: readonly KeyRecord[], secretKey: string, report: Report): KeyRecord[] {
  return keys.filter((key, at) => {
    const own = signingKey(secretKey, key.generation).publicKey.equals(key.publicKey);
    if (!own) report(`key/${key.generation}`, 'not a signing key of this product');
    else if (!isVouchedFor(key, keys[at - 1]))
      report(`key/${key.generation}`, 'the generation before does not vouch for it');
    return own;
  });
}

/** Checks each entry against its MAC and its seal; answers the seals without an entry. */
async function checkTrail(
  db: Database,
  tenantId: string,
  size: number,
  report: Report,
): Promise<Omit<EntryCheck, 'faults'>> {
  const all: Omit<EntryCheck, 'faults'> = { entries: 0, waiting: 0, missing: [] };
  const lanes = openLanes(size, { secretKey: auditSecret(), tenantId });
  const rest = stretches(db, tenantId);
  const work = async ({ check }: (typeof lanes)[number]) => {
    for (let next = await rest.next(); !next.done; next = await rest.next()) {
      const stretch = next.value;
      const found = await check(await db.read({ tenant: { id: tenantId } }, (tx) => copyEntries(tx, stretch)));
      all.entries += found.entries;
      all.waiting += found.waiting;
      all.missing.push(...found.missing);
      for (const { id, reason } of found.faults) report(id, reason);
    }
  };
  try {
    await Promise.all(lanes.map(work));
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
  return all;
}

/** Checks the records of what was dropped, and that nothing else is gone; answers how many entries were dropped. */
async function checkDropped(
  db: Database,
  tenantId: string,
  keys: readonly KeyRecord[],
  missing: EntryCheck['missing'],
  report: Report,
): Promise<number> {
  const records = await db.read({ tenant: { id: tenantId } }, (tx) => readDropped(tx, tenantId));
  for (const record of records) {
    const { retentionClass, startsAt } = record;
    const sound = await isSoundRecord(db, tenantId, keys, record);
    if (!sound) report(`dropped/${retentionClass}/${startsAt.toISOString()}`, 'not as it was signed');
  }
  const covers = (record: Dropped, { retentionClass, at }: EntryCheck['missing'][number]) =>
    record.retentionClass === retentionClass && new Date(at) >= record.startsAt && new Date(at) < record.endsAt;
  const deleted = missing.filter((seal) => !records.some((record) => covers(record, seal)));
  for (const { id } of deleted) report(id, 'missing');
  return missing.length - deleted.length;
}

async function isSoundRecord(
  db: Database,
  tenantId: string,
  keys: readonly KeyRecord[],
  record: Dropped,
): Promise<boolean> {
  const note = parseNote(record.note);
  const tree = await spanTree(db, tenantId, record);
  const at = /\ntime (\S+)\n$/.exec(note?.text ?? '')?.[1] ?? '';
  const text = droppedText(tenantId, record, { size: tree.size, root: tree.root() }, at);
  return note !== undefined && note.text === text && keys.some((key) => verifyNote(note, key));
}

/**
 * Checks a tenant's whole trail: the MAC of every entry, every seal against its entry, the sequence without a gap, the
 * tree against every signed checkpoint (each is consistent with the next), the signing keys, the records of what was
 * dropped, and checkpoints kept outside the database, which alone can tell that everything inside was put back.
 */
export async function verifyAudit(
  db: Database,
  tenantId: string,
  options: VerifyOptions = {},
): Promise<AuditVerification> {
  const result: AuditVerification = {
    ...{ entries: 0, sealed: 0, waiting: 0, dropped: 0, checkpoints: 0, outside: 0, badCount: 0, bad: [] },
  };
  const report: Report = (id, reason) => {
    result.badCount += 1;
    if (result.bad.length < maxReported) result.bad.push({ id, reason });
  };
  // In this order, since sealing goes on: what lies outside, then a tree that covers it, then the keys that signed that.
  const accepted = await db.system((tx) => acceptedRestores(tx, auditSecret(), tenantId));
  const outside = await readOutside(options.against ?? [], accepted, report);
  const tree = await db.read({ tenant: { id: tenantId } }, readTree);
  const keys = checkKeys(await db.system(readSigningKeys), auditSecret(), report);
  const [trail, sequence] = await Promise.all([
    checkTrail(db, tenantId, tree.size, report),
    verifySequence({ db, tenantId, tree, keys, outside, report }),
  ]);
  const dropped = await checkDropped(db, tenantId, keys, trail.missing, report);
  for (const id of await db.read({ tenant: { id: tenantId } }, readWaitingForNothing)) {
    report(id, 'deleted before it was sealed');
  }
  const { entries, waiting } = trail;
  return Object.assign(result, { entries, waiting, dropped, sealed: tree.size, ...sequence });
}
