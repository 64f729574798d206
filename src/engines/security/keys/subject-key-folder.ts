import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyErasedError, keyBytes, SealError } from './envelope.ts';
import { addKeyFile, destroyKeyFile, draftEnd, readKeyFile, replaceKeyFile } from './key-file.ts';
import { type KeyProvider, KeyStoreMissingError, type SubjectKey, type SubjectKeyStore } from './key-provider.ts';
import { nextKey } from './next-key.ts';

interface StoredKey {
  version: number;
  /** Base64. */
  wrapped: string;
  madeAt?: string | undefined;
}

/** The keys of a file; throws `SealError` where it is damaged. */
function storedIn(text: string): StoredKey[] {
  try {
    return JSON.parse(text) as StoredKey[];
  } catch (error) {
    throw new SealError('the file of this subject’s key is damaged', { cause: error });
  }
}

const purposeOf = (subjectId: string): string => `subject/${subjectId}`;

/**
 * Subject keys as one file each (0600) below `folder`, wrapped by the key-encryption key: making and erasing one touch
 * nothing else, and several processes of one machine share them.
 */
export async function subjectKeyFolder(
  folder: string,
  provider: KeyProvider,
  existing: boolean,
): Promise<SubjectKeyStore> {
  const mark = join(folder, 'store');
  if (existing && !existsSync(mark)) {
    throw new KeyStoreMissingError(
      `The key store of this database is not at ${folder}: bring back the data folder, or its newest backup. Without it names and e-mails cannot be read.`,
    );
  }
  if (!existing)
    await addKeyFile(mark, 'TRADEAI keys of data subjects. Back this folder up apart from the database.\n');
  // Two letters from the end of the id: the beginning of our ids is a time.
  const shelf = (subjectId: string) => join(folder, 'subjects', subjectId.slice(-2));
  const pathOf = (subjectId: string) => join(shelf(subjectId), subjectId);
  const erasedMark = (subjectId: string) => join(folder, 'erased', subjectId);
  const read = async (subjectId: string): Promise<SubjectKey[]> => {
    const text = await readKeyFile(pathOf(subjectId));
    if (!text) return [];
    const stored = storedIn(text);
    return Promise.all(
      stored.map(async ({ version, wrapped, madeAt }) => ({
        ...{ version, madeAt },
        key: await provider.unwrap(Buffer.from(wrapped, 'base64'), purposeOf(subjectId)),
      })),
    );
  };
  const textOf = async (subjectId: string, keys: readonly SubjectKey[]): Promise<string> => {
    const stored = keys.map(async ({ version, key, madeAt }) => ({
      ...{ version, madeAt },
      wrapped: (await provider.wrap(key, purposeOf(subjectId))).toString('base64'),
    }));
    return JSON.stringify(await Promise.all(stored));
  };
  const replace = async (subjectId: string, keys: readonly SubjectKey[]): Promise<void> => {
    const text = await textOf(subjectId, keys);
    const isErased = () => existsSync(erasedMark(subjectId));
    // Erased meanwhile: it must not come back, and the erasure takes the draft too.
    if (existsSync(pathOf(subjectId))) {
      await replaceKeyFile(pathOf(subjectId), text).catch((error) => {
        if (!isErased()) throw error;
      });
    }
    if (isErased()) await destroyKeyFile(pathOf(subjectId));
  };
  async function* everySubject(): AsyncGenerator<string> {
    for (const part of await namesIn(join(folder, 'subjects'))) yield* await namesIn(join(folder, 'subjects', part));
  }
  /** Changes every subject's file; answers how many were. One that does not open must not keep the others from it. */
  const eachSubject = async (
    onDamaged: (subjectId: string) => void,
    change: (subjectId: string) => Promise<boolean>,
  ) => {
    let count = 0;
    for await (const subjectId of everySubject()) {
      try {
        if (await change(subjectId)) count += 1;
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
        onDamaged(subjectId);
      }
    }
    return count;
  };
  // An erasure that was cut off after its mark.
  for (const subjectId of await namesIn(join(folder, 'erased'))) await destroyKeyFile(pathOf(subjectId));
  return {
    read,
    readOrMake: async (subjectId, at) => {
      const known = await read(subjectId);
      if (known.length > 0) return known;
      if (existsSync(erasedMark(subjectId))) throw new KeyErasedError('the key of this subject was erased');
      const text = await textOf(subjectId, [{ version: 1, key: randomBytes(keyBytes), madeAt: at.toISOString() }]);
      await addKeyFile(pathOf(subjectId), text);
      return read(subjectId);
    },
    erase: async (subjectId) => {
      await addKeyFile(erasedMark(subjectId), '');
      await destroyKeyFile(pathOf(subjectId));
    },
    erased: () => namesIn(join(folder, 'erased')),
    turnOver: (madeBefore, at, onDamaged) =>
      eachSubject(onDamaged, async (subjectId) => {
        const keys = await read(subjectId);
        const next = nextKey(keys, madeBefore, at);
        if (next) await replace(subjectId, [...keys, next]);
        return next !== undefined;
      }),
    rewrap: (onDamaged) =>
      eachSubject(onDamaged, async (subjectId) => {
        const stored = storedIn((await readKeyFile(pathOf(subjectId))) ?? '[]');
        const outdated = await Promise.all(
          stored.map(async ({ wrapped }) => !(await provider.isCurrent(Buffer.from(wrapped, 'base64')))),
        );
        if (outdated.includes(true)) await replace(subjectId, await read(subjectId));
        return outdated.includes(true);
      }),
  };
}

async function namesIn(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  return (await readdir(folder)).filter((name) => !name.endsWith(draftEnd)).sort();
}
