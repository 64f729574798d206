import type { Context } from '#context';
import { emit } from '#events';
import { Problem } from '#problem';
import { recordAudit } from '#security';
import { masterDataEvents } from '../events.ts';
import { type FileFacts, type FileSource, inspectFile } from './file-source.ts';
import type { AnyImportKind } from './import-kind.ts';
import { ImportInterrupted, ImportRun } from './import-run.ts';
import { checkPlaces } from './import-scope.ts';
import {
  endRun,
  findImport,
  findRunState,
  type ImportResult,
  insertRun,
  startRun,
  storeFacts,
} from './import-store.ts';
import { type Mapping, mappingSchema } from './mapping.ts';
import { openRows, readHeader } from './open-rows.ts';

/** How far an import has come. */
export interface ImportProgress {
  importId: string;
  /** Part of the file, 0 to 1. */
  done: number;
  rows: ImportResult['rows'];
}

/** What to import. */
export interface ImportRequest {
  kind: string;
  source: FileSource;
  fileName: string;
  /** The content of a mapping file. */
  mapping?: unknown;
  onProgress?: ((progress: ImportProgress) => void) | undefined;
  /** Aborted when the process drains: the run stops after the batch at hand and is taken up again later. */
  signal?: AbortSignal | undefined;
}

/** Checks the content of a mapping file against the kind. Throws `request.malformed`. */
export function parseMapping(mapping: unknown, kind: string): Mapping | null {
  if (mapping === undefined || mapping === null) return null;
  const parsed = mappingSchema.safeParse(mapping);
  if (!parsed.success) {
    const errors = parsed.error.issues
      .slice(0, 20)
      .map((issue) => ({ path: ['mapping', ...issue.path].join('.'), message: issue.message }));
    const first = errors[0];
    const detail = `The mapping file is not valid: ${first?.path} ${first?.message}.`;
    throw new Problem('request.malformed', { detail, errors });
  }
  if (parsed.data.kind !== kind) {
    const message = `The mapping file is for ${parsed.data.kind}, not for ${kind}.`;
    throw new Problem('request.malformed', { detail: message, errors: [{ path: 'mapping.kind', message }] });
  }
  return parsed.data;
}

/** The kind of that name. Throws `request.malformed`. */
export function requireKind(kinds: readonly AnyImportKind[], name: string): AnyImportKind {
  const kind = kinds.find((candidate) => candidate.kind === name);
  if (kind) return kind;
  const message = `must be one of ${kinds.map((known) => known.kind).join(', ')}`;
  throw new Problem('request.malformed', { detail: `The kind ${message}.`, errors: [{ path: 'kind', message }] });
}

/** Imports a file here and now, and answers what became of it; a refused file is an answer too, not a throw. */
export async function runImport(
  context: Context,
  kinds: readonly AnyImportKind[],
  request: ImportRequest,
): Promise<ImportResult> {
  const kind = requireKind(kinds, request.kind);
  const mapping = parseMapping(request.mapping, kind.kind);
  const id = context.newId();
  await context.db.transact(context, (tx) =>
    insertRun(tx, { id, kind: kind.kind, fileName: request.fileName, status: 'queued', mapping }),
  );
  return takeUpRun(context, kind, id, mapping, request);
}

/** Runs a stored import, from where an earlier try left it. */
export async function takeUpRun(
  context: Context,
  kind: AnyImportKind,
  id: string,
  mapping: Mapping | null,
  request: ImportRequest,
): Promise<ImportResult> {
  const { db } = context;
  try {
    await db.transact(context, (tx) => startRun(tx, id));
    const facts = await inspectFile(request.source);
    if (mapping?.delimiter) facts.delimiter = mapping.delimiter;
    await db.transact(context, (tx) => storeFacts(tx, id, facts));
    await runRows(context, kind, id, mapping, facts, request);
  } catch (error) {
    await stopRun(context, id, kind.kind, error);
  }
  const result = await db.transact(context, (tx) => findImport(tx, id));
  if (!result) throw new Error(`the import ${id} is gone`);
  return result;
}

async function runRows(
  context: Context,
  kind: AnyImportKind,
  id: string,
  mapping: Mapping | null,
  facts: FileFacts,
  request: ImportRequest,
): Promise<void> {
  const rows = await openRows(request.source, facts, mapping?.sheet);
  const iterator = rows[Symbol.asyncIterator]();
  try {
    const { header, mapper } = await readHeader(iterator, kind, mapping);
    const file = { importId: id, fileName: request.fileName, columns: mapper.columns };
    const state = await context.db.transact(context, (tx) => findRunState(tx, id));
    if (!state) throw new Error(`the import ${id} is gone`);
    const placesOf = await checkPlaces(context, kind, state.actorId);
    const run = new ImportRun(context, {
      ...{ kind, kindRun: await kind.open(context, file), file, mapper, header, facts, placesOf },
      ...{ committedBatches: state.counts.batchesDone, committed: state.counts, committedTotals: state.totals },
      ...{ onProgress: request.onProgress, signal: request.signal },
    });
    await run.consume(iterator, () => rows.bytesRead());
  } finally {
    await iterator.return?.(undefined);
  }
}

/** A refusal is the file's fault and final; anything else is ours, is shown as failed, and goes on up. */
async function stopRun(context: Context, id: string, kind: string, error: unknown): Promise<void> {
  if (error instanceof ImportInterrupted) throw error;
  const refused = error instanceof Problem && error.status < 500;
  const message = refused ? error.detail : 'The import stopped: something went wrong on our side.';
  const status = refused ? 'refused' : 'failed';
  await context.db
    .transact(context, async (tx) => {
      const before = await findImport(tx, id);
      const stored = before ? before.rows.stored + before.rows.unchanged : 0;
      const errors = [message];
      if (stored > 0) {
        errors.push(
          `${stored} rows before that are stored. Mend the file and import it again: they will count as unchanged.`,
        );
      }
      await endRun(tx, id, { status, errors, notes: [] });
      if (!refused) return;
      await recordAudit(tx, { action: 'import.refused', entityType: 'import', entityId: id, after: { kind, errors } });
      await emit(tx, {
        type: masterDataEvents.importFinished,
        subjectType: 'import',
        subjectId: id,
        data: { importId: id, kind, status, errors },
      });
    })
    .catch((failure: unknown) => context.log.error({ err: failure, importId: id }, 'an import could not be ended'));
  if (!refused) throw error;
}
