import { join } from 'node:path';
import { systemClock } from '#clock';
import { type Config, ConfigError } from '#config';
import { type Database, MigrationError, migrate, openDatabase } from '#db';
import { connectionOfRunning, startEmbeddedPostgres } from '#embedded-postgres';
import { migrateJobs } from '#jobs';
import { eraseAgain, KeyStoreMissingError, openKeys, sealExisting, setKeyring } from '#security';
import type { Logger } from '#telemetry';
import { connectOwner } from './backup-tables.ts';
import { openDataFolder, secretKeyOf } from './data-folder.ts';
import { migrationSources } from './migration-sources.ts';

/** A migrated database, ready for work. */
export interface Store {
  db: Database;
  secretKey: string;
  /** Absolute path of the data folder. */
  dataDir: string;
  /** Names of the migrations that were applied just now. */
  migrated: string[];
  /** Resolves when an embedded database ends without having been asked. */
  lost: Promise<void>;
  /** Closes the pools, then stops the embedded database where this process owns it. */
  close(): Promise<void>;
}

/** Whose database to use: our own embedded one, or also one that a running server owns (the command line does). */
export interface StoreOptions {
  besideServer: boolean;
}

/** The address of the database's owner (it holds a password): the given one, a running server's, or that of an embedded database started for it. */
export async function ownerConnection(config: Config, dataDir: string, log: Logger, options: StoreOptions) {
  const external = config.databaseUrl ?? (options.besideServer ? connectionOfRunning(dataDir) : null);
  if (external) return { url: external, lost: new Promise<void>(() => undefined), stop: async () => undefined };
  const embedded = await startEmbeddedPostgres({ dataDir, log });
  const lost = embedded.ended.then(({ expected }) => (expected ? new Promise<void>(() => undefined) : undefined));
  return { url: embedded.url, lost, stop: () => embedded.stop() };
}

/** A database that was given and cannot be used is a wrong setting; the message must not hold its address: a password. */
async function migrateGiven(config: Config, url: string, secretKey: string): Promise<string[]> {
  try {
    return await migrate(url, secretKey, migrationSources);
  } catch (error) {
    if (!config.databaseUrl || error instanceof MigrationError) throw error;
    const { code, message } = error as { code?: string; message?: string };
    throw new ConfigError(`The database of TRADEAI_DATABASE_URL cannot be used: ${message || code}.`);
  }
}

/**
 * Finds the keys and seals what an earlier release left in clear; answers how many rows that were. Throws
 * {@link ConfigError} where the keys are elsewhere.
 */
export async function openKeyStore(
  config: Pick<Config, 'keys'>,
  db: Database,
  dataDir: string,
  secretKey: string,
): Promise<number> {
  const { provider, encryptionKeys, vault } = config.keys;
  const folder = join(dataDir, 'keys');
  const keys = openKeys(db, systemClock, { provider, folder, secretKey, encryptionKeys, vault });
  setKeyring(keys);
  try {
    await keys.ready();
    const sealed = await sealExisting(db);
    await eraseAgain(db, systemClock.now());
    return sealed;
  } catch (error) {
    if (error instanceof KeyStoreMissingError) throw new ConfigError(error.message);
    throw error;
  }
}

/** The rows as they were before they were sealed still lie in the tables' files: writes these anew without them. */
async function forgetClearText(ownerUrl: string): Promise<void> {
  const client = await connectOwner(ownerUrl);
  try {
    await client.query('vacuum full identity.person');
    await client.query('vacuum full identity.one_time_link');
  } finally {
    await client.end();
  }
}

/** Starts or finds the database, migrates it and opens the pools. Throws DataFolderInUseError, ConfigError, MigrationError. */
export async function openStore(config: Config, log: Logger, options: StoreOptions): Promise<Store> {
  const dataDir = openDataFolder(config);
  const secretKey = secretKeyOf(config, dataDir);
  const owner = await ownerConnection(config, dataDir, log, options);
  try {
    const migrated = await migrateGiven(config, owner.url, secretKey);
    const db = openDatabase(owner.url, secretKey, (error) =>
      log.warn({ err: error }, 'database: an idle connection was lost'),
    );
    await migrateJobs(db.systemUrl, log);
    if ((await openKeyStore(config, db, dataDir, secretKey)) > 0) await forgetClearText(owner.url);
    return {
      db,
      secretKey,
      dataDir,
      migrated,
      lost: owner.lost,
      close: async () => {
        await db.close();
        await owner.stop();
      },
    };
  } catch (error) {
    await owner.stop();
    throw error;
  }
}
