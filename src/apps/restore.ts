import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type MigrationSource, migrate, openDatabase } from '#db';
import { listTenants, setAuditSecret, verifyAudit } from '#security';
import {
  BackupFileError,
  type BackupHeader,
  type BackupTrailer,
  checkBackupFile,
  openBackupRows,
} from './backup-file.ts';
import { backupTables, connectOwner, continueIdentities, copyIn, seesEveryRow, tableSql } from './backup-tables.ts';

/** What was restored. */
export interface RestoreResult {
  file: string;
  /** The release that made the backup, and when. */
  productVersion: string;
  createdAt: string;
  tables: number;
  rows: number;
  /** Migrations of this release that the backup did not have, applied after it was loaded. */
  migrated: string[];
  /** How many audit entries there are, and how many do not verify under this secret key. */
  audit: { entries: number; bad: number };
}

/** Where to restore to, and how to tell of it. */
export interface RestoreParts {
  ownerUrl: string;
  secretKey: string;
  migrationSources: readonly MigrationSource[];
  progress(line: string): void;
}

/** The SQL of the recorded migrations in their order. Throws where this release does not have one exactly as it ran. */
function recordedMigrations(header: BackupHeader, sources: readonly MigrationSource[]) {
  return header.migrations.map(({ module, name, sha256 }) => {
    const folder = sources.find((source) => source.module === module)?.folder;
    let sql: string | undefined;
    try {
      if (folder && /^[\w.-]+$/.test(name)) sql = readFileSync(new URL(name, folder), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    const same = sql !== undefined && createHash('sha256').update(sql).digest('hex') === sha256;
    if (sql !== undefined && same) return { module, name, sha256, sql };
    const how = sql === undefined ? 'does not know' : 'has another text of';
    throw new BackupFileError(
      `This release ${how} the migration ${module}/${name} of the backup (made by ${header.productVersion}): nothing was restored.`,
    );
  });
}

/** Refuses a database that holds anything beside what {@link migrate} lays for no migration at all. */
async function requireEmpty(client: pg.Client): Promise<void> {
  const { rowCount: found } = await client.query(
    `select from pg_class join pg_namespace n on n.oid = relnamespace
     where nspname !~ '^pg_' and nspname <> 'information_schema' and relkind in ('r', 'p', 'v', 'm', 'f')
       and (nspname, relname) <> ('platform', 'migration')`,
  );
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('platform.migration') is not null as there`,
  );
  const applied = rows[0]?.there ? await client.query('select from platform.migration limit 1') : { rowCount: 0 };
  if (found || applied.rowCount) {
    throw new BackupFileError('The database is not empty: a backup is restored into an empty one only.');
  }
}

async function loadTables(
  client: pg.Client,
  path: string,
  backup: BackupHeader & BackupTrailer,
  progress: RestoreParts['progress'],
): Promise<void> {
  const own = new Map((await backupTables(client)).map((table) => [table.name, table.columns.join()]));
  const strange = backup.tables.find(({ name, columns }) => own.get(name) !== columns.join());
  if (strange || own.size !== backup.tables.length) {
    throw new BackupFileError(`The tables of ${path} are not those of its migrations: nothing was restored.`);
  }
  // Histories that triggers write come with the backup.
  await client.query("set local tradeai.restoring = 'on'");
  // A migration may have put rows there, which the backup holds too.
  await client.query(`truncate ${backup.tables.map(({ name }) => tableSql(name)).join(', ')}`);
  const rows = openBackupRows(path);
  try {
    for (const table of backup.tables) {
      const target = client.query(copyFrom(copyIn(table)));
      await pipeline(Readable.from(rows.next()), target);
      const { rows: counted } = await client.query<{ n: string }>(`select count(*) as n from ${tableSql(table.name)}`);
      if (Number(counted[0]?.n) !== backup.rows[table.name]) {
        throw new BackupFileError(`${table.name} has ${counted[0]?.n} rows, not ${backup.rows[table.name]}.`);
      }
      progress(`${table.name}: ${counted[0]?.n} rows`);
    }
  } finally {
    await rows.close();
  }
  await continueIdentities(client);
}

/**
 * Everything in one transaction: the tables as the recorded migrations make them, their rows, checked by the database's
 * own constraints as they arrive. The epoch of events is a new one, since its migration draws it.
 */
async function restoreWhole(path: string, backup: BackupHeader & BackupTrailer, parts: RestoreParts): Promise<void> {
  const migrations = recordedMigrations(backup, parts.migrationSources);
  const client = await connectOwner(parts.ownerUrl);
  let laid = false;
  try {
    if (!(await seesEveryRow(client))) {
      throw new BackupFileError(
        'A restore needs a database account that is a superuser or may bypass row-level security.',
      );
    }
    await requireEmpty(client);
    // Roles and an empty ledger of migrations; servers that start meanwhile wait for the lock.
    laid = (await migrate(parts.ownerUrl, parts.secretKey, [])).length === 0;
    await client.query("select pg_advisory_lock(hashtext('tradeai.migrate'))");
    await client.query('begin');
    await requireEmpty(client);
    for (const { module, name, sha256, sql } of migrations) {
      await client.query(sql);
      // In one transaction now() stands still, and the order must stay known.
      const record = 'insert into platform.migration values ($1, $2, $3, clock_timestamp())';
      await client.query(record, [module, name, sha256]);
    }
    await loadTables(client, path, backup, parts.progress);
    // Whoever was signed in then may have lost the right, or the device, since: everybody signs in anew.
    await client.query('update identity.session set ended_at = clock_timestamp() where ended_at is null');
    await client.query('commit');
  } catch (error) {
    // A connection that is gone has rolled back by itself; an empty ledger is no hindrance to the next attempt.
    await client.query('rollback').catch(() => undefined);
    if (laid) await client.query('drop table platform.migration; drop schema platform').catch(() => undefined);
    throw error;
  } finally {
    await client.end();
  }
}

async function auditOf({ ownerUrl, secretKey }: RestoreParts): Promise<RestoreResult['audit']> {
  setAuditSecret(secretKey);
  const db = openDatabase(ownerUrl, secretKey, () => undefined);
  try {
    const audit = { entries: 0, bad: 0 };
    for (const tenant of await listTenants(db)) {
      const { entries, badCount } = await verifyAudit(db, tenant.id);
      audit.entries += entries;
      audit.bad += badCount;
    }
    return audit;
  } finally {
    await db.close();
  }
}

/**
 * Restores a backup into an empty database and brings it up to this release. All or nothing: where it fails, the database
 * is as empty as before. Throws {@link BackupFileError} for a damaged file, a database that is not empty and migrations
 * that this release does not have; MigrationError where a newer migration fails on the restored data.
 */
export async function restore(path: string, parts: RestoreParts): Promise<RestoreResult> {
  const backup = await checkBackupFile(path);
  await restoreWhole(path, backup, parts);
  const migrated = await migrate(parts.ownerUrl, parts.secretKey, parts.migrationSources);
  return {
    file: path,
    productVersion: backup.productVersion,
    createdAt: backup.createdAt,
    tables: backup.tables.length,
    rows: Object.values(backup.rows).reduce((sum, count) => sum + count, 0),
    migrated,
    audit: await auditOf(parts),
  };
}
