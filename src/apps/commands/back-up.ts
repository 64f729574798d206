import { systemClock } from '#clock';
import { readConfig } from '#config';
import { makeLogger } from '#telemetry';
import { backUp } from '../backup.ts';
import { openDataFolder } from '../data-folder.ts';
import { ownerConnection } from '../open-store.ts';
import { type Command, progress, refuse } from './command.ts';

/** `backup <file>`: everything of all tenants into one file, beside a running server or without one. */
export const backUpCommand: Command = async ({ rest }) => {
  const file = rest[0] ?? refuse('backup needs a file to write.');
  const config = readConfig(process.env);
  const owner = await ownerConnection(config, openDataFolder(config), makeLogger(config.logLevel), {
    besideServer: true,
  });
  try {
    const result = await backUp(owner.url, file, systemClock, progress);
    progress(`${file}: ${result.rows} rows of ${result.tables} tables, SHA-256 ${result.sha256}`);
    progress('The secret key is not in it: keep it apart from the backup. The audit is worth nothing without it.');
    progress('Neither are the keys of people (the folder keys, or the vault): back them up apart, see the runbook.');
    return { ...result };
  } finally {
    await owner.stop();
  }
};
