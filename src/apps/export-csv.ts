import { maskCardNumbers } from '#card-data';

/** A row by column; null and absent are an empty cell. */
export type CsvRow = Readonly<Record<string, string | null | undefined>>;

const number = /^-?\d+(\.\d+)?$/;
/** How a text must begin for a spreadsheet to take it for a formula; a number with a minus is none. */
const formulaLike = /^'*[=+\-@\t\r]/;

/**
 * A cell of RFC 4180. A text that a spreadsheet would run as a formula gets an apostrophe in front, which the imports
 * take away again.
 */
export function csvCell(value: string | null | undefined): string {
  if (value === null || value === undefined) return '';
  const harmless = formulaLike.test(value) && !number.test(value) ? `'${value}` : value;
  return /[",;\r\n\t]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Lines that are joined before they are written. */
const linesPerChunk = 1_000;

/** CSV with a header row, LF at line ends, in pieces; `count` is told the number of rows at the end. */
export async function* csvChunks(
  columns: readonly string[],
  rows: AsyncIterable<CsvRow> | Iterable<CsvRow>,
  count: (rows: number) => void,
): AsyncGenerator<string> {
  let lines = [columns.join(',')];
  let counted = 0;
  for await (const row of rows) {
    lines.push(columns.map((column) => csvCell(maskCardNumbers(row[column] ?? '', column))).join(','));
    counted += 1;
    if (lines.length < linesPerChunk) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
  count(counted);
}
