import pg from 'pg';

/** A table with a tenant, as far as planting rows needs to know it. */
export interface TenantTable {
  name: string;
  /** Columns that must be given, with an SQL literal that fits each one's type. */
  columns: { name: string; literal: string }[];
  /** What the application's role may do here. */
  may: Record<'select' | 'insert' | 'update' | 'delete', boolean>;
}

interface TableRow {
  name: string;
  columns: { name: string; category: string; type: string }[];
  may: TenantTable['may'];
}

const tenantTables = `
  select c.oid::regclass::text as name,
    jsonb_build_object('select', has_table_privilege('tradeai_app', c.oid, 'select'),
      'insert', has_table_privilege('tradeai_app', c.oid, 'insert'),
      'update', has_table_privilege('tradeai_app', c.oid, 'update'),
      'delete', has_table_privilege('tradeai_app', c.oid, 'delete')) as may,
    (select coalesce(jsonb_agg(jsonb_build_object('name', attname, 'type', typname, 'category', typcategory)), '[]')
     from pg_attribute a join pg_type on pg_type.oid = atttypid
     where attrelid = c.oid and attnum > 0 and not attisdropped and attname <> 'tenant_id' and attnotnull
       and attidentity = '' and attgenerated = '' and not atthasdef) as columns
  from pg_class c join pg_namespace n on n.oid = relnamespace
  where relkind in ('r', 'p') and not relispartition and nspname !~ '^pg_'
    and exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant_id' and not attisdropped)
  order by 1`;

let made = 0;

function literalOf({ category, type }: { category: string; type: string }): string {
  made += 1;
  if (type === 'uuid') return 'gen_random_uuid()';
  if (type === 'bytea') return `decode(lpad('${made}', 64, '0'), 'hex')`;
  if (type === 'json' || type === 'jsonb') return `'{}'::${type}`;
  if (type === 'numeric') return '1';
  if (type === 'date') return `date '2000-01-01' + ${made}`;
  // Small enough for smallint, and not the same twice: a key may stand on it.
  const byCategory: Record<string, string> = {
    A: `'{}'`,
    B: 'false',
    D: 'now()',
    N: String(made % 30_000),
    R: `'empty'`,
    S: `'planted${made}'`,
    T: `'1 day'`,
  };
  const literal = byCategory[category];
  if (!literal) throw new Error(`no value for a column of type ${type}: say here how to make one`);
  return literal;
}

/** Every table with a tenant_id, with fresh values for its columns each time. */
export async function readTenantTables(owner: pg.Client): Promise<TenantTable[]> {
  const { rows } = await owner.query<TableRow>(tenantTables);
  return rows.map(({ name, may, columns }) => ({
    name,
    may,
    columns: columns.map((column) => ({ name: column.name, literal: literalOf(column) })),
  }));
}

/** The statement that puts a row of `tenantId` into a table. */
export function insertRow({ name, columns }: TenantTable, tenantId: string): string {
  const names = ['tenant_id', ...columns.map((column) => pg.escapeIdentifier(column.name))];
  const values = [`'${tenantId}'`, ...columns.map(({ literal }) => literal)];
  return `insert into ${name} (${names.join(', ')}) values (${values.join(', ')})`;
}

/**
 * Takes the business rules out of a throw-away database (checks, foreign keys, triggers of ours), so that what is left
 * between two tenants is row-level security alone and any row can be planted anywhere.
 */
export async function removeBusinessRules(owner: pg.Client): Promise<void> {
  const { rows } = await owner.query<{ statement: string }>(`
    select format('alter table %s drop constraint %I cascade', conrelid::regclass, conname) as statement
    from pg_constraint con join pg_class c on c.oid = conrelid join pg_namespace n on n.oid = relnamespace
    where contype in ('c', 'f') and conparentid = 0 and not relispartition and nspname !~ '^pg_' and nspname <> 'information_schema'
    union all
    select format('drop trigger %I on %s', tgname, tgrelid::regclass) from pg_trigger
      join pg_class c on c.oid = tgrelid join pg_namespace n on n.oid = relnamespace
    where not tgisinternal and tgparentid = 0 and nspname !~ '^pg_' and nspname <> 'graphile_worker'`);
  for (const { statement } of rows) await owner.query(statement);
}
