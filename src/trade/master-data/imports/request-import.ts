import type { Context } from '#context';
import { emit } from '#events';
import type { Permission } from '#module';
import { Problem } from '#problem';
import { authorise, recordAudit } from '#security';
import { masterDataEvents } from '../events.ts';
import type { AnyImportKind } from './import-kind.ts';
import { endRun, insertRun, queueRun } from './import-store.ts';
import { parseMapping, requireKind } from './run-import.ts';
import { dropAbandonedUploads, dropUpload, storeUpload } from './upload.ts';

/** The parts of an upload as they arrive, in any order. */
export type UploadPart =
  | { type: 'field'; name: string; value: string }
  | { type: 'file'; name: string; fileName: string; content: AsyncIterable<Buffer> };

interface Received {
  id: string;
  fileName: string | undefined;
  fields: Map<string, string>;
}

function malformed(path: string, message: string): never {
  throw new Problem('request.malformed', { detail: `${path} ${message}.`, errors: [{ path, message }] });
}

/** File names are shown to people: no paths, no control characters. */
function cleanName(name: string): string {
  const base = name.split(/[\\/]/).at(-1) ?? '';
  return base.replace(/\p{Cc}/gu, '').slice(0, 200) || 'upload';
}

async function receive(context: Context, parts: AsyncIterable<UploadPart>, received: Received): Promise<void> {
  for await (const part of parts) {
    if (part.type === 'field') {
      if (!['kind', 'mapping'].includes(part.name)) malformed(part.name, 'is not a field of an import');
      if (received.fields.has(part.name)) malformed(part.name, 'is given twice');
      received.fields.set(part.name, part.value);
      continue;
    }
    if (part.name !== 'file' || received.fileName !== undefined)
      malformed(part.name, 'is not expected: one file, named "file"');
    received.fileName = cleanName(part.fileName);
    const run = {
      id: received.id,
      kind: null,
      fileName: received.fileName,
      status: 'uploading',
      mapping: null,
    } as const;
    await context.db.transact(context, (tx) => insertRun(tx, run));
    const bytes = await storeUpload(context, received.id, part.content);
    if (bytes === 0) malformed('file', 'is empty');
  }
}

function readMapping(text: string | undefined): unknown {
  if (text === undefined || text.trim() === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return malformed('mapping', 'is not JSON');
  }
}

/** Takes an upload and queues its import; answers the id. Throws `request.malformed` or `auth.forbidden`. */
export async function requestImport(
  context: Context,
  kinds: readonly AnyImportKind[],
  parts: AsyncIterable<UploadPart>,
): Promise<{ id: string }> {
  const received: Received = { id: context.newId(), fileName: undefined, fields: new Map() };
  try {
    await receive(context, parts, received);
    const name = received.fields.get('kind') ?? malformed('kind', 'is missing');
    if (received.fileName === undefined) malformed('file', 'is missing');
    const kind = requireKind(kinds, name);
    if (kind.permission) authorise(context, kind.permission satisfies Permission);
    const mapping = parseMapping(readMapping(received.fields.get('mapping')), kind.kind);
    await context.db.transact(context, async (tx) => {
      await dropAbandonedUploads(tx);
      await queueRun(tx, received.id, kind.kind, mapping);
      const after = { kind: kind.kind, fileName: received.fileName };
      await recordAudit(tx, { action: 'import.requested', entityType: 'import', entityId: received.id, after });
      await emit(tx, {
        type: masterDataEvents.importRequested,
        subjectType: 'import',
        subjectId: received.id,
        data: { importId: received.id, ...after },
      });
    });
    return { id: received.id };
  } catch (error) {
    if (received.fileName !== undefined) await giveUp(context, received.id);
    throw error;
  }
}

async function giveUp(context: Context, id: string): Promise<void> {
  await context.db.transact(context, async (tx) => {
    await dropUpload(tx, id);
    await endRun(tx, id, { status: 'refused', errors: ['The upload was not accepted.'], notes: [] });
  });
}
