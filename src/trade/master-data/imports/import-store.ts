import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import type { ColumnTotal } from './control-totals.ts';
import type { FileFacts } from './file-source.ts';
import type { RowCounts } from './import-kind.ts';
import type { Mapping } from './mapping.ts';

/** Where a run stands: `refused` is the file's fault, `failed` ours (and is tried again). */
export type ImportStatus = 'uploading' | 'queued' | 'checking' | 'running' | 'finished' | 'refused' | 'failed';

/** An import as the API shows it. read = stored + unchanged + quarantined once it has finished. */
export interface ImportResult {
  id: string;
  kind: string | null;
  fileName: string;
  status: ImportStatus;
  rows: RowCounts;
  /** Records that the mapping derived from parts of rows (parents), beside `rows`. */
  derived: { stored: number; unchanged: number };
  /** Control totals by column. */
  totals: Record<string, ColumnTotal>;
  /** Why the file was refused or the run failed. */
  errors: string[];
  /** What people should know beside the counts. */
  notes: string[];
  /** What the file was mapped by; null where its columns are the kind's own. */
  mapping: Mapping | null;
  /** Part of the file that is done, 0 to 1, to two decimals; null before it has been checked. */
  progress: string | null;
  fileBytes: number | null;
  fileSha256: string | null;
  actorId: string;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
}

/** A row that was not taken. */
export interface QuarantinedRow {
  id: string;
  /** 1 for the first row after the header. */
  rowNumber: number;
  /** The row as it stands in the file, by column. */
  raw: Record<string, string>;
  reasons: string[];
}

/** How far a run has come; written with every batch. */
export interface RunCounts {
  read: number;
  stored: number;
  unchanged: number;
  quarantined: number;
  derivedStored: number;
  derivedUnchanged: number;
  batchesDone: number;
  textBytesDone: number;
}

const columns = sql`run.id, run.kind, run.file_name as "fileName", run.status,
  jsonb_build_object('read', run.rows_read, 'stored', run.rows_stored, 'unchanged', run.rows_unchanged,
    'quarantined', run.rows_quarantined) as rows,
  jsonb_build_object('stored', run.derived_stored, 'unchanged', run.derived_unchanged) as derived,
  run.totals, run.errors, run.notes, run.mapping,
  case when run.status = 'finished' then '1.00' when run.text_bytes is null then null
    else least(1, run.text_bytes_done::numeric / nullif(run.text_bytes, 0))::numeric(3, 2)::text end as progress,
  run.file_bytes::float8 as "fileBytes", run.file_sha256 as "fileSha256", run.actor_id as "actorId",
  run.created_at as "createdAt", run.started_at as "startedAt", run.finished_at as "finishedAt"`;

/** Stores a new run. */
export async function insertRun(
  tx: TenantTx<Context>,
  run: { id: string; kind: string | null; fileName: string; status: ImportStatus; mapping: Mapping | null },
): Promise<void> {
  const { tenant, actor, clock } = tx.context;
  await tx.run(sql`insert into master_data.import_run (tenant_id, id, kind, file_name, status, mapping, actor_id, created_at)
    values (${tenant.id}, ${run.id}, ${run.kind}, ${run.fileName}, ${run.status},
      ${run.mapping ? JSON.stringify(run.mapping) : null}, ${actor.id}, ${clock.now()})`);
}

/** The upload is complete: the run may start. */
export async function queueRun(tx: TenantTx, id: string, kind: string, mapping: Mapping | null): Promise<void> {
  await tx.run(sql`update master_data.import_run set status = 'queued', kind = ${kind},
    mapping = ${mapping ? JSON.stringify(mapping) : null} where id = ${id}`);
}

type ImportRow = Omit<ImportResult, 'createdAt' | 'startedAt' | 'finishedAt'> & {
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
};

