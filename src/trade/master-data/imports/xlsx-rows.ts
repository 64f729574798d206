import { addDays } from '#fiscal-calendar';
import { Decimal } from '#money';
import type { FileRows } from './csv-rows.ts';
import { type FileFacts, type FileSource, openContent, refuseFile } from './file-source.ts';
import { zipEntries } from './zip-entries.ts';

/** Largest workbook: it is unpacked in memory, so larger tables come as CSV. */
const maxWorkbookBytes = 64 << 20;

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  const decoded = text.replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return entities[name] ?? whole;
    const code = name[1]?.toLowerCase() === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
  // ECMA-376 writes control characters in strings as _x000D_.
  return decoded.replace(/_x([\dA-F]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : unescapeXml(value);
}

/** The text of a rich or plain string element: its `t` runs, without phonetic ones. */
function textOf(xml: string): string {
  const plain = xml.replace(/<(?:\w+:)?rPh\b[\s\S]*?<\/(?:\w+:)?rPh>/g, '');
  return [...plain.matchAll(/<(?:\w+:)?t(?:\s[^>]*)?>([\s\S]*?)<\/(?:\w+:)?t>/g)]
    .map((match) => unescapeXml(match[1] ?? ''))
    .join('');
}

/** Number formats of ECMA-376 18.8.30 that show a date. */
function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined) return (id >= 14 && id <= 17) || id === 22;
  return /[dy]/i.test(code.replace(/"[^"]*"|\[[^\]]*\]|\\./g, ''));
}

/** For each cell style whether it shows a date. */
function dateStyles(styles: string): boolean[] {
  const codes = new Map<number, string>();
  for (const [tag] of styles.matchAll(/<(?:\w+:)?numFmt\s[^>]*>/g)) {
    codes.set(Number(attribute(tag, 'numFmtId')), attribute(tag, 'formatCode') ?? '');
  }
  const formats = /<(?:\w+:)?cellXfs\b[\s\S]*?<\/(?:\w+:)?cellXfs>/.exec(styles)?.[0] ?? '';
  return [...formats.matchAll(/<(?:\w+:)?xf\s[^>]*>/g)].map(([tag]) => {
    const id = Number(attribute(tag, 'numFmtId') ?? '0');
    return isDateFormat(id, codes.get(id));
  });
}

/** What the cells of a workbook need to be read. */
interface Workbook {
  strings: string[];
  isDate: boolean[];
  /** Day 0 of its date numbers. */
  epoch: string;
  sheet: string;
}

/**
 * Throws `import.refused` for merged cells, of which all but one look empty, and for formulas, whose stored result is as old
 * as the program that last reckoned it: no row is guessed from either.
 */
function requirePlainCells(sheet: string): void {
  const merged = /<(?:\w+:)?mergeCell\s[^>]*>/.exec(sheet)?.[0];
  if (merged) refuseFile(`The sheet has merged cells (${attribute(merged, 'ref')}): unmerge them and send it again.`);
  const formula = /<((?:\w+:)?c\b[^>]*)>\s*<(?:\w+:)?f\b/.exec(sheet)?.[1];
  if (formula) {
    const at = attribute(formula, 'r') ?? 'a cell';
    refuseFile(`The sheet has formulas (${at}): paste them as values and send it again.`);
  }
}

function openWorkbook(bytes: Buffer, sheetName: string | undefined): Workbook {
  const entries = zipEntries(bytes);
  const read = (name: string) => entries.get(name)?.().toString('utf8');
  const workbook = read('xl/workbook.xml') ?? refuseFile('The file is a ZIP archive but not an XLSX spreadsheet.');
  const sheets = [...workbook.matchAll(/<(?:\w+:)?sheet\s[^>]*>/g)].map(([tag]) => tag);
  const chosen = sheetName === undefined ? sheets[0] : sheets.find((tag) => attribute(tag, 'name') === sheetName);
  if (!chosen) return refuseFile(`The spreadsheet has no sheet${sheetName ? ` "${sheetName}"` : ''}.`);
  const relation = attribute(chosen, 'r:id') ?? attribute(chosen, '\\w+:id');
  const relations = read('xl/_rels/workbook.xml.rels') ?? '';
  const target = [...relations.matchAll(/<(?:\w+:)?Relationship\s[^>]*>/g)]
    .map(([tag]) => tag)
    .find((tag) => attribute(tag, 'Id') === relation);
  const path = attribute(target ?? '', 'Target') ?? 'worksheets/sheet1.xml';
  const sheet = read(path.startsWith('/') ? path.slice(1) : `xl/${path}`);
  if (sheet === undefined) return refuseFile('The spreadsheet lacks the sheet that it names.');
  requirePlainCells(sheet);
  return {
    strings: [
      ...(read('xl/sharedStrings.xml') ?? '').matchAll(/<(?:\w+:)?si(?:\s[^>]*)?>([\s\S]*?)<\/(?:\w+:)?si>/g),
    ].map((match) => textOf(match[1] ?? '')),
    isDate: dateStyles(read('xl/styles.xml') ?? ''),
    // Serial 60 of the 1900 system is a 29 February that never was; dates after it count from 1899-12-30.
    epoch: /date1904="(1|true)"/.test(workbook) ? '1904-01-01' : '1899-12-30',
    sheet,
  };
}

