import type { Context } from '#context';
import { type RawBuilder, sql, type TenantTx } from '#db';
import type { CheckedRow, RowOutcome } from '#master-data';
import { copyLines, copyText } from './copy-rows.ts';

/** A kind of fact per customer, product and period, as its tables hold it. */
export interface FactTable {
  table: RawBuilder<unknown>;
  revision: RawBuilder<unknown>;
  /** Columns beside the key, in the order of {@link FactRow.values}, with their types. */
  columns: readonly { name: string; type: string }[];
}

/** A checked fact. */
export interface FactRow {
  customerId: string;
  productId: string;
  periodStart: string;
  /** Texts of the table's `columns`: decimals, `t`/`f`, codes; null where unknown. */
  values: readonly (string | null)[];
}

const key = sql.raw('customer_id, product_id, period_start');

async function stage(tx: TenantTx<Context>, facts: FactTable, rows: readonly CheckedRow<FactRow>[]): Promise<void> {
  const columns = facts.columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  await tx.run(
    sql`create temporary table staged_fact (line integer not null, customer_id uuid not null, product_id uuid not null,
      period_start date not null, ${sql.raw(columns)}) on commit drop`,
  );
  const names = facts.columns.map(({ name }) => name).join(', ');
  const lines = rows.map(
    ({ value }, i) =>
      `${i}\t${value.customerId}\t${value.productId}\t${value.periodStart}\t${value.values.map(copyText).join('\t')}`,
  );
  await copyLines(tx, `staged_fact (line, customer_id, product_id, period_start, ${names})`, lines);
}

/** The statements of one batch over one fact table. */
function statements(tx: TenantTx<Context>, { table, revision, columns }: FactTable) {
  const tenantId = tx.context.tenant.id;
  const now = tx.context.clock.now();
  const names = columns.map(({ name }) => name);
  const list = (prefix: string) => sql.raw(names.map((name) => `${prefix}${name}`).join(', '));
  const match = sql`f.tenant_id = ${tenantId}::uuid and f.customer_id = s.customer_id and f.product_id = s.product_id
    and f.period_start = s.period_start`;
  // The limit keeps the planner from hashing the whole table for a batch of it: it looks each key up in the index.
  const stored = sql`staged_fact s cross join lateral (select f.* from ${table} f where ${match} limit 1) f`;
  return {
    known: sql<{ line: number; same: boolean }>`
      select s.line, (${list('f.')}) is not distinct from (${list('s.')}) as same from ${stored}`,
    keepRevisions: (lines: number[]) => sql`
      insert into ${revision} (tenant_id, ${key}, ${list('')}, recorded_at, superseded_at)
      select f.tenant_id, f.customer_id, f.product_id, f.period_start, ${list('f.')}, f.recorded_at, ${now}
      from ${stored} where s.line = any(${lines}::integer[])`,
    restate: (lines: number[]) => sql`
      update ${table} f set ${sql.raw(names.map((name) => `${name} = s.${name}`).join(', '))}, recorded_at = ${now}
      from staged_fact s where ${match} and s.line = any(${lines}::integer[])`,
    add: (knownLines: number[]) => sql`
      insert into ${table} (tenant_id, ${key}, ${list('')}, recorded_at)
      select ${tenantId}::uuid, ${key}, ${list('')}, ${now} from staged_fact s
      where not exists (select 1 from unnest(${knownLines}::integer[]) known (line) where known.line = s.line)`,
  };
}

/**
 * Stores facts by their key, set-based: new ones are added, changed ones replace what stood there, which is kept as a
 * revision, equal ones stay. Several imports at once wait for each other, batch by batch.
 */
export async function storeFacts(
  tx: TenantTx<Context>,
  facts: FactTable,
  rows: readonly CheckedRow<FactRow>[],
): Promise<RowOutcome[]> {
  await stage(tx, facts, rows);
  const lockKey = `performance.facts:${tx.context.tenant.id}`;
  await tx.run(sql`select pg_advisory_xact_lock(hashtextextended(${lockKey}, 0))`);
  const { known, keepRevisions, restate, add } = statements(tx, facts);
  const found = await tx.many(known);
  const restated = found.filter(({ same }) => !same).map(({ line }) => line);
  if (found.length < rows.length) await tx.run(add(found.map(({ line }) => line)));
  if (restated.length > 0) {
    await tx.run(keepRevisions(restated));
    // As above: by the index, whatever the statistics say of a table that has just grown.
    await tx.run(sql`set local enable_hashjoin = off`);
    await tx.run(sql`set local enable_mergejoin = off`);
    await tx.run(restate(restated));
    await tx.run(sql`set local enable_mergejoin = on`);
    await tx.run(sql`set local enable_hashjoin = on`);
  }
  await tx.run(sql`drop table staged_fact`);
  const outcomes: RowOutcome[] = rows.map(() => 'stored');
  for (const { line, same } of found) if (same) outcomes[line] = 'unchanged';
  return outcomes;
}