function toResult(row: ImportRow): ImportResult {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

/** One import; undefined where there is none. */
export async function findImport(tx: TenantTx, id: string): Promise<ImportResult | undefined> {
  const row = await tx.maybe<ImportRow>(sql`select ${columns} from master_data.import_run run where id = ${id}`);
  return row && toResult(row);
}

/** Files tell of the whole tenant: whoever is kept to a part of it sees their own. */
function ofOwn({ context }: TenantTx<Context>): RawBuilder<unknown> {
  return context.actor.scope ? sql`run.actor_id = ${context.actor.id}` : sql`true`;
}

/** {@link findImport} as far as the actor may see it. */
export async function findVisibleImport(tx: TenantTx<Context>, id: string): Promise<ImportResult | undefined> {
  const row = await tx.maybe<ImportRow>(sql`select ${columns} from master_data.import_run run
    where id = ${id} and ${ofOwn(tx)}`);
  return row && toResult(row);
}

/** A stored run, as a try to run it finds it. */
export interface RunState {
  kind: string;
  fileName: string;
  status: ImportStatus;
  mapping: Mapping | null;
  /** Who asked for it. */
  actorId: string;
  counts: RunCounts;
  totals: Record<string, ColumnTotal>;
}

/** What a job needs to take a run up, and its counts where an earlier try committed batches. */
export function findRunState(tx: TenantTx, id: string): Promise<RunState | undefined> {
  return tx.maybe(sql`select kind, file_name as "fileName", status, mapping, actor_id as "actorId", jsonb_build_object(
      'read', rows_read, 'stored', rows_stored, 'unchanged', rows_unchanged, 'quarantined', rows_quarantined,
      'derivedStored', derived_stored, 'derivedUnchanged', derived_unchanged, 'batchesDone', batches_done,
      'textBytesDone', coalesce(text_bytes_done, 0)) as counts, totals
    from master_data.import_run where id = ${id}`);
}

/** The run reads its file. */
export async function startRun(tx: TenantTx<Context>, id: string): Promise<void> {
  await tx.run(sql`update master_data.import_run set status = 'checking', errors = '[]',
    started_at = coalesce(started_at, ${tx.context.clock.now()}) where id = ${id}`);
}

/** The file is readable: rows follow. */
export async function storeFacts(tx: TenantTx, id: string, facts: FileFacts): Promise<void> {
  await tx.run(sql`update master_data.import_run set status = 'running', file_bytes = ${facts.bytes},
    file_sha256 = ${facts.sha256}, text_bytes = ${facts.textBytes} where id = ${id}`);
}

/** Writes how far a run has come. */
export async function storeCounts(tx: TenantTx, id: string, counts: RunCounts, totals: object): Promise<void> {
  await tx.run(sql`update master_data.import_run set rows_read = ${counts.read}, rows_stored = ${counts.stored},
    rows_unchanged = ${counts.unchanged}, rows_quarantined = ${counts.quarantined},
    derived_stored = ${counts.derivedStored}, derived_unchanged = ${counts.derivedUnchanged},
    batches_done = ${counts.batchesDone}, text_bytes_done = ${counts.textBytesDone}, totals = ${JSON.stringify(totals)}
    where id = ${id}`);
}

/** Ends a run. */
export async function endRun(
  tx: TenantTx<Context>,
  id: string,
  end: { status: ImportStatus; errors: string[]; notes: string[] },
): Promise<void> {
  await tx.run(sql`update master_data.import_run set status = ${end.status}, errors = ${JSON.stringify(end.errors)},
    notes = ${JSON.stringify(end.notes)}, finished_at = ${tx.context.clock.now()} where id = ${id}`);
}

/** Characters of a cell that quarantine keeps: enough to find and mend it. */
const maxRawLength = 2_000;

/** A NUL is the one character that the database cannot hold. */
function printable(raw: Record<string, string>): Record<string, string> {
  const safe = (text: string) => text.slice(0, maxRawLength).replaceAll('\0', '\ufffd');
  return Object.fromEntries(Object.entries(raw).map(([name, text]) => [safe(name), safe(text)]));
}

/** Puts rows into quarantine. */
export async function insertQuarantine(
  tx: TenantTx<Context>,
  importId: string,
  rows: readonly Omit<QuarantinedRow, 'id'>[],
): Promise<void> {
  if (rows.length === 0) return;
  const { tenant, newId } = tx.context;
  const text = JSON.stringify(rows.map((row) => ({ ...row, raw: printable(row.raw), id: newId() })));
  await tx.run(sql`insert into master_data.import_quarantine (tenant_id, import_id, id, row_number, raw, reasons)
    select ${tenant.id}, ${importId}, q.id, q."rowNumber", q.raw, array(select jsonb_array_elements_text(q.reasons))
    from jsonb_to_recordset(${text}::jsonb) as q (id uuid, "rowNumber" bigint, raw jsonb, reasons jsonb)`);
}

/** A page of imports, newest first. */
export async function listImports(
  tx: TenantTx<Context>,
  filter: { kind?: string | undefined; status?: string | undefined },
  request: ListRequest,
): Promise<Page<ImportResult>> {
  const where = [ofOwn(tx)];
  if (filter.kind) where.push(sql`run.kind = ${filter.kind}`);
  if (filter.status) where.push(sql`run.status = ${filter.status}`);
  const list = {
    columns,
    from: sql`master_data.import_run run`,
    where,
    sortable: { createdAt: sql`run.created_at` },
    id: sql`run.id`,
    defaultSort: '-createdAt',
  };
  const page = await keysetPage<ImportRow>(tx, list, request);
  return { ...page, items: page.items.map(toResult) };
}

/** A page of an import's quarantine, in the order of the file. */
export function listQuarantine(tx: TenantTx, importId: string, request: ListRequest): Promise<Page<QuarantinedRow>> {
  const list = {
    columns: sql`q.id, q.row_number::float8 as "rowNumber", q.raw, q.reasons`,
    from: sql`master_data.import_quarantine q`,
    where: [sql`q.import_id = ${importId}`],
    sortable: { rowNumber: sql`q.row_number` },
    id: sql`q.id`,
    defaultSort: 'rowNumber',
  };
  return keysetPage<QuarantinedRow>(tx, list, request);
}