/** A number as people see it: a spreadsheet shows 15 digits of its binary fraction. */
function decimalText(value: string): string {
  return /^-?\d{1,15}$/.test(value) ? value : new Decimal(value).toSignificantDigits(15).toFixed();
}

function cellText(tag: string, content: string, workbook: Workbook): string {
  const type = attribute(tag, 't') ?? 'n';
  if (type === 'inlineStr') return textOf(content);
  const value = /<(?:\w+:)?v(?:\s[^>]*)?>([\s\S]*?)<\/(?:\w+:)?v>/.exec(content)?.[1];
  if (value === undefined || value === '') return '';
  if (type === 's') return workbook.strings[Number(value)] ?? '';
  if (type !== 'n' || !/^-?[\d.]+(e[+-]?\d+)?$/i.test(value)) return unescapeXml(value);
  const serial = Number(value);
  if (!workbook.isDate[Number(attribute(tag, 's') ?? '-1')] || serial < 1 || serial > 110_000)
    return decimalText(value);
  return addDays(workbook.epoch, Math.floor(serial));
}

/** 0 for column A of a reference like `A1`. */
function columnOf(reference: string): number {
  let column = 0;
  for (const letter of /^[A-Z]+/.exec(reference)?.[0] ?? '') column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

/** Widest row that is read: a reference beyond it is not a table. */
const maxColumn = 1_000;

function* rowsOf(workbook: Workbook): Generator<{ cells: string[]; at: number }> {
  const rowPattern = /<(?:\w+:)?row\b[^>]*?(?:\/>|>([\s\S]*?)<\/(?:\w+:)?row>)/g;
  const cellPattern = /<((?:\w+:)?c\b[^>]*?)(?:\/>|>([\s\S]*?)<\/(?:\w+:)?c>)/g;
  for (const row of workbook.sheet.matchAll(rowPattern)) {
    const cells: string[] = [];
    for (const cell of (row[1] ?? '').matchAll(cellPattern)) {
      const tag = cell[1] ?? '';
      const reference = attribute(tag, 'r');
      const at = reference === undefined ? cells.length : columnOf(reference);
      if (at > maxColumn) refuseFile(`The spreadsheet has more than ${maxColumn} columns.`);
      while (cells.length < at) cells.push('');
      cells[at] = cellText(tag, cell[2] ?? '', workbook);
    }
    if (cells.some((text) => text !== '')) yield { cells, at: row.index + row[0].length };
  }
}

/**
 * The rows of one sheet of an XLSX workbook (ECMA-376); the first sheet where none is named. Dates come as
 * `YYYY-MM-DD`, rows are filled up to the width of the header; merged cells and formulas are refused.
 */
export async function xlsxRows(source: FileSource, facts: FileFacts, sheet: string | undefined): Promise<FileRows> {
  if (facts.textBytes > maxWorkbookBytes) refuseFile('The spreadsheet is too large: save it as CSV and send that.');
  const chunks: Buffer[] = [];
  for await (const chunk of openContent(source, facts.gzipped) as AsyncIterable<Buffer>) chunks.push(chunk);
  const workbook = openWorkbook(Buffer.concat(chunks), sheet);
  let bytesRead = 0;
  return {
    bytesRead: () => bytesRead,
    async *[Symbol.asyncIterator]() {
      let width = 0;
      for (const { cells, at } of rowsOf(workbook)) {
        width ||= cells.length;
        while (cells.length < width) cells.push('');
        bytesRead = Math.floor((at / workbook.sheet.length) * facts.textBytes);
        yield cells;
      }
    },
  };
}
