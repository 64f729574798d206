import { parseArgs } from 'node:util';
import { ConfigError } from '#config';
import { MigrationError } from '#db';
import { EmbeddedPostgresError } from '#embedded-postgres';
import { Problem } from '#problem';
import { BackupFileError } from './backup-file.ts';
import { acceptRestoreCommand } from './commands/accept-restore.ts';
import { backUpCommand } from './commands/back-up.ts';
import { breakGlassCommand } from './commands/break-glass.ts';
import { type Arguments, type Command, refuse, UsageError } from './commands/command.ts';
import { confirmTimeCommand } from './commands/confirm-time.ts';
import { createTenantCommand } from './commands/create-tenant.ts';
import { doctorCommand } from './commands/doctor.ts';
import { exportAuditCommand } from './commands/export-audit.ts';
import { exportCommand } from './commands/export-data.ts';
import { importCommand } from './commands/import-file.ts';
import { keyStatusCommand, rotateKeysCommand } from './commands/keys.ts';
import { restoreCommand } from './commands/restore-backup.ts';
import { rotateAuditKeyCommand } from './commands/rotate-audit-key.ts';
import { verifyAuditCommand } from './commands/verify-audit.ts';
import { serve } from './serve.ts';

const usage = `Usage: npx tradeai <command>

  start                                   run the server (as npm start)
  tenant create <slug> --admin <email>    make a tenant; prints a one-time link for its first administrator
      [--name <name>] [--time-zone <IANA name>] [--currency <ISO 4217>]
  import <file> --kind <kind> --tenant <slug> [--mapping <file>]
                                          load a CSV or XLSX file, also gzipped
  export --kind <kind> --tenant <slug> [--out <file>]
                                          write CSV with the columns of the import of that kind
  backup <file>                           write everything of all tenants into one file; the server may run
  restore <file>                          load a backup into an empty database; no server may run
  audit verify [--tenant <slug>] [--against <checkpoint file>]
                                          check the whole audit trail, also against the checkpoints of the data folder
  audit export --tenant <slug> [--from <instant>] [--to <instant>] [--out <file>]
                                          write the sealed trail as JSON Lines that verify by themselves
  audit rotate-key                        begin the next generation of the key that signs checkpoints
  audit accept-restore --reason <why>     let the trail go on from a database that was put back: what was signed after
                                          its backup is given up, and the trail says so
  audit confirm-time --reason <why>       say that the clock did not jump where nothing was signed for over 45 days
  break-glass --tenant <slug> --reason <why> [--minutes <1 to 240>]
                                          open emergency access for a while; every administrator is told
  keys status                             where the keys are and how old they are; never a key
  keys rotate [--class <class> --tenant <slug>] [--again yes]
                                          turn over the key-encryption key, or a data key; the server may run
  keys rotate --people-before <now or an instant>
                                          turn over the keys of people that were made before; the server may run
  doctor                                  check settings, database and migrations

  --json   print the result as one JSON line at the end
`;

const text = { type: 'string' } as const;
const known = {
  ...{ admin: text, name: text, 'time-zone': text, currency: text, kind: text, tenant: text, mapping: text, out: text },
  ...{ class: text, again: text, 'people-before': text },
  ...{ reason: text, minutes: text },
  ...{ against: text, from: text, to: text },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Commands by their words. */
const commands: Record<string, Command> = {
  'tenant create': createTenantCommand,
  'keys status': keyStatusCommand,
  'keys rotate': rotateKeysCommand,
  'break-glass': breakGlassCommand,
  'audit verify': verifyAuditCommand,
  'audit export': exportAuditCommand,
  'audit rotate-key': rotateAuditKeyCommand,
  'audit accept-restore': acceptRestoreCommand,
  'audit confirm-time': confirmTimeCommand,
  import: importCommand,
  export: exportCommand,
  backup: backUpCommand,
  restore: restoreCommand,
  doctor: doctorCommand,
  start: async () => {
    await serve(process.env);
    return undefined;
  },
};

/** What was given; an option that is not known, or has no value, is a line for the person at the console. */
function commandLine() {
  try {
    return parseArgs({ allowPositionals: true, strict: true, options: known });
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')) throw error;
    return refuse(`${(error as Error).message.split('. ')[0]}. npx tradeai --help shows them all.`);
  }
}

async function run(): Promise<void> {
  const { values, positionals } = commandLine();
  const { json, help, ...options } = values;
  if (help || positionals.length === 0) {
    process.stdout.write(usage);
    return;
  }
  for (const words of [2, 1]) {
    const name = positionals.slice(0, words).join(' ');
    const given: Arguments = { rest: positionals.slice(words), options, json };
    if (!Object.hasOwn(commands, name)) continue;
    const result = await commands[name]?.(given);
    if (result && json) process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  refuse(`There is no command ${positionals.join(' ')}. npx tradeai --help shows them all.`);
}

/** What the person at the console can mend, as one line; everything else is a fault of ours and shows its stack. */
const plain = [UsageError, ConfigError, EmbeddedPostgresError, MigrationError, BackupFileError, Problem];

try {
  await run();
} catch (error) {
  if (!(error instanceof Error && plain.some((kind) => error instanceof kind))) throw error;
  process.stderr.write(`${error instanceof Problem ? error.detail : error.message}\n`);
  process.exitCode = 2;
}
