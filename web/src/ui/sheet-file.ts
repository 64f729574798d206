import { csvText, type ExportCell, sheetRows } from './sheet-rows.ts';

/** The kinds of file that a list is exported to. */
export type ExportFormat = 'xlsx' | 'csv';

/** Column widths in characters: enough for what is written, without one long note pushing all else away. */
const [narrowest, widest] = [8, 48];

async function workbookOf(
  name: string,
  head: readonly string[],
  rows: readonly (readonly ExportCell[])[],
): Promise<Blob> {
  // Only who exports loads the writer.
  const { default: writeWorkbook } = await import('write-excel-file/universal');
  const sheet = sheetRows(head, rows);
  const columns = sheet.head.map((title, column) => {
    const longest = sheet.rows.reduce((most, row) => {
      const value = row[column]?.value;
      return Math.max(most, value instanceof Date ? 16 : String(value ?? '').length + 2);
    }, title.length + 2);
    return { width: Math.min(Math.max(longest, narrowest), widest) };
  });
  const data = [sheet.head.map((value) => ({ value, fontWeight: 'bold' as const })), ...sheet.rows];
  // A sheet's name takes no more than 31 characters and none of these.
  const title = name.replace(/[\\/?*[\]:]/g, ' ').slice(0, 31);
  return writeWorkbook(data, { sheet: title, stickyRowsCount: 1, columns }).toBlob();
}

/** The file that holds rows. */
export async function fileOfRows(
  name: string,
  head: readonly string[],
  rows: readonly (readonly ExportCell[])[],
  format: ExportFormat,
): Promise<Blob> {
  if (format === 'xlsx') return workbookOf(name, head, rows);
  return new Blob([`\uFEFF${csvText(head, rows)}`], { type: 'text/csv' });
}
