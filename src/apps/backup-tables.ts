import pg from 'pg';
import { ConfigError } from '#config';

/** A table as backups hold it. */
export interface BackupTable {
  /** `schema.table`. */
  name: string;
  columns: string[];
}

/**
 * Left out: the migrations stand in the file's header, and a restored database is an epoch of its own. The job runner's
 * schema belongs to the release of the runner.
 */
const leftOut = new Set(['platform.migration', 'event.epoch']);
const foreignSchemas = ['graphile_worker', 'information_schema'];

/** Transaction ids mean nothing to another server: rows are written in their order and numbered anew. */
const inOrder: Record<string, readonly string[]> = { 'event.outbox': ['xid', 'seq'] };

const quoted = (names: readonly string[]): string => names.map((name) => pg.escapeIdentifier(name)).join(', ');

/** The table's name as SQL. */
export const tableSql = (name: string): string => name.split('.').map(pg.escapeIdentifier).join('.');

/** Tables whose rows a row of a table names come first; of equals the name decides. Throws where tables name each other. */
export function referredFirst(
  tables: readonly string[],
  references: readonly { from: string; to: string }[],
): string[] {
  const waiting = new Map(tables.map((name) => [name, new Set<string>()]));
  for (const { from, to } of references) if (from !== to && waiting.has(to)) waiting.get(from)?.add(to);
  const order: string[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting].filter(([, needs]) => needs.size === 0).map(([name]) => name);
    if (ready.length === 0) throw new Error(`these tables refer to each other: ${[...waiting.keys()].join(', ')}`);
    for (const name of ready.sort()) {
      order.push(name);
      waiting.delete(name);
      for (const needs of waiting.values()) needs.delete(name);
    }
  }
  return order;
}

/** The tables that belong into a backup, in the order in which they can be loaded. */
export async function backupTables(client: pg.Client): Promise<BackupTable[]> {
  const { rows } = await client.query<BackupTable>(
    `select nspname || '.' || relname as name, array(select attname::text from pg_attribute
        where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum) as columns
     from pg_class c join pg_namespace n on n.oid = relnamespace
     where relkind in ('r', 'p') and not relispartition and nspname !~ '^pg_' and nspname <> all($1)`,
    [foreignSchemas],
  );
  const { rows: references } = await client.query<{ from: string; to: string }>(
    `select f.relnamespace::regnamespace || '.' || f.relname as "from", t.relnamespace::regnamespace || '.' || t.relname as "to"
     from pg_constraint join pg_class f on f.oid = conrelid join pg_class t on t.oid = confrelid where contype = 'f'`,
  );
  const tables = new Map(rows.filter(({ name }) => !leftOut.has(name)).map((table) => [table.name, table]));
  return referredFirst([...tables.keys()], references).map((name) => {
    const columns = tables.get(name)?.columns ?? [];
    return { name, columns: columns.filter((column) => !inOrder[name]?.includes(column)) };
  });
}

/** COPY of a table's rows out of the database. */
export function copyOut({ name, columns }: BackupTable): string {
  const order = inOrder[name] ? ` order by ${quoted(inOrder[name])}` : '';
  return `copy (select ${quoted(columns)} from ${tableSql(name)}${order}) to stdout`;
}

/** COPY of a table's rows into the database. */
export function copyIn({ name, columns }: BackupTable): string {
  return `copy ${tableSql(name)} (${quoted(columns)}) from stdin`;
}

/** Lets every identity column go on after its highest value. */
export async function continueIdentities(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string; column: string }>(
    `select table_schema || '.' || table_name as name, column_name::text as column
     from information_schema.columns where is_identity = 'YES' and table_schema <> all($1)`,
    [foreignSchemas],
  );
  for (const { name, column } of rows) {
    await client.query(
      `select setval(pg_get_serial_sequence($1, $2), coalesce(max(${quoted([column])}), 0) + 1, false) from ${tableSql(name)}`,
      [tableSql(name), column],
    );
  }
}

/** A connection of the owner whose values read the same whatever the server's settings say. Throws ConfigError. */
export async function connectOwner(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'tradeai_backup' });
  // What ends the connection is told by the query at hand.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    throw new ConfigError(`The database cannot be reached: ${message || code}.`);
  }
  await client.query(`set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres';
    set bytea_output = 'hex'; set extra_float_digits = 1; set statement_timeout = 0; set row_security = off`);
  return client;
}

/** Whether row-level security, which binds even the tables' owner, lets this account past. */
export async function seesEveryRow(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query(
    'select from pg_roles where rolname = current_user and (rolsuper or rolbypassrls)',
  );
  return rowCount === 1;
}
