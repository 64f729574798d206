import { setTimeout as sleep } from 'node:timers/promises';
import { KeyErasedError, versionOf } from './envelope.ts';
import { oneRotationAtATime } from './key-store.ts';
import { type Keyring, subjectFreshMs } from './keyring.ts';
import { readOfSubjects, replaceSealed, type SubjectValue } from './reseal-store.ts';
import { type SealedColumn, sealedColumns } from './sealed-columns.ts';

/** What turning the keys of subjects over did. */
export interface SubjectKeyRotation {
  /** Subjects that got a next key in this run. */
  subjects: number;
  rows: number;
}

/** Rows looked at in one transaction. */
const batchRows = 1_000;

/**
 * Gives every subject whose key was made before `madeBefore` the next one, and seals their rows anew under it, in batches,
 * while others read and write. Earlier keys stay in the key store, for what older dumps hold, and go with the subject's
 * erasure. A run that was cut off goes on when it is called with the same instant.
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
  const turned = await oneRotationAtATime(db, () => store.turnOver(madeBefore, clock.now()));
  forgetSubjects();
  const quietMs = options.otherProcessesMs ?? subjectFreshMs + 1_000;
  const madeAtMs = performance.now();
  let rows = 0;
  for (;;) {
    const startedMs = performance.now();
    let inPass = 0;
    for (const column of sealedColumns.filter(({ subject }) => subject !== null)) {
      inPass += await resealSubjects(keys, column, (count) => options.told?.(rows + inPass + count));
    }
    rows += inPass;
    // Until then another process may have sealed a row under the key before: one more look.
    if (inPass === 0 && startedMs - madeAtMs >= quietMs) return { subjects: turned, rows };
    if (inPass === 0) await sleep(Math.max(0, quietMs - (performance.now() - madeAtMs)));
  }
}

async function resealSubjects(keys: Keyring, column: SealedColumn, told: (rows: number) => void): Promise<number> {
  const { db } = keys.inner;
  let done = 0;
  let after: string | null = null;
  for (;;) {
    const from: string | null = after;
    const batch: SubjectValue[] = await db.system((tx) => readOfSubjects(tx, column, from, batchRows));
    if (batch.length === 0) return done;
    const fresh = (await Promise.all(batch.map((value) => sealedAnew(keys, column, value)))).flat();
    if (fresh.length > 0) {
      done += await db.system((tx) => replaceSealed(tx, column, undefined, fresh));
      told(done);
    }
    after = batch.at(-1)?.rowId ?? null;
  }
}

/** A value under the newest key of its subject; nothing where it is already, or where the subject was erased. */
async function sealedAnew(keys: Keyring, column: SealedColumn, { rowId, sealed, tenantId, subjectId }: SubjectValue) {
  const scope = { tenantId, class: column.class, subjectId };
  const place = { table: column.table, column: column.column, rowId };
  try {
    // First, so that nobody whose key is gone is given a new one.
    const text = await keys.open(scope, place, sealed);
    if (versionOf(sealed) === (await keys.inner.currentVersion(scope))) return [];
    return [{ rowId, before: sealed, after: await keys.seal(scope, place, text) }];
  } catch (error) {
    if (error instanceof KeyErasedError) return [];
    throw error;
  }
}
