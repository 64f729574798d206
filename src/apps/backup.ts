import { readFileSync } from 'node:fs';
import { to as copyTo } from 'pg-copy-streams';
import type { Clock } from '#clock';
import { BackupFileError, type BackupHeader, writeBackupFile } from './backup-file.ts';
import { backupTables, connectOwner, copyOut, seesEveryRow } from './backup-tables.ts';

/** What a backup holds. */
export interface BackupResult {
  file: string;
  productVersion: string;
  tables: number;
  rows: number;
  sha256: string;
}

function productVersion(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}

/**
 * Writes every table of every tenant, as of one moment, into one file, while others work. Throws
 * {@link BackupFileError} where the database is empty or the account may not read past row-level security.
 */
export async function backUp(
  ownerUrl: string,
  file: string,
  clock: Clock,
  progress: (line: string) => void,
): Promise<BackupResult> {
  const client = await connectOwner(ownerUrl);
  try {
    if (!(await seesEveryRow(client))) {
      throw new BackupFileError(
        'A backup needs a database account that is a superuser or may bypass row-level security.',
      );
    }
    await client.query('begin isolation level repeatable read read only');
    const { rows: known } = await client.query<{ there: boolean }>(
      `select to_regclass('platform.migration') is not null as there`,
    );
    if (!known[0]?.there) throw new BackupFileError('The database is empty: there is nothing to back up.');
    const { rows: migrations } = await client.query<BackupHeader['migrations'][number]>(
      'select module, name, sha256 from platform.migration order by applied_at, module, name',
    );
    const tables = await backupTables(client);
    const header = { productVersion: productVersion(), createdAt: clock.now().toISOString(), migrations, tables };
    const trailer = await writeBackupFile(file, header, async function* rowsOf(table) {
      progress(table.name);
      yield* client.query(copyTo(copyOut(table)));
      // The stream ends before the server has said that it is done, and only then the connection is free again.
      await client.query('select');
    });
    await client.query('commit');
    const rows = Object.values(trailer.rows).reduce((sum, count) => sum + count, 0);
    return { file, productVersion: header.productVersion, tables: tables.length, rows, sha256: trailer.sha256 };
  } finally {
    await client.end();
  }
}
