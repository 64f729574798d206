import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { keyBytes, openBytes, SealError, sealBytes, versionOf } from './envelope.ts';
import { addKeyFile, readKeyFile, replaceKeyFile } from './key-file.ts';
import type { KeyProvider } from './key-provider.ts';

interface KeySet {
  current: number;
  keys: Map<number, Buffer>;
}

/** AES-256-GCM under the keys that `load` gives; asks again for one that it does not know. */
function localProvider(
  kind: KeyProvider['kind'],
  load: (again: boolean) => Promise<KeySet>,
  rotate: () => Promise<void>,
): KeyProvider {
  const keyOf = async (version: number): Promise<Buffer> => {
    // Another process may have rotated since.
    const key = (await load(false)).keys.get(version) ?? (await load(true)).keys.get(version);
    if (!key) throw new SealError(`the key-encryption key ${version} is not here`);
    return key;
  };
  return {
    kind,
    wrap: async (key, purpose) => {
      const { current } = await load(false);
      return sealBytes(await keyOf(current), current, [purpose], key);
    },
    unwrap: async (wrapped, purpose) => openBytes(await keyOf(versionOf(wrapped)), [purpose], wrapped),
    rotate,
    isCurrent: async (wrapped) => versionOf(wrapped) === (await load(false)).current,
  };
}

interface KeyFile {
  current: number;
  keys: Record<string, string>;
}

/** The key-encryption key in a file of `folder` (0600), made at first use. */
export function fileProvider(folder: string): KeyProvider {
  const path = join(folder, 'key-encryption.json');
  let known: Promise<KeySet> | undefined;
  const read = async (): Promise<KeySet> => {
    let text = await readKeyFile(path);
    if (text === undefined) {
      await addKeyFile(path, fileText({ current: 1, keys: { 1: randomBytes(keyBytes).toString('base64') } }));
      text = await readKeyFile(path);
    }
    const { current, keys } = JSON.parse(text ?? '') as KeyFile;
    return { current, keys: new Map(Object.entries(keys).map(([n, key]) => [Number(n), Buffer.from(key, 'base64')])) };
  };
  const load = (again: boolean): Promise<KeySet> => {
    if (again || !known) {
      const asked = read();
      known = asked;
      asked.catch(() => {
        if (known === asked) known = undefined;
      });
    }
    return known as Promise<KeySet>;
  };
  return localProvider('file', load, async () => {
    const { current, keys } = await load(true);
    const next = new Map([...keys, [current + 1, randomBytes(keyBytes)]]);
    const texts = Object.fromEntries([...next].map(([n, key]) => [n, key.toString('base64')]));
    await replaceKeyFile(path, fileText({ current: current + 1, keys: texts }));
    await load(true);
  });
}

const fileText = (file: KeyFile): string => `${JSON.stringify(file)}\n`;

/** A key's number by its content, so that the order in which keys are given may change. */
const numberOf = (key: Buffer): number => createHash('sha256').update(key).digest().readUInt32BE();

/** Key-encryption keys from the environment (32 bytes each): the first one wraps, the others only unwrap. */
export function environmentProvider(given: readonly [Buffer, ...Buffer[]]): KeyProvider {
  const set = { current: numberOf(given[0]), keys: new Map(given.map((key) => [numberOf(key), key])) };
  return localProvider(
    'environment',
    async () => set,
    async () => {
      // The next version comes with the next start: whoever sets the environment puts it first.
    },
  );
}
