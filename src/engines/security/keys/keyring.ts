import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '#clock';
import { systemActorId } from '#context';
import type { Database, Tx } from '#db';
import { KeyErasedError, keyBytes, keyFrom, openBytes, SealError, sealBytes, versionOf } from './envelope.ts';
import type { KeyClass } from './key-classes.ts';
import type { KeySource, SubjectKey, SubjectKeyStore } from './key-provider.ts';
import { addDataKey, dataKeyRows, erasedSubjects, rememberErased, storeId, tenantKeyRow } from './key-store.ts';

/** Whose data it is: of a tenant or the house (null), of one class, and of one person or thing where a subject is named. */
export interface KeyScope {
  tenantId: string | null;
  class: KeyClass;
  /** Sealed under a key of this subject, which {@link Keyring.eraseSubject} destroys. */
  subjectId?: string | undefined;
}

/** Where a sealed value stands: it opens nowhere else. */
export interface Place {
  /** `schema.table`. */
  table: string;
  column: string;
  rowId: string;
}

/** Seals and opens what may not lie in the database in clear. Several calls at once are fine, also inside transactions. */
export interface Keyring {
  /** AES-256-GCM, bound to tenant, class, subject, table, column, row and key version. Throws `KeyErasedError`. */
  seal(scope: KeyScope, place: Place, plaintext: string): Promise<Buffer>;
  /** Throws `SealError` for what was altered or moved, `KeyErasedError` where the subject's key is gone. */
  open(scope: KeyScope, place: Place, sealed: Buffer): Promise<string>;
  /** HMAC-SHA-256 of a value without regard to case, for finding what is sealed; 32 bytes, the same for equal values. */
  blindIndex(keyClass: KeyClass, value: string): Promise<Buffer>;
  /** Destroys a subject's key: what it sealed is unreadable in every copy of the database. */
  eraseSubject(subjectId: string): Promise<void>;
  /** Finds the key store and the house's key. Throws `KeyStoreMissingError` where they belong to another database. */
  ready(): Promise<void>;
  /** For rotation. */
  readonly inner: KeyringInner;
}

/** What rotation needs of a keyring beside its face. */
export interface KeyringInner {
  db: Database;
  clock: Clock;
  source: KeySource;
  subjects(): Promise<SubjectKeyStore>;
  /** The version that seals now. */
  currentVersion(scope: KeyScope): Promise<number>;
  /** Makes the next version of a class's data key; it seals from now on. `also` runs in the transaction that keeps it. */
  nextVersion(scope: KeyScope, also?: (tx: Tx, version: number) => Promise<void>): Promise<number>;
  /** Reads the keys of subjects anew, since they were turned over. */
  forgetSubjects(): void;
}

/** Another process seals with a version that was replaced for so long at most. */
export const freshMs = 5_000;
/** A subject's key is read again after so long: where it was erased, other processes follow. */
export const subjectFreshMs = 60_000;
/** Subject keys remembered at once, some 300 bytes each. */
const maxSubjects = 20_000;

interface Remembered<T> {
  readAtMs: number;
  value: Promise<T>;
}

/** Answers what is remembered while it is fresh; callers that ask at once share one reading, a failed one is forgotten. */
function remembering<T>(clock: Clock, freshForMs: number, max: number) {
  const known = new Map<string, Remembered<T>>();
  return {
    get: (name: string, read: () => Promise<T>): Promise<T> => {
      const nowMs = clock.now().getTime();
      const found = known.get(name);
      if (found && Math.abs(nowMs - found.readAtMs) < freshForMs) return found.value;
      if (known.size >= max) known.clear();
      const value = read();
      const entry = { readAtMs: nowMs, value };
      known.set(name, entry);
      value.catch(() => {
        if (known.get(name) === entry) known.delete(name);
      });
      return value;
    },
    forget: (name: string) => known.delete(name),
    forgetAll: () => known.clear(),
  };
}

/** Scope and place as the names to which a value is bound. */
const bindingOf = (scope: KeyScope, { table, column, rowId }: Place): string[] => [
  scope.tenantId ?? 'house',
  scope.class,
  scope.subjectId ?? '',
  table,
  column,
  rowId,
];

const newest = (keys: readonly SubjectKey[]): SubjectKey => {
  const last = keys.at(-1);
  if (!last) throw new KeyErasedError('the key of this subject was erased');
  return last;
};

