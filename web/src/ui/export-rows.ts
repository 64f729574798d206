import { request } from '../api/request.ts';
import { type ExportFormat, fileOfRows } from './sheet-file.ts';
import type { ExportCell } from './sheet-rows.ts';

/**
 * Hands rows to the person as a file: what is on the screen, filtered and sorted as it is there. The audit trail hears of
 * it first; where it cannot, there is no file.
 */
export async function exportRows(
  name: string,
  head: readonly string[],
  rows: readonly (readonly ExportCell[])[],
  format: ExportFormat = 'xlsx',
): Promise<void> {
  const file = await fileOfRows(name, head, rows, format);
  await request('/audit/exports', { method: 'POST', body: { name, rows: rows.length, format } });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = `${name}.${format}`;
  link.click();
  URL.revokeObjectURL(link.href);
}
