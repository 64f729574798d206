import { existsSync, statSync } from 'node:fs';
import { type Config, ConfigError, readConfig } from '#config';
import { openDatabase } from '#db';
import { behindOutside } from '#security';
import { makeLogger } from '#telemetry';
import { checkpointFileOf, hasSecretKey, openDataFolder, secretKeyOf } from '../data-folder.ts';
import { migrationSources } from '../migration-sources.ts';
import { openKeyStore, ownerConnection } from '../open-store.ts';
import { type RestoreResult, restore } from '../restore.ts';
import { type Command, progress, refuse } from './command.ts';

/** What the person at the console must know of the audit after a restore. */
function tellOfAudit({ entries, bad }: RestoreResult['audit']): void {
  if (bad === 0) {
    progress(`The audit verifies: ${entries} entries.`);
    return;
  }
  const why = bad === entries ? 'this is another secret key than the backup was made under' : 'they were altered';
  progress(`${bad} of ${entries} audit entries do NOT verify: ${why}.`);
  process.exitCode = 1;
}

/** Seals what an older release left in clear, and says so where the keys of this database are not here. */
async function tellOfKeys(config: Config, dataDir: string, secretKey: string, ownerUrl: string): Promise<void> {
  const db = openDatabase(ownerUrl, secretKey, () => undefined);
  try {
    await openKeyStore(config, db, dataDir, secretKey);
    progress('The keys of people are here: who was erased since the backup stays erased.');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    progress(error.message);
    process.exitCode = 1;
  } finally {
    await db.close();
  }
}

/** Says where the trail was signed further than this backup goes: the server seals nothing until that is accepted. */
async function tellOfCheckpoints(config: Config, dataDir: string, secretKey: string, ownerUrl: string): Promise<void> {
  const checkpointFile = checkpointFileOf(config, dataDir);
  if (!existsSync(checkpointFile)) return;
  const db = openDatabase(ownerUrl, secretKey, () => undefined);
  try {
    const behind = await behindOutside({ db, secretKey, checkpointFile });
    if (behind.length === 0) return;
    progress(
      `The audit trail was signed further than this backup goes (${behind.length} tenants). Accept that, or nothing is sealed: npx tradeai audit accept-restore --reason <why>`,
    );
  } finally {
    await db.close();
  }
}

/** `restore <file>`: a backup into an empty database, while no server runs on it. */
export const restoreCommand: Command = async ({ rest }) => {
  const file = rest[0] ?? refuse('restore needs a backup.');
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) refuse(`There is no file ${file}.`);
  const config = readConfig(process.env);
  const dataDir = openDataFolder(config);
  if (!hasSecretKey(config, dataDir)) {
    refuse(`The secret key is missing: put the old secret.key into ${dataDir} first, or set TRADEAI_SECRET_KEY.`);
  }
  const secretKey = secretKeyOf(config, dataDir);
  const owner = await ownerConnection(config, dataDir, makeLogger(config.logLevel), { besideServer: false });
  try {
    const result = await restore(file, { ownerUrl: owner.url, secretKey, migrationSources, progress });
    progress(`${result.rows} rows of ${result.tables} tables, as of ${result.createdAt}, are there.`);
    progress('Imports and model fits that were under way at that moment are not taken up again: ask for them anew.');
    tellOfAudit(result.audit);
    await tellOfKeys(config, dataDir, secretKey, owner.url);
    await tellOfCheckpoints(config, dataDir, secretKey, owner.url);
    return { ...result };
  } finally {
    await owner.stop();
  }
};
