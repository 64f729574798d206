import { createReadStream, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type ExportKind, type ExportResult, exportData, exportKinds } from '../export.ts';
import { type Arguments, type Command, consoleContext, progress, refuse, required, withStore } from './command.ts';

function kindOf(given: Arguments): ExportKind {
  const wanted = required(given, 'kind');
  return exportKinds.find((kind) => kind === wanted) ?? refuse(`--kind is one of ${exportKinds.join(', ')}.`);
}

/** Into `--out` in one step, or to stdout; in both cases once the audit entry is committed. */
async function deliver(out: string | undefined, write: (path: string) => Promise<ExportResult>): Promise<ExportResult> {
  const folder = out ? undefined : mkdtempSync(join(tmpdir(), 'tradeai-export-'));
  const draft = folder ? join(folder, 'export.csv') : `${out}.new-${process.pid}`;
  try {
    const result = await write(draft);
    if (out) renameSync(draft, out);
    else await pipeline(createReadStream(draft), process.stdout, { end: false });
    return result;
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall && out) refuse(`The file ${out} cannot be written: ${message}.`);
    throw error;
  } finally {
    rmSync(folder ?? draft, { recursive: true, force: true });
  }
}

/** `export`: a tenant's records of one kind as CSV that the import of that kind takes. */
export const exportCommand: Command = async (given) => {
  const [kind, slug, out] = [kindOf(given), required(given, 'tenant'), given.options.out];
  if (given.json && !out) refuse('--json needs --out: stdout takes one of the two.');
  return withStore(async (store) => {
    const context = await consoleContext(store, slug);
    const result = await deliver(out, (path) => exportData(context, kind, path));
    for (const note of result.notes) progress(note);
    progress(`${out ?? kind}: ${result.rows} rows`);
    return { ...result, ...(out ? { file: out } : {}) };
  });
};
