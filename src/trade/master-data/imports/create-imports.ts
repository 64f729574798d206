import type { Context } from '#context';
import type { Job, JobContext } from '#jobs';
import type { Module } from '#module';
import { masterDataEvents } from '../events.ts';
import type { AnyImportKind } from './import-kind.ts';
import { importRoutes } from './import-routes.ts';
import { findRunState, type ImportResult } from './import-store.ts';
import { type ImportRequest, requireKind, runImport, takeUpRun } from './run-import.ts';
import { dropUpload, uploadedFile } from './upload.ts';

/** The imports of the house. */
export interface Imports {
  /** Routes `/imports` and the job that runs uploads. */
  module: Module;
  /** Imports a file here and now, for the command line and the demo; a refused file is an answer, not a throw. */
  runImport(context: Context, request: ImportRequest): Promise<ImportResult>;
}

const jobName = 'run-import';

async function runUpload(
  kinds: readonly AnyImportKind[],
  context: JobContext,
  payload: { importId: string },
): Promise<void> {
  const id = payload.importId;
  const state = await context.db.transact(context, (tx) => findRunState(tx, id));
  // A job comes at least once: an ended import has nothing left to do.
  if (!state || state.status === 'finished' || state.status === 'refused') return;
  const kind = requireKind(kinds, state.kind);
  await takeUpRun(context, kind, id, state.mapping, {
    kind: kind.kind,
    source: uploadedFile(context, id),
    fileName: state.fileName,
    signal: context.signal,
  });
  await context.db.transact(context, (tx) => dropUpload(tx, id));
}

/** Puts the imports together from the kinds that the modules declare. */
export function createImports({ kinds }: { kinds: readonly AnyImportKind[] }): Imports {
  const job: Job<{ importId: string }> = {
    name: jobName,
    // Imports of one tenant run one after another: facts follow the master data they name.
    queue: 'import',
    handle: (context, payload) => runUpload(kinds, context, payload),
  };
  return {
    module: {
      name: 'imports',
      routes: importRoutes(kinds),
      jobs: [job],
      dispatch: { [masterDataEvents.importRequested]: jobName },
    },
    runImport: (context, request) => runImport(context, kinds, request),
  };
}
