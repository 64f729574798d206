import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { rolePassword, urlForRole } from './database.ts';

/** A module's folder of numbered SQL files, applied in the order of their names. */
export interface MigrationSource {
  module: string;
  /** `file:` URL of the folder, with a closing slash. */
  folder: URL;
}

/** A migration that was changed after it had been applied, or one whose file is gone. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

interface MigrationFile {
  module: string;
  name: string;
  sql: string;
  sha256: string;
}

async function readMigrations(sources: readonly MigrationSource[]): Promise<MigrationFile[]> {
  const files: MigrationFile[] = [];
  for (const { module, folder } of sources) {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
    for (const name of names) {
      const sql = await readFile(new URL(name, folder), 'utf8');
      files.push({ module, name, sql, sha256: createHash('sha256').update(sql).digest('hex') });
    }
  }
  return files;
}

const roles = ['tradeai_app', 'tradeai_system'];

/** Creates the login roles, which are cluster-wide: of two databases that do so at the same moment one waits, and finds all done. */
async function ensureRoles(client: pg.Client, secretKey: string): Promise<void> {
  for (const role of roles) {
    const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
    if (rowCount) continue;
    await client.query(`
      do $$ begin
        create role ${role} login nosuperuser nobypassrls password '${rolePassword(secretKey, role)}';
        alter role ${role} set idle_in_transaction_session_timeout = '15s';
        alter role ${role} set statement_timeout = '30s';
      exception when duplicate_object or unique_violation then null; end $$`);
  }
}

/** The password follows the secret key: when the key was changed, the roles are told. */
async function ensureRolePasswords(client: pg.Client, ownerUrl: string, secretKey: string): Promise<void> {
  for (const role of roles) {
    const probe = new pg.Client({ connectionString: urlForRole(ownerUrl, role, secretKey) });
    try {
      await probe.connect();
    } catch (error) {
      if ((error as { code?: string }).code !== '28P01') throw error;
      await client.query(`alter role ${role} password '${rolePassword(secretKey, role)}'`);
    } finally {
      await probe.end().catch(() => undefined);
    }
  }
}

/** Turns the forcing of row-level security on or off for every table with a policy of ours, where that is not so already. */
const forcing = (on: boolean): string => `do $$ declare target regclass; begin
  for target in select pg_class.oid::regclass from pg_class
    where relkind in ('r', 'p') and relrowsecurity and relforcerowsecurity <> ${on} and pg_has_role(relowner, 'usage')
      -- The job runner's tables have no policy: their owner works on them.
      and exists (select from pg_policy where polrelid = pg_class.oid)
  loop execute format('alter table %s ${on ? '' : 'no'} force row level security', target); end loop;
end $$`;

/** Whether row-level security keeps this account from rows once it is forced. */
async function isHeldBack(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    'select not (rolsuper or rolbypassrls) as held from pg_roles where rolname = current_user',
  );
  return rows[0]?.held ?? true;
}

async function applyPending(client: pg.Client, files: readonly MigrationFile[]): Promise<string[]> {
  await client.query('create schema if not exists platform');
  await client.query(`create table if not exists platform.migration (
    module text not null, name text not null, sha256 text not null, applied_at timestamptz not null default now(),
    primary key (module, name))`);
  const { rows } = await client.query<{ module: string; name: string; sha256: string }>(
    'select module, name, sha256 from platform.migration',
  );
  const applied = new Map(rows.map((row) => [`${row.module}/${row.name}`, row.sha256]));
  const done: string[] = [];
  const heldBack = await isHeldBack(client);
  for (const file of files) {
    const key = `${file.module}/${file.name}`;
    const known = applied.get(key);
    if (known === file.sha256) continue;
    if (known)
      throw new MigrationError(`The migration ${key} was edited after it had been applied. Add a new one instead.`);
    await client.query('begin');
    try {
      if (heldBack) await client.query(forcing(false));
      await client.query(file.sql);
      await client.query(forcing(true));
      await client.query('insert into platform.migration (module, name, sha256) values ($1, $2, $3)', [
        file.module,
        file.name,
        file.sha256,
      ]);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw new MigrationError(`The migration ${key} failed: ${(error as Error).message}`, { cause: error });
    }
    done.push(key);
  }
  // Also what a restored backup laid down without this function, or somebody took off by hand.
  await client.query(forcing(true));
  return done;
}

/**
 * Brings a database up to date as its owner and answers the names of the migrations it applied. Safe when two servers
 * start at once (one waits for the other) and checked against edits of applied files (SHA-256).
 */
export async function migrate(
  ownerUrl: string,
  secretKey: string,
  sources: readonly MigrationSource[],
): Promise<string[]> {
  const files = await readMigrations(sources);
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'tradeai_migrate' });
  // A lost connection fails the statement at hand; unheard, it would end the process before that can be told.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(hashtext('tradeai.migrate'))");
    await ensureRoles(client, secretKey);
    await ensureRolePasswords(client, ownerUrl, secretKey);
    return await applyPending(client, files);
  } finally {
    await client.end();
  }
}
