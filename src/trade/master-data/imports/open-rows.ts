import { csvRows, type FileRows } from './csv-rows.ts';
import { type FileFacts, type FileSource, refuseFile } from './file-source.ts';
import type { AnyImportKind } from './import-kind.ts';
import { mappingMapper, plainMapper, type RowMapper } from './map-row.ts';
import type { Mapping } from './mapping.ts';
import { xlsxRows } from './xlsx-rows.ts';

/** Most columns of a file: more is not a table of records but something else. */
const maxColumns = 500;

/** The rows of a file that passed inspection, whatever its format; `sheet` for XLSX. */
export async function openRows(source: FileSource, facts: FileFacts, sheet: string | undefined): Promise<FileRows> {
  return facts.format === 'xlsx' ? xlsxRows(source, facts, sheet) : csvRows(source, facts);
}

/**
 * Takes the header row and makes the mapper of the rows that follow. Throws `import.refused` where the header is
 * missing, repeats a column, or lacks one that the kind needs.
 */
export async function readHeader(
  rows: AsyncIterator<string[]>,
  kind: AnyImportKind,
  mapping: Mapping | null,
): Promise<{ header: string[]; mapper: RowMapper }> {
  const first = await rows.next();
  const header = first.done ? [] : first.value.map((name) => name.trim());
  if (header.length > maxColumns) refuseFile(`The file has ${header.length} columns: at most ${maxColumns} are read.`);
  const names = kind.columns.map((column) => column.name);
  const mapper = mapping ? mappingMapper(header, mapping, names) : plainMapper(header, names);
  const missing = kind.columns.filter((column) => column.required && !mapper.columns.has(column.name));
  if (missing.length > 0) {
    const list = missing.map((column) => column.name).join(', ');
    refuseFile(
      mapping
        ? `The mapping lacks columns that imports of ${kind.kind} need: ${list}.`
        : `The file lacks columns that imports of ${kind.kind} need: ${list}. It has: ${header.filter(Boolean).join(', ')}. A mapping file can rename them.`,
    );
  }
  return { header, mapper };
}
