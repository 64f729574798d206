import { statSync } from 'node:fs';
import { readConfig } from '#config';
import { makeLogger } from '#telemetry';
import { hasSecretKey, openDataFolder, secretKeyOf } from '../data-folder.ts';
import { migrationSources } from '../migration-sources.ts';
import { ownerConnection } from '../open-store.ts';
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
    return { ...result };
  } finally {
    await owner.stop();
  }
};
