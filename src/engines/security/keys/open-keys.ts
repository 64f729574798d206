import { join } from 'node:path';
import type { Clock } from '#clock';
import type { Database } from '#db';
import { keyFrom } from './envelope.ts';
import type { KeyProvider, KeySource } from './key-provider.ts';
import { type Keyring, makeKeyring } from './keyring.ts';
import { environmentProvider, fileProvider } from './local-provider.ts';
import { subjectKeyFolder } from './subject-key-folder.ts';
import { type VaultSettings, vaultSource } from './vault.ts';

/** Where the keys are. */
export interface KeySettings {
  /**
   * `file`: the key-encryption key is made in `folder`; `environment`: it is `encryptionKeys`, or derived from the
   * product's secret key where there are none; `vault`: both it and the subject keys are in a vault.
   */
  provider: 'file' | 'environment' | 'vault';
  /** Where the subject keys are but for `vault`: a folder that outlives the process and is backed up apart. */
  folder: string;
  secretKey: string;
  /** 32 bytes each; the first one wraps. */
  encryptionKeys: readonly Buffer[];
  vault?: VaultSettings | undefined;
}

/** The keyring of a database by the settings of the process. */
export function openKeys(db: Database, clock: Clock, settings: KeySettings): Keyring {
  return makeKeyring(db, clock, sourceOf(settings));
}

function sourceOf(settings: KeySettings): KeySource {
  const { provider: kind, folder, secretKey, encryptionKeys, vault } = settings;
  if (kind === 'vault') {
    if (!vault) throw new Error('the vault has no settings');
    return vaultSource(vault);
  }
  const [first = keyFrom(secretKey, '', 'key-encryption'), ...others] = encryptionKeys;
  const provider: KeyProvider = kind === 'file' ? fileProvider(folder) : environmentProvider([first, ...others]);
  return { provider, subjects: (id, existing) => subjectKeyFolder(join(folder, id), provider, existing) };
}