/** The keyring of a database on the keys of `source`. Nothing is read before it is needed. */
export function makeKeyring(db: Database, clock: Clock, source: KeySource): Keyring {
  const { provider } = source;
  const tenantKeys = remembering<Buffer>(clock, Number.POSITIVE_INFINITY, 10_000);
  const dataKeys = remembering<readonly SubjectKey[]>(clock, freshMs, 10_000);
  const subjectKeys = remembering<readonly SubjectKey[]>(clock, subjectFreshMs, maxSubjects);
  let store: Promise<SubjectKeyStore> | undefined;

  const subjects = (): Promise<SubjectKeyStore> => {
    if (!store) {
      store = openSubjects(db, clock, source);
      store.catch(() => {
        store = undefined;
      });
    }
    return store;
  };
  const tenantKey = (tenantId: string | null): Promise<Buffer> => {
    const id = tenantId ?? systemActorId;
    return tenantKeys.get(id, async () => {
      // The store first: a database whose store is elsewhere must get no new key here.
      await subjects();
      const purpose = `tenant/${id}`;
      const wrapped = await tenantKeyRow(db, id, () => provider.wrap(randomBytes(keyBytes), purpose), clock.now());
      return provider.unwrap(wrapped, purpose);
    });
  };
  const nameOf = ({ tenantId, class: keyClass }: KeyScope) => `${tenantId ?? systemActorId}/${keyClass}`;
  const readDataKeys = async (scope: KeyScope): Promise<SubjectKey[]> => {
    const wrapping = await tenantKey(scope.tenantId);
    const rows = await dataKeyRows(db, scope.tenantId ?? systemActorId, scope.class);
    return rows.map(({ version, wrapped }) => ({
      version,
      key: openBytes(wrapping, ['data-key', nameOf(scope), String(version)], wrapped),
    }));
  };
  const nextVersion: KeyringInner['nextVersion'] = async (scope, also) => {
    const wrapping = await tenantKey(scope.tenantId);
    const version = ((await readDataKeys(scope)).at(-1)?.version ?? 0) + 1;
    const place = ['data-key', nameOf(scope), String(version)];
    const wrapped = sealBytes(wrapping, 1, place, randomBytes(keyBytes));
    await addDataKey(
      db,
      { tenantId: scope.tenantId ?? systemActorId, class: scope.class, version, wrapped },
      clock.now(),
      also && ((tx) => also(tx, version)),
    );
    dataKeys.forget(nameOf(scope));
    return version;
  };
  const classKeys = (scope: KeyScope): Promise<readonly SubjectKey[]> =>
    dataKeys.get(nameOf(scope), async () => {
      const known = await readDataKeys(scope);
      if (known.length > 0) return known;
      await nextVersion(scope);
      return readDataKeys(scope);
    });
  /** The keys of a scope, the highest version last. */
  const keysOf = async (scope: KeyScope, making: boolean): Promise<readonly SubjectKey[]> => {
    const { subjectId } = scope;
    if (subjectId === undefined) return classKeys(scope);
    const known = await subjectKeys.get(subjectId, async () => (await subjects()).read(subjectId));
    if (known.length > 0 || !making) return known;
    const made = await (await subjects()).readOrMake(subjectId, clock.now());
    subjectKeys.forget(subjectId);
    return made;
  };
  /** A subject's key gives one key per tenant and class, derived once as long as the subject's key is remembered. */
  const derived = new WeakMap<Buffer, Map<string, Buffer>>();
  const dataKey = (scope: KeyScope, key: Buffer): Buffer => {
    if (scope.subjectId === undefined) return key;
    const made = derived.get(key) ?? new Map<string, Buffer>();
    derived.set(key, made);
    const name = nameOf(scope);
    const own = made.get(name) ?? keyFrom(key, scope.tenantId ?? systemActorId, `subject/${scope.class}`);
    made.set(name, own);
    return own;
  };

  const openWith = async (scope: KeyScope, sealed: Buffer): Promise<Buffer> => {
    const version = versionOf(sealed);
    const find = async () => (await keysOf(scope, false)).find((one) => one.version === version);
    let found = await find();
    if (!found) {
      // Another process may have made it a moment ago.
      dataKeys.forget(nameOf(scope));
      if (scope.subjectId !== undefined) subjectKeys.forget(scope.subjectId);
      found = await find();
    }
    if (found) return dataKey(scope, found.key);
    if (scope.subjectId !== undefined) throw new KeyErasedError('the key of this subject was erased');
    throw new SealError(`there is no version ${version} of this key`);
  };
  return {
    seal: async (scope, place, plaintext) => {
      const { version, key } = newest(await keysOf(scope, true));
      return sealBytes(dataKey(scope, key), version, bindingOf(scope, place), Buffer.from(plaintext));
    },
    open: async (scope, place, sealed) =>
      openBytes(await openWith(scope, sealed), bindingOf(scope, place), sealed).toString('utf8'),
    blindIndex: async (keyClass, value) => {
      const key = keyFrom(await tenantKey(null), keyClass, 'blind-index');
      return createHmac('sha256', key).update(value.normalize('NFKC').trim().toLowerCase()).digest();
    },
    eraseSubject: async (subjectId) => {
      await db.aside((tx) => rememberErased(tx, subjectId, clock.now()));
      await (await subjects()).erase(subjectId);
      subjectKeys.forget(subjectId);
    },
    ready: async () => {
      await tenantKey(null);
    },
    inner: {
      db,
      clock,
      source,
      subjects,
      currentVersion: async (scope) => newest(await keysOf(scope, true)).version,
      nextVersion,
      forgetSubjects: subjectKeys.forgetAll,
    },
  };
}

/** Finds this database's key store, and destroys in it what an older copy of the store brought back. */
async function openSubjects(db: Database, clock: Clock, source: KeySource): Promise<SubjectKeyStore> {
  const { id, existing } = await storeId(db, randomUUID(), clock.now());
  const found = await source.subjects(id, existing);
  for (const subjectId of await erasedSubjects(db)) {
    if ((await found.read(subjectId)).length > 0) await found.erase(subjectId);
  }
  return found;
}

let ring: Keyring | undefined;

/** Gives the process the keyring of its database. Call it before anybody's name is read or written. */
export function setKeyring(keyring: Keyring): void {
  ring = keyring;
}

/** The keyring set at start; throws when the process was started without one. */
export function keyring(): Keyring {
  if (!ring) throw new Error('the keyring is not set: call setKeyring(keyring) at start');
  return ring;
}
