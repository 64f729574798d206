import { setTimeout as sleep } from 'node:timers/promises';
import { systemActorId } from '#context';
import type { KeyClass } from './key-classes.ts';
import {
  allTenantKeys,
  currentDataKeys,
  type DataKeyFacts,
  oneRotationAtATime,
  replaceTenantKey,
  settleDataKey,
} from './key-store.ts';
import { freshMs, type Keyring, type KeyScope } from './keyring.ts';
import { readOutdated, replaceSealed, type SealedValue } from './reseal-store.ts';
import { type SealedColumn, sealedColumns } from './sealed-columns.ts';

/** What turning the key-encryption key over touched: wrapped keys only, no row. */
export interface WrappingRotation {
  tenantKeys: number;
  subjectKeys: number;
}

/**
 * Makes the next key-encryption key and wraps under it whatever an earlier one wraps. Work goes on meanwhile, and a
 * second run takes up what a killed one left. `onlyWrap`: no next version, where whoever keeps the key made one already.
 */
export async function rotateWrapping(keys: Keyring, onlyWrap = false): Promise<WrappingRotation> {
  const { db, source, subjects } = keys.inner;
  const { provider } = source;
  await keys.ready();
  const store = await subjects();
  // Of two that made the same next version, one would replace the key that the other wraps with.
  if (!onlyWrap) await oneRotationAtATime(db, () => provider.rotate());
  let tenantKeys = 0;
  for (const { tenantId, wrapped } of await allTenantKeys(db)) {
    if (await provider.isCurrent(wrapped)) continue;
    const purpose = `tenant/${tenantId}`;
    await replaceTenantKey(
      db,
      tenantId,
      wrapped,
      await provider.wrap(await provider.unwrap(wrapped, purpose), purpose),
    );
    tenantKeys += 1;
  }
  return { tenantKeys, subjectKeys: await oneRotationAtATime(db, () => store.rewrap()) };
}

/** What turning a data key over did. */
export interface DataKeyRotation {
  version: number;
  rows: number;
}

/** Rows sealed anew in one transaction: some 100 ms. */
const batchRows = 2_000;

/**
 * Makes the next data key of a class and seals every row anew under it, in batches, while others read and write: earlier
 * versions go on opening. A rotation that was cut off goes on with the rows that it had left: `again` makes no next version.
 */
export async function rotateDataKey(
  keys: Keyring,
  scope: { tenantId: string | null; class: KeyClass },
  options: {
    again?: boolean;
    columns?: readonly SealedColumn[];
    told?: (rows: number) => void;
    /** How long other processes may go on sealing under the version before. */
    otherProcessesMs?: number;
  } = {},
): Promise<DataKeyRotation> {
  const { db, clock } = keys.inner;
  const columns = (options.columns ?? sealedColumns).filter(
    (column) =>
      column.class === scope.class && column.subject === null && (column.tenant === null) === (scope.tenantId === null),
  );
  const version = options.again ? await keys.inner.currentVersion(scope) : await keys.inner.nextVersion(scope);
  const quietMs = options.otherProcessesMs ?? freshMs + 1_000;
  const madeAtMs = performance.now();
  let rows = 0;
  for (;;) {
    const startedMs = performance.now();
    let inPass = 0;
    for (const column of columns) {
      inPass += await resealColumn(keys, scope, column, version, (count) => options.told?.(rows + count));
    }
    rows += inPass;
    // Until then another process may have sealed a row under the version before: one more look.
    const settled = startedMs - madeAtMs >= quietMs;
    if (inPass === 0 && (settled || columns.length === 0)) break;
    if (inPass === 0) await sleep(Math.max(0, quietMs - (performance.now() - madeAtMs)));
  }
  await settleDataKey(db, scope.tenantId ?? systemActorId, scope.class, version, clock.now());
  return { version, rows };
}

async function resealColumn(
  keys: Keyring,
  scope: KeyScope,
  column: SealedColumn,
  version: number,
  told: (rows: number) => void,
): Promise<number> {
  const { db } = keys.inner;
  let done = 0;
  let after: string | null = null;
  for (;;) {
    const from: string | null = after;
    const batch: SealedValue[] = await db.system((tx) =>
      readOutdated(tx, column, scope.tenantId, version, from, batchRows),
    );
    if (batch.length === 0) return done;
    const fresh = await Promise.all(
      batch.map(async ({ rowId, sealed }) => {
        const place = { table: column.table, column: column.column, rowId };
        return { rowId, before: sealed, after: await keys.seal(scope, place, await keys.open(scope, place, sealed)) };
      }),
    );
    done += await db.system((tx) => replaceSealed(tx, column, scope.tenantId, fresh));
    told(done);
    after = batch.at(-1)?.rowId ?? null;
  }
}

/** The data keys in force, for people who decide whether it is time. */
export async function dataKeyFacts(keys: Keyring): Promise<DataKeyFacts[]> {
  await keys.ready();
  return currentDataKeys(keys.inner.db);
}
