import type { Figure, Money } from '../api/shapes.ts';

/**
 * A cell of a list as it is exported. Money takes two columns, amount and currency; texts `2026-06-15` are business dates
 * and `2026-06-15T12:00:00.000Z` instants; every other text stays a text, also one that looks like a number (a code).
 */
export type ExportCell =
  | string
  | number
  | null
  | undefined
  | Money
  | { decimal: string | null | undefined }
  | { ratio: string | null | undefined };

/** A figure's value as a cell, by its unit. */
export function figureCell(figure: Pick<Figure, 'value' | 'unit'> | undefined): ExportCell {
  const { value = null, unit } = figure ?? {};
  if (typeof value !== 'string') return value;
  return unit === 'ratio' ? { ratio: value } : { decimal: value };
}

/** A cell of the file. */
export type SheetCell = { value: string | number | Date; format?: string } | null;

/** More digits than this a spreadsheet's number does not keep: longer ones stay texts, exact. */
const exactDigits = 15;

const isMoney = (cell: ExportCell): cell is Money => typeof cell === 'object' && cell !== null && 'currency' in cell;

function decimalCell(text: string | null | undefined, format: string): SheetCell {
  if (text === null || text === undefined) return null;
  return text.replace(/\D/g, '').replace(/^0+/, '').length > exactDigits
    ? { value: text }
    : { value: Number(text), format };
}

function amountFormat(amount: string): string {
  const digits = amount.split('.')[1]?.length ?? 0;
  return digits > 0 ? `#,##0.${'0'.repeat(digits)}` : '#,##0';
}

function sheetCell(cell: Exclude<ExportCell, Money>): SheetCell {
  if (cell === null || cell === undefined || cell === '') return null;
  if (typeof cell === 'number') return { value: cell };
  if (typeof cell === 'object')
    return 'ratio' in cell ? decimalCell(cell.ratio, '0.00%') : decimalCell(cell.decimal, '#,##0.######');
  if (/^\d{4}-\d{2}-\d{2}$/.test(cell)) return { value: new Date(`${cell}T00:00:00Z`), format: 'yyyy-mm-dd' };
  if (/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(cell)) return { value: new Date(cell), format: 'yyyy-mm-dd hh:mm' };
  return { value: cell };
}

/** Splits columns that hold money into amount and currency; `plain` says how every other cell is written. */
function spread<Cell>(
  head: readonly string[],
  rows: readonly (readonly ExportCell[])[],
  write: {
    money(cell: Money): Cell;
    text(cell: string): Cell;
    empty: Cell;
    plain(cell: Exclude<ExportCell, Money>): Cell;
  },
): { head: string[]; rows: Cell[][] } {
  const holdsMoney = head.map((_, column) => rows.some((row) => isMoney(row[column])));
  return {
    head: head.flatMap((name, column) => (holdsMoney[column] ? [name, `${name}_currency`] : [name])),
    rows: rows.map((row) =>
      head.flatMap((_, column) => {
        const cell = row[column];
        if (isMoney(cell)) return [write.money(cell), write.text(cell.currency)];
        return holdsMoney[column] ? [write.plain(cell), write.empty] : [write.plain(cell)];
      }),
    ),
  };
}

/** The cells of a spreadsheet: numbers as numbers, dates as dates, nothing that would be run as a formula. */
export function sheetRows(
  head: readonly string[],
  rows: readonly (readonly ExportCell[])[],
): { head: string[]; rows: SheetCell[][] } {
  return spread<SheetCell>(head, rows, {
    money: ({ amount }) => decimalCell(amount, amountFormat(amount)),
    text: (value) => ({ value }),
    empty: null,
    plain: sheetCell,
  });
}

/** A text that a spreadsheet would run as a formula, made plain. */
const plainText = (text: string) => (/^[=+@\t\r]|^-(?![\d.])/.test(text) ? `'${text}` : text);

const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/**
 * The text of a CSV file, exact to the last digit: for a spreadsheet, where texts must not run as formulas, or exactly as
 * it stands, for the import.
 */
export function csvText(
  head: readonly string[],
  rows: readonly (readonly ExportCell[])[],
  kind: 'safe' | 'exact' = 'safe',
): string {
  const table = spread<string>(head, rows, {
    money: ({ amount }) => amount,
    text: (value) => value,
    empty: '',
    plain: (cell) => {
      if (cell === null || cell === undefined) return '';
      if (typeof cell === 'object') return ('ratio' in cell ? cell.ratio : cell.decimal) ?? '';
      return String(cell);
    },
  });
  const cell = kind === 'safe' ? (text: string) => quoted(plainText(text)) : quoted;
  return [table.head, ...table.rows].map((row) => row.map(cell).join(',')).join('\r\n');
}
