import { setTimeout as sleep } from 'node:timers/promises';
import { systemActorId } from '#context';
import type { Tx } from '#db';
import { SealError } from './envelope.ts';
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
import {
  type DamagedValue,
  damagedSubject,
  placeOf,
  type TurnedKeys,
  tellRotation,
  tellRotationEnded,
} from './tell-rotation.ts';

/** What turning the key-encryption key over touched: wrapped keys only, no row. */
export interface WrappingRotation {
  tenantKeys: number;
  subjectKeys: number;
  /** Keys that do not open; the others were wrapped anew. */
  damaged: DamagedValue[];
}

/**
 * Makes the next key-encryption key and wraps under it whatever an earlier one wraps. Work goes on meanwhile, and a
 * second run takes up what a killed one left. `onlyWrap`: no next version, where whoever keeps the key made one already.
 * Every tenant's trail says so.
 */
export async function rotateWrapping(keys: Keyring, onlyWrap = false): Promise<WrappingRotation> {
  const { db, clock, source, subjects } = keys.inner;
  const { provider } = source;
  await keys.ready();
  const store = await subjects();
  const turned = 'key-encryption';
  const after = { provider: provider.kind, onlyWrap };
  await db.aside((tx) => tellRotation(tx, clock, null, { keys: turned, happened: 'rotation_started', after }));
  // Of two that made the same next version, one would replace the key that the other wraps with.
  if (!onlyWrap) await oneRotationAtATime(db, () => provider.rotate());
  const damaged: DamagedValue[] = [];
  let tenantKeys = 0;
  for (const { tenantId, wrapped } of await allTenantKeys(db)) {
    try {
      if (await wrapTenantKey(keys, tenantId, wrapped)) tenantKeys += 1;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      const of = tenantId === systemActorId ? null : tenantId;
      damaged.push({ table: 'keys.tenant_key', column: 'wrapped', rowId: tenantId, tenantId: of, subjectId: null });
    }
  }
  const subjectKeys = await oneRotationAtATime(db, () => store.rewrap((id) => damaged.push(damagedSubject(id))));
  const counts = { ...after, tenantKeys, subjectKeys };
  await db.aside((tx) => tellRotationEnded(tx, clock, null, { keys: turned, after: counts, damaged }));
  return { tenantKeys, subjectKeys, damaged };
}

/** Wraps one key of a tenant anew, with the entry in its trail; false where that is not needed. */
async function wrapTenantKey(keys: Keyring, tenantId: string, wrapped: Buffer): Promise<boolean> {
  const { db, clock, source } = keys.inner;
  const { provider } = source;
  if (await provider.isCurrent(wrapped)) return false;
  const purpose = `tenant/${tenantId}`;
  const fresh = await provider.wrap(await provider.unwrap(wrapped, purpose), purpose);
  await db.aside(async (tx) => {
    // The house has no trail of its own: its key is counted at the end.
    if (!(await replaceTenantKey(tx, tenantId, wrapped, fresh)) || tenantId === systemActorId) return;
    const after = { key: 'tenant', provider: provider.kind };
    await tellRotation(tx, clock, tenantId, { keys: 'key-encryption', happened: 'wrapped_anew', after });
  });
  return true;
}

/** What turning a data key over did. */
export interface DataKeyRotation {
  version: number;
  rows: number;
  /** Values that do not open; while there are some, the version before goes on being needed. */
  damaged: DamagedValue[];
}

/** Rows sealed anew in one transaction: some 100 ms. */
const batchRows = 2_000;

/**
 * Makes the next data key of a class and seals every row anew under it, in batches, while others read and write: earlier
 * versions go on opening. A rotation that was cut off goes on with the rows that it had left: `again` makes no next version.
 * What does not open is left as it is and told; the trail says when it began and what came of it.
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
  const turned = `data/${scope.class}` as const;
  const version = await beginDataKey(keys, scope, turned, options.again ?? false);
  const damaged = new Map<string, DamagedValue>();
  const quietMs = options.otherProcessesMs ?? freshMs + 1_000;
  const madeAtMs = performance.now();
  let rows = 0;
  for (;;) {
    const startedMs = performance.now();
    let inPass = 0;
    for (const column of columns) {
      inPass += await resealColumn(keys, scope, column, version, {
        told: (count) => options.told?.(rows + count),
        onDamaged: (one) => damaged.set(placeOf(one), one),
      });
    }
    rows += inPass;
    // Until then another process may have sealed a row under the version before: one more look.
    const settled = startedMs - madeAtMs >= quietMs;
    if (inPass === 0 && (settled || columns.length === 0)) break;
    if (inPass === 0) await sleep(Math.max(0, quietMs - (performance.now() - madeAtMs)));
  }
  const found = [...damaged.values()];
  await db.aside(async (tx) => {
    if (found.length === 0) {
      await settleDataKey(tx, scope.tenantId ?? systemActorId, scope.class, version, clock.now());
    }
    await tellRotationEnded(tx, clock, scope.tenantId, { keys: turned, after: { version, rows }, damaged: found });
  });
  return { version, rows, damaged: found };
}

/** The version to which a class is turned over, with the entry of its beginning in the transaction that makes it. */
async function beginDataKey(
  keys: Keyring,
  scope: { tenantId: string | null; class: KeyClass },
  turned: TurnedKeys,
  again: boolean,
): Promise<number> {
  const { db, clock, currentVersion, nextVersion } = keys.inner;
  const tell = (happened: string) => (tx: Tx, version: number) =>
    tellRotation(tx, clock, scope.tenantId, { keys: turned, happened, after: { version } });
  if (!again) return nextVersion(scope, tell('rotation_started'));
  const version = await currentVersion(scope);
  await db.aside((tx) => tell('rotation_resumed')(tx, version));
  return version;
}

async function resealColumn(
  keys: Keyring,
  scope: KeyScope,
  column: SealedColumn,
  version: number,
  { told, onDamaged }: { told: (rows: number) => void; onDamaged: (value: DamagedValue) => void },
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
    const anew = async ({ rowId, sealed }: SealedValue) => {
      const place = { table: column.table, column: column.column, rowId };
      try {
        const text = await keys.open(scope, place, sealed);
        return [{ rowId, before: sealed, after: await keys.seal(scope, place, text) }];
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
        onDamaged({ ...place, tenantId: scope.tenantId, subjectId: null });
        return [];
      }
    };
    const fresh = (await Promise.all(batch.map(anew))).flat();
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
