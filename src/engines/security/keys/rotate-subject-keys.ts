import { setTimeout as sleep } from 'node:timers/promises';
import { KeyErasedError, SealError, versionOf } from './envelope.ts';
import { isErasedSubject, oneRotationAtATime } from './key-store.ts';
import { type Keyring, subjectFreshMs } from './keyring.ts';
import { readOfSubjects, replaceSealed, type SubjectValue } from './reseal-store.ts';
import { type SealedColumn, sealedColumns } from './sealed-columns.ts';
import { type DamagedValue, damagedSubject, placeOf, tellRotation, tellRotationEnded } from './tell-rotation.ts';

/** What turning the keys of subjects over did. */
export interface SubjectKeyRotation {
  /** Subjects that got a next key in this run. */
  subjects: number;
  rows: number;
  /** Values and keys that do not open; the others were turned over. */
  damaged: DamagedValue[];
}

/** Rows looked at in one transaction. */
const batchRows = 1_000;

/**
 * Gives every subject whose key was made before `madeBefore` the next one, and seals their rows anew under it, in batches,
 * while others read and write. Earlier keys stay in the key store, for what older dumps hold, and go with the subject's
 * erasure. A run that was cut off goes on when it is called with the same instant. Every tenant's trail says so.
 */
export async function rotateSubjectKeys(
  keys: Keyring,
  madeBefore: Date,
  options: {
    told?: (rows: number) => void;
    /** How long other processes may go on sealing under the key before. */
    otherProcessesMs?: number;
  } = {},
): Promise<SubjectKeyRotation> {
  const { db, clock, subjects, forgetSubjects } = keys.inner;
  const store = await subjects();
  const turned = 'subjects';
  const after = { madeBefore: madeBefore.toISOString() };
  await db.aside((tx) => tellRotation(tx, clock, null, { keys: turned, happened: 'rotation_started', after }));
  const damaged = new Map<string, DamagedValue>();
  const onDamaged = (one: DamagedValue) => void damaged.set(placeOf(one), one);
  const turnedOver = await oneRotationAtATime(db, () =>
    store.turnOver(madeBefore, clock.now(), (id) => onDamaged(damagedSubject(id))),
  );
  forgetSubjects();
  const quietMs = options.otherProcessesMs ?? subjectFreshMs + 1_000;
  const madeAtMs = performance.now();
  let rows = 0;
  for (;;) {
    const startedMs = performance.now();
    let inPass = 0;
    for (const column of sealedColumns.filter(({ subject }) => subject !== null)) {
      inPass += await resealSubjects(keys, column, {
        told: (count) => options.told?.(rows + inPass + count),
        onDamaged,
      });
    }
    rows += inPass;
    // Until then another process may have sealed a row under the key before: one more look.
    if (inPass === 0 && startedMs - madeAtMs >= quietMs) break;
    if (inPass === 0) await sleep(Math.max(0, quietMs - (performance.now() - madeAtMs)));
  }
  const found = [...damaged.values()];
  const counts = { ...after, subjects: turnedOver, rows };
  await db.aside((tx) => tellRotationEnded(tx, clock, null, { keys: turned, after: counts, damaged: found }));
  return { subjects: turnedOver, rows, damaged: found };
}

async function resealSubjects(
  keys: Keyring,
  column: SealedColumn,
  { told, onDamaged }: { told: (rows: number) => void; onDamaged: (value: DamagedValue) => void },
): Promise<number> {
  const { db } = keys.inner;
  let done = 0;
  let after: string | null = null;
  for (;;) {
    const from: string | null = after;
    const batch: SubjectValue[] = await db.system((tx) => readOfSubjects(tx, column, from, batchRows));
    if (batch.length === 0) return done;
    const fresh = (await Promise.all(batch.map((value) => sealedAnew(keys, column, value, onDamaged)))).flat();
    if (fresh.length > 0) {
      done += await db.system((tx) => replaceSealed(tx, column, undefined, fresh));
      told(done);
    }
    after = batch.at(-1)?.rowId ?? null;
  }
}

/** A value under the newest key of its subject; nothing where it is already, where the subject was erased, or where it does not open. */
async function sealedAnew(
  keys: Keyring,
  column: SealedColumn,
  { rowId, sealed, tenantId, subjectId }: SubjectValue,
  onDamaged: (value: DamagedValue) => void,
) {
  const scope = { tenantId, class: column.class, subjectId };
  const place = { table: column.table, column: column.column, rowId };
  try {
    // First, so that nobody whose key is gone is given a new one.
    const text = await keys.open(scope, place, sealed);
    if (versionOf(sealed) === (await keys.inner.currentVersion(scope))) return [];
    return [{ rowId, before: sealed, after: await keys.seal(scope, place, text) }];
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    if (!(error instanceof KeyErasedError && (await isErased(keys, subjectId)))) {
      onDamaged({ ...place, tenantId, subjectId });
    }
    return [];
  }
}

/** Whether a subject has no keys since it was erased: else one is missing that should be there. */
async function isErased(keys: Keyring, subjectId: string): Promise<boolean> {
  const { db, subjects } = keys.inner;
  if (await isErasedSubject(db, subjectId)) return true;
  return (await (await subjects()).erased()).includes(subjectId);
}
