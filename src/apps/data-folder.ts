import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '#config';
import { ConfigError } from '#config';

const keyFile = 'secret.key';

/** The data folder as an absolute path, made (0700) where it is not there. Throws {@link ConfigError}. */
export function openDataFolder(config: Config): string {
  const folder = resolve(config.dataDir);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigError(`The data folder ${folder} cannot be made: ${(error as Error).message}.`);
  }
  return folder;
}

/** Whether there is a secret key already: the setting, or one that lies in the data folder. */
export function hasSecretKey(config: Config, folder: string): boolean {
  return config.secretKey !== undefined || existsSync(join(folder, keyFile));
}

/** The secret key: the setting, or the one generated into the data folder at first use. */
export function secretKeyOf(config: Config, folder: string): string {
  if (config.secretKey) return config.secretKey;
  const path = join(folder, keyFile);
  if (!existsSync(path)) {
    // `wx`: of two starts at once only one writes, and the other reads what it wrote.
    try {
      writeFileSync(path, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    chmodSync(path, 0o600);
  }
  return readFileSync(path, 'utf8').trim();
}

/** The file to which signed audit checkpoints are appended, outside the database. */
export function checkpointFileOf(config: Config, folder: string): string {
  return config.auditCheckpoints ? resolve(config.auditCheckpoints) : join(folder, 'audit-checkpoints.txt');
}
