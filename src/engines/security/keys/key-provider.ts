/**
 * Where the key-encryption key is: it wraps the keys of tenants and of subjects and never leaves its provider. What it
 * wrapped tells by itself which version it was.
 */
export interface KeyProvider {
  readonly kind: 'file' | 'environment' | 'vault';
  /** Wraps a key; `purpose` must be the same to unwrap it. */
  wrap(key: Buffer, purpose: string): Promise<Buffer>;
  /** Throws `SealError` for what was altered, or wrapped by a key that is gone. */
  unwrap(wrapped: Buffer, purpose: string): Promise<Buffer>;
  /** Makes the next version, which wraps from now on; the earlier ones go on unwrapping. */
  rotate(): Promise<void>;
  /** Whether the version in force wrapped it. */
  isCurrent(wrapped: Buffer): Promise<boolean>;
}

/** One version of a subject's key. */
export interface SubjectKey {
  version: number;
  key: Buffer;
  /** ISO 8601; of keys that were made before it was noted: none, which is earlier than any. */
  madeAt?: string | undefined;
}

/**
 * Keys of data subjects, kept apart from the database, so that no copy of the database holds them and erasing one here
 * closes every copy.
 */
export interface SubjectKeyStore {
  /** The versions of a subject's key, the highest last; none where it was erased or never made. */
  read(subjectId: string): Promise<readonly SubjectKey[]>;
  /** {@link read}, making the first version where there is none; throws `KeyErasedError` for an erased subject. */
  readOrMake(subjectId: string, at: Date): Promise<readonly SubjectKey[]>;
  /**
   * Gives every subject whose newest version was made before `madeBefore` the next one; the earlier ones go on opening what
   * older dumps hold, and are erased with it. Answers how many subjects that were. One at a time, and not beside `rewrap`.
   * Subjects whose keys do not open are told to `onDamaged` and stay as they are.
   */
  turnOver(madeBefore: Date, at: Date, onDamaged: (subjectId: string) => void): Promise<number>;
  /** Destroys every version and remembers that it did. */
  erase(subjectId: string): Promise<void>;
  /** Every subject that was erased here. */
  erased(): Promise<string[]>;
  /** Wraps anew what an earlier key-encryption key wraps; answers how many subjects that were. `onDamaged` as of `turnOver`. */
  rewrap(onDamaged: (subjectId: string) => void): Promise<number>;
}

/** A key provider and the store of subject keys that goes with it. */
export interface KeySource {
  provider: KeyProvider;
  /** The store of the database with this id; `existing`: throws {@link KeyStoreMissingError} where it is not there. */
  subjects(storeId: string, existing: boolean): Promise<SubjectKeyStore>;
}

/** The key store of this database is not where the settings say: the message tells what to do. */
export class KeyStoreMissingError extends Error {
  override name = 'KeyStoreMissingError';
}
