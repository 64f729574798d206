import { type ExportFormat, fileOfRows } from './sheet-file.ts';
import type { ExportCell } from './sheet-rows.ts';

/** Hands rows to the person as a file: what is on the screen, filtered and sorted as it is there. */
export async function exportRows(
  name: string,
  head: readonly string[],
  rows: readonly (readonly ExportCell[])[],
  format: ExportFormat = 'xlsx',
): Promise<void> {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await fileOfRows(name, head, rows, format));
  link.download = `${name}.${format}`;
  link.click();
  URL.revokeObjectURL(link.href);
}
