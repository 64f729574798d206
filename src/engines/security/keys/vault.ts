import { randomBytes } from 'node:crypto';
import { makeOutbound } from '#outbound';
import { KeyErasedError, keyBytes, SealError } from './envelope.ts';
import {
  type KeyProvider,
  type KeySource,
  KeyStoreMissingError,
  type SubjectKey,
  type SubjectKeyStore,
} from './key-provider.ts';
import { nextKey } from './next-key.ts';

/** How to reach a vault that speaks the API of HashiCorp Vault and OpenBao: transit and a key-value store, version 2. */
export interface VaultSettings {
  /** `https://vault.example:8200`. */
  url: string;
  token: string;
  /** The transit key that wraps. */
  keyName: string;
  /** Where the two engines are mounted. */
  transitMount: string;
  secretsMount: string;
}

/** A vault that is down must not hold a request for longer. */
const timeoutMs = 5_000;

interface VaultAnswer {
  status: number;
  data: Record<string, unknown>;
}

type Ask = (method: string, path: string, body?: object) => Promise<VaultAnswer>;

/** Requests to the vault; 404 and 400 are answers, everything else that is no success throws. */
function asking({ url, token }: VaultSettings): Ask {
  // The address is the operator's, on whatever network it stands: no user can choose it.
  const outbound = makeOutbound({ allowPrivate: true, timeoutMs });
  return async (method, path, body) => {
    const response = await outbound.fetch(new URL(`/v1/${path}`, url), {
      method,
      headers: { 'x-vault-token': token, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      redirect: 'manual',
    });
    const text = await response.text();
    if (!response.ok && response.status !== 404 && response.status !== 400) {
      throw new Error(`the vault answered ${response.status} to ${method} ${path}`);
    }
    const parsed = text === '' ? {} : (JSON.parse(text) as { data?: Record<string, unknown> | null });
    return { status: response.status, data: parsed.data ?? {} };
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** `vault:v3:…` → 3. */
function vaultVersion(ciphertext: string): number {
  const version = /^vault:v(\d+):/.exec(ciphertext)?.[1];
  if (!version) throw new SealError('this was not wrapped by a vault');
  return Number(version);
}

function transitProvider(ask: Ask, { keyName, transitMount }: VaultSettings): KeyProvider {
  const at = (action: string) => `${transitMount}/${action}/${encodeURIComponent(keyName)}`;
  const latest = async (): Promise<number> => {
    const { status, data } = await ask('GET', `${transitMount}/keys/${encodeURIComponent(keyName)}`);
    if (status !== 200) throw new KeyStoreMissingError(`The vault has no transit key ${keyName}: make it first.`);
    return Number(data.latest_version);
  };
  return {
    kind: 'vault',
    wrap: async (key, purpose) => {
      const body = { plaintext: key.toString('base64'), associated_data: base64(purpose) };
      const { status, data } = await ask('POST', at('encrypt'), body);
      if (status !== 200) throw new KeyStoreMissingError(`The vault does not wrap with the transit key ${keyName}.`);
      return Buffer.from(String(data.ciphertext));
    },
    unwrap: async (wrapped, purpose) => {
      const body = { ciphertext: wrapped.toString(), associated_data: base64(purpose) };
      const { status, data } = await ask('POST', at('decrypt'), body);
      if (status !== 200) throw new SealError('the vault does not unwrap this');
      return Buffer.from(String(data.plaintext), 'base64');
    },
    rotate: async () => {
      await ask('POST', `${at('keys')}/rotate`);
    },
    isCurrent: async (wrapped) => vaultVersion(wrapped.toString()) === (await latest()),
  };
}

interface KeptSubject {
  erased?: boolean;
  keys?: { version: number; key: string; madeAt?: string | undefined }[];
}

/** Subject keys as secrets of the vault, which seals them itself; an erasure that was cut off is finished first. */
async function vaultSubjects(ask: Ask, { secretsMount }: VaultSettings, folder: string): Promise<SubjectKeyStore> {
  const at = (kind: 'data' | 'metadata', subjectId: string) => `${secretsMount}/${kind}/${folder}/${subjectId}`;
  const find = async (subjectId: string): Promise<KeptSubject & { revision: number }> => {
    const { status, data } = await ask('GET', at('data', subjectId));
    const kept = status === 200 ? (data.data as KeptSubject | null) : null;
    return { ...kept, revision: (data.metadata as { version?: number } | undefined)?.version ?? 0 };
  };
  const keysIn = ({ keys = [] }: KeptSubject): SubjectKey[] =>
    keys.map(({ version, key, madeAt }) => ({ version, key: Buffer.from(key, 'base64'), madeAt }));
  const read = async (subjectId: string): Promise<SubjectKey[]> => keysIn(await find(subjectId));
  /** Writes where the secret is at this revision still; of several at once only the first one does, the others are told 400. */
  const write = async (subjectId: string, keys: readonly SubjectKey[], revision: number): Promise<boolean> => {
    const data = { keys: keys.map(({ key, ...rest }) => ({ ...rest, key: key.toString('base64') })) };
    return (await ask('POST', at('data', subjectId), { data, options: { cas: revision } })).status === 200;
  };
  const namesIn = async (kind: string): Promise<string[]> => {
    const { data } = await ask('GET', `${secretsMount}/metadata/${folder}${kind}?list=true`);
    return (data.keys as string[] | undefined) ?? [];
  };
  const mark = (name: string) => ask('POST', at('data', name), { data: { erased: true } });
  /** Each step may be done again. Whoever finds no key finds the mark, which is there before the key goes. */
  const destroy = async (subjectId: string): Promise<void> => {
    await mark(`erased/${subjectId}`);
    // Metadata and every version: a delete of the data alone could be undone.
    await ask('DELETE', at('metadata', subjectId));
    await mark(subjectId);
    await ask('DELETE', at('metadata', `erasing/${subjectId}`));
  };
  for (const subjectId of await namesIn('/erasing')) await destroy(subjectId);
  return {
    read,
    readOrMake: async (subjectId, now) => {
      const kept = await find(subjectId);
      const erased = kept.erased || (!kept.keys && (await find(`erased/${subjectId}`)).erased);
      if (erased) throw new KeyErasedError('the key of this subject was erased');
      if (!kept.keys) {
        await write(subjectId, [{ version: 1, key: randomBytes(keyBytes), madeAt: now.toISOString() }], 0);
      }
      return read(subjectId);
    },
    erase: async (subjectId) => {
      // What is meant comes first: an erasure that is cut off anywhere is found again at the next start.
      await mark(`erasing/${subjectId}`);
      await destroy(subjectId);
    },
    erased: () => namesIn('/erased'),
    turnOver: async (madeBefore, now) => {
      let count = 0;
      for (const subjectId of await namesIn('')) {
        if (subjectId === 'store' || subjectId.includes('/')) continue;
        const kept = await find(subjectId);
        const keys = keysIn(kept);
        const next = nextKey(keys, madeBefore, now);
        if (!next || !(await write(subjectId, [...keys, next], kept.revision))) continue;
        // Erased meanwhile: the revisions of what was destroyed begin anew, and it must not come back.
        if ((await find(`erased/${subjectId}`)).erased) await destroy(subjectId);
        count += 1;
      }
      return count;
    },
    // The vault wraps its own store.
    rewrap: async () => 0,
  };
}

/** Both kinds of keys in one vault. */
export function vaultSource(settings: VaultSettings): KeySource {
  const ask = asking(settings);
  return {
    provider: transitProvider(ask, settings),
    subjects: async (id, existing) => {
      const folder = `tradeai/${id}`;
      const mark = `${settings.secretsMount}/data/${folder}/store`;
      const { status } = await ask('GET', mark);
      if (existing && status !== 200) {
        throw new KeyStoreMissingError(
          `The key store of this database is not in the vault at ${mark}: names and e-mails cannot be read without it.`,
        );
      }
      if (!existing) await ask('POST', mark, { data: { product: 'TRADEAI' }, options: { cas: 0 } });
      return vaultSubjects(ask, settings, folder);
    },
  };
}
