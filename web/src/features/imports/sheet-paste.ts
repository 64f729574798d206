import { csvText } from '../../ui/sheet-rows.ts';
import type { ImportKind } from './shapes.ts';

/** A table as it came from the clipboard: cells are texts, rows may differ in length. */
export type PastedTable = string[][];

/**
 * Rows of what a spreadsheet puts on the clipboard: cells apart by tabs, rows by line ends, and cells in quotes where
 * they hold either (RFC 4180 with tabs). Lines without any cell are left out.
 */
export function parsePasted(text: string): PastedTable {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endCell = () => {
    row.push(cell.trim());
    cell = '';
  };
  const endRow = () => {
    endCell();
    if (row.some((each) => each !== '')) rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') {
        cell += sign;
        at += 1;
      } else quoted = false;
    } else if (sign === '"' && cell === '') quoted = true;
    else if (sign === '\t') endCell();
    else if (sign === '\n') endRow();
    else if (sign !== '\r') cell += sign;
  }
  endRow();
  return rows;
}

/** Names that people write for the same column are alike: "Parent code" is parent_code. */
const plain = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

/** For each pasted column the kind's column that it becomes; null: left out. */
export type ColumnMatch = (string | null)[];

/** The kind's columns that the cells of a first row name; null cells name none. */
export function matchColumns(cells: readonly string[], columns: ImportKind['columns']): ColumnMatch {
  const taken = new Set<string>();
  return cells.map((cell) => {
    const found = columns.find(({ name }) => plain(name) === plain(cell) && !taken.has(name));
    if (found) taken.add(found.name);
    return found?.name ?? null;
  });
}

/** Whether a first row names columns rather than holding values: at least half of its cells are a column of the kind. */
export function isHeader(cells: readonly string[], columns: ImportKind['columns']): boolean {
  const named = matchColumns(cells, columns).filter(Boolean).length;
  return named > 0 && named * 2 >= cells.filter((cell) => cell !== '').length;
}

/** How a pasted table is read: its header's names, the kind's order where it has none. */
export function readTable(
  table: PastedTable,
  columns: ImportKind['columns'],
): { match: ColumnMatch; rows: PastedTable } {
  const [first = [], ...rest] = table;
  if (isHeader(first, columns)) return { match: matchColumns(first, columns), rows: rest };
  const width = Math.max(0, ...table.map((row) => row.length));
  return { match: Array.from({ length: width }, (_, at) => columns[at]?.name ?? null), rows: table };
}

/** What keeps a table from being imported as it stands, by row (1 for the first) and in words. */
export function problemsOf(
  rows: PastedTable,
  match: ColumnMatch,
  columns: ImportKind['columns'],
): { missing: string[]; doubled: string[]; emptyCells: { row: number; column: string }[] } {
  const used = match.filter((name): name is string => name !== null);
  const required = columns.filter(({ required: must }) => must).map(({ name }) => name);
  return {
    missing: required.filter((name) => !used.includes(name)),
    doubled: [...new Set(used.filter((name, at) => used.indexOf(name) !== at))],
    emptyCells: rows.flatMap((row, at) =>
      required.flatMap((column) => {
        const cell = match.indexOf(column);
        return cell >= 0 && !row[cell] ? [{ row: at + 1, column }] : [];
      }),
    ),
  };
}

/** The table as the CSV file that the import takes; columns without a match are left out. */
export function fileOfTable(name: string, rows: PastedTable, match: ColumnMatch): File {
  const kept = match.flatMap((column, at) => (column === null ? [] : [{ column, at }]));
  const text = csvText(
    kept.map(({ column }) => column),
    rows.map((row) => kept.map(({ at }) => row[at] ?? '')),
    'exact',
  );
  return new File([text], `${name}.csv`, { type: 'text/csv' });
}
