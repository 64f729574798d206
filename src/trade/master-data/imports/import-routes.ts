import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type AnyRoute, codeSchema, idParams, idSchema, listQuery, listQueryShape, pageOf, route } from '#http';
import { notFound, Problem } from '#problem';
import type { AnyImportKind } from './import-kind.ts';
import { findVisibleImport, listImports, listQuarantine } from './import-store.ts';
import { requestImport, type UploadPart } from './request-import.ts';

const statuses = ['uploading', 'queued', 'checking', 'running', 'finished', 'refused', 'failed'] as const;
const instant = z.iso.datetime();
const count = z.number().int();
const totalSchema = z.object({ read: z.string(), accepted: z.string(), quarantined: z.string() });

const importSchema = z.object({
  id: idSchema,
  kind: z.string().nullable(),
  fileName: z.string(),
  status: z.enum(statuses),
  rows: z.object({ read: count, stored: count, unchanged: count, quarantined: count }),
  derived: z.object({ stored: count, unchanged: count }),
  totals: z.record(z.string(), totalSchema),
  errors: z.array(z.string()),
  notes: z.array(z.string()),
  mapping: z.record(z.string(), z.unknown()).nullable(),
  progress: z.string().nullable(),
  fileBytes: z.number().nullable(),
  fileSha256: z.string().nullable(),
  actorId: z.string(),
  createdAt: instant,
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
});
const quarantinedSchema = z.object({
  id: idSchema,
  rowNumber: count,
  raw: z.record(z.string(), z.string()),
  reasons: z.array(z.string()),
});
const kindSchema = z.object({
  kind: z.string(),
  summary: z.string(),
  permission: z.string().nullable(),
  columns: z.array(z.object({ name: z.string(), required: z.boolean(), description: z.string() })),
});

/** A body that the multipart parser stumbles over is the sender's fault; its own refusals (size limits) keep their code. */
function asMalformed(error: unknown): never {
  if (/^FST_/.test((error as { code?: string }).code ?? '')) throw error;
  throw new Problem('request.malformed', { detail: 'The multipart body is damaged or cut short.', cause: error });
}

async function* contentOf(file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of file) yield chunk;
  } catch (error) {
    asMalformed(error);
  }
}

async function* uploadParts(request: FastifyRequest): AsyncGenerator<UploadPart> {
  const parts = request.parts()[Symbol.asyncIterator]();
  for (;;) {
    const next = await parts.next().catch(asMalformed);
    if (next.done) return;
    const part = next.value;
    if (part.type === 'file') {
      yield { type: 'file', name: part.fieldname, fileName: part.filename, content: contentOf(part.file) };
    } else {
      yield { type: 'field', name: part.fieldname, value: String(part.value) };
    }
  }
}

/** `/imports`, over the kinds that the modules declared. */
export function importRoutes(kinds: readonly AnyImportKind[]): readonly AnyRoute[] {
  const upload = route({
    method: 'POST',
    path: '/imports',
    summary: 'Import a file (multipart: file, kind, mapping?): CSV or XLSX, either gzipped. Poll the import by its id',
    access: 'bulk:import',
    multipart: true,
    answers: { 202: z.object({ id: idSchema }) },
    handle: async (context, { request }) => ({
      body: await requestImport(context, kinds, uploadParts(request)),
    }),
  });
  const list = route({
    method: 'GET',
    path: '/imports',
    summary: 'Imports, newest first',
    access: 'bulk:import',
    query: z.strictObject({ ...listQueryShape, kind: codeSchema.optional(), status: z.enum(statuses).optional() }),
    answers: { 200: pageOf(importSchema) },
    handle: async (context, { query }) => {
      const { kind, status, ...request } = query;
      return { body: await context.db.read(context, (tx) => listImports(tx, { kind, status }, request)) };
    },
  });
  const listKinds = route({
    method: 'GET',
    path: '/imports/kinds',
    summary: 'Kinds of import and their columns',
    access: 'bulk:import',
    answers: { 200: z.object({ items: z.array(kindSchema), nextCursor: z.null() }) },
    handle: async () => ({ body: { items: kinds, nextCursor: null } }),
  });
  const get = route({
    method: 'GET',
    path: '/imports/:id',
    summary: 'Read an import: status, rows, control totals, errors',
    access: 'bulk:import',
    params: idParams,
    answers: { 200: importSchema },
    handle: async (context, { params }) => {
      const found = await context.db.read(context, (tx) => findVisibleImport(tx, params.id));
      return { body: found ?? notFound('import', params.id) };
    },
  });
  const quarantine = route({
    method: 'GET',
    path: '/imports/:id/quarantine',
    summary: 'Rows of an import that were not taken, with their reasons',
    access: 'bulk:import',
    params: idParams,
    query: listQuery,
    answers: { 200: pageOf(quarantinedSchema) },
    handle: async (context, { params, query }) => {
      const body = await context.db.transact(context, async (tx) => {
        if (!(await findVisibleImport(tx, params.id))) notFound('import', params.id);
        return listQuarantine(tx, params.id, query);
      });
      return { body };
    },
  });
  return [upload, list, listKinds, get, quarantine];
}
