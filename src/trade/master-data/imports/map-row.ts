import { addDays, isBusinessDate } from '#fiscal-calendar';
import { shortened } from './cells.ts';
import { refuseFile } from './file-source.ts';
import type { DateFormat, Expression, Mapping } from './mapping.ts';

/** A record made from a row: texts by column of the kind. */
export interface MappedRecord {
  texts: Record<string, string>;
  /** A parent made from parts of the row; rows of one parent repeat it. */
  derived: boolean;
}

/** A row after mapping: its records, parents first and the row's own last; reasons where a value could not be mapped. */
export interface MappedRow {
  records: MappedRecord[];
  reasons: string[];
}

/** Turns the cells of rows into records; made for one file. */
export interface RowMapper {
  /** Columns of the kind that the records bring. */
  columns: ReadonlySet<string>;
  /** Columns of the file that are not used. */
  ignored: string[];
  map(cells: readonly string[]): MappedRow;
}

type Read = (cells: readonly string[], reasons: string[]) => string;

const datePatterns: Record<DateFormat, { pattern: RegExp; order: readonly [number, number, number] }> = {
  'YYYY-MM-DD': { pattern: /^(\d{4})-(\d\d)-(\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?$/, order: [1, 2, 3] },
  YYYYMMDD: { pattern: /^(\d{4})(\d\d)(\d\d)$/, order: [1, 2, 3] },
  'DD.MM.YYYY': { pattern: /^(\d\d?)\.(\d\d?)\.(\d{4})$/, order: [3, 2, 1] },
  'DD/MM/YYYY': { pattern: /^(\d\d?)\/(\d\d?)\/(\d{4})$/, order: [3, 2, 1] },
  'MM/DD/YYYY': { pattern: /^(\d\d?)\/(\d\d?)\/(\d{4})$/, order: [3, 1, 2] },
};

function toDate(text: string, format: DateFormat, shiftDays: number): string | undefined {
  const { pattern, order } = datePatterns[format];
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [year, month, day] = order.map((group) => (match[group] ?? '').padStart(2, '0'));
  const date = `${year}-${month}-${day}`;
  return isBusinessDate(date) ? addDays(date, shiftDays) : undefined;
}

function dateStep(date: { format?: DateFormat | undefined; shiftDays?: number | undefined }): Step {
  const { format = 'YYYY-MM-DD', shiftDays = 0 } = date;
  // A file of facts repeats its few dates many times.
  const known = new Map<string, string>();
  return (text, reasons) => {
    if (text === '') return text;
    const earlier = known.get(text);
    if (earlier !== undefined) return earlier;
    const mapped = toDate(text, format, shiftDays);
    if (mapped === undefined) {
      reasons.push(`not a date (${format}): ${shortened(text)}`);
      return '';
    }
    if (known.size < 10_000) known.set(text, mapped);
    return mapped;
  };
}

type Step = (text: string, reasons: string[]) => string;

function numberStep(number: { decimal: string; group?: string | undefined }): Step {
  return (text) => {
    const whole = number.group === undefined ? text : text.replaceAll(number.group, '');
    return number.decimal === ',' ? whole.replace(',', '.') : whole;
  };
}

function translateStep(table: Record<string, string>, strict: boolean): Step {
  const texts = new Map(Object.entries(table));
  return (text, reasons) => {
    const found = texts.get(text);
    if (found !== undefined) return found;
    if (strict) reasons.push(`no translation for ${shortened(text)}`);
    return text;
  };
}

type Steps = Partial<
  Pick<Extract<Expression, { column: string }>, 'case' | 'translate' | 'strict' | 'number' | 'date' | 'default'>
>;

function withSteps(read: Read, steps: Steps): Read {
  const list: Step[] = [];
  if (steps.case === 'upper') list.push((text) => text.toUpperCase());
  if (steps.case === 'lower') list.push((text) => text.toLowerCase());
  if (steps.translate) list.push(translateStep(steps.translate, steps.strict ?? false));
  if (steps.number) list.push(numberStep(steps.number));
  if (steps.date) list.push(dateStep(steps.date));
  if (steps.default !== undefined) list.push((text) => text || (steps.default ?? ''));
  if (list.length === 0) return read;
  return (cells, reasons) => list.reduce((text, step) => step(text, reasons), read(cells, reasons));
}

/** Compiles expressions against the header of a file. */
class Compiler {
  readonly used = new Set<string>();
  readonly #index: ReadonlyMap<string, number>;

  constructor(header: readonly string[]) {
    this.#index = new Map(header.map((name, i) => [name, i]));
  }

  #column(name: string): Read {
    const at = this.#index.get(name);
    if (at === undefined) {
      const known = [...this.#index.keys()].join(', ');
      return refuseFile(`The mapping names the column "${name}", which the file does not have. It has: ${known}.`);
    }
    this.used.add(name);
    return (cells) => cellText(cells[at]);
  }

  read(expression: Expression): Read {
    if (typeof expression === 'string') return this.#column(expression);
    if ('constant' in expression) return () => expression.constant;
    if ('column' in expression) return withSteps(this.#column(expression.column), expression);
    if ('join' in expression) {
      const parts = expression.join.map((part) => this.read(part));
      const joined: Read = (cells, reasons) => parts.map((part) => part(cells, reasons)).join(expression.separator);
      return withSteps(joined, expression);
    }
    const branches = expression.choose.map(({ when, use }) => {
      const subject = this.#column(when.column);
      const values = new Set(when.in);
      const holds = (text: string) => (when.empty === undefined ? values.has(text) : (text === '') === when.empty);
      return { test: (cells: readonly string[]) => holds(subject(cells, [])), read: this.read(use) };
    });
    const otherwise = this.read(expression.otherwise);
    return (cells, reasons) => (branches.find(({ test }) => test(cells))?.read ?? otherwise)(cells, reasons);
  }

  record(columns: Mapping['columns']): (cells: readonly string[], reasons: string[]) => Record<string, string> {
    const reads = Object.entries(columns).map(([name, expression]) => ({ name, read: this.read(expression) }));
    return (cells, reasons) => {
      const texts: Record<string, string> = {};
      for (const { name, read } of reads) {
        const before = reasons.length;
        texts[name] = read(cells, reasons);
        for (let i = before; i < reasons.length; i++) reasons[i] = `${name}: ${reasons[i]}`;
      }
      return texts;
    };
  }
}

/**
 * A cell's text: trimmed, and without the apostrophe by which exports keep spreadsheets from taking a text that begins
 * like a formula for one.
 */
function cellText(cell: string | undefined): string {
  const text = (cell ?? '').trim();
  return /^'+[=+\-@]/.test(text) ? text.slice(1) : text;
}

/** The header as names: trimmed; empty names (of trailing delimiters) are dropped, repeated ones refused. */
function checkHeader(header: readonly string[]): string[] {
  const names = header.map((name) => name.trim());
  const repeated = names.find((name, i) => name !== '' && names.indexOf(name) !== i);
  if (repeated !== undefined) refuseFile(`The header has the column "${repeated}" twice.`);
  if (names.every((name) => name === '')) refuseFile('The file has no header row.');
  return names;
}

/** A mapper for a file that has the columns of the kind itself; other columns are left aside. */
export function plainMapper(header: readonly string[], kindColumns: readonly string[]): RowMapper {
  const names = checkHeader(header);
  const used = names.map((name, at) => ({ name, at })).filter(({ name }) => kindColumns.includes(name));
  return {
    columns: new Set(used.map(({ name }) => name)),
    ignored: names.filter((name) => name !== '' && !kindColumns.includes(name)),
    map: (cells) => {
      const texts: Record<string, string> = {};
      for (const { name, at } of used) texts[name] = cellText(cells[at]);
      return { records: [{ texts, derived: false }], reasons: [] };
    },
  };
}

/** A mapper by a mapping file. Throws `import.refused` where the mapping and the file or the kind do not fit. */
export function mappingMapper(header: readonly string[], mapping: Mapping, kindColumns: readonly string[]): RowMapper {
  const names = checkHeader(header);
  const parents = mapping.parents ?? [];
  for (const name of [mapping.columns, ...parents].flatMap((columns) => Object.keys(columns))) {
    if (!kindColumns.includes(name)) {
      refuseFile(`The mapping sets the column "${name}", which imports of ${mapping.kind} do not have.`);
    }
  }
  if (parents.length > 0 && !kindColumns.includes('parent_code')) {
    refuseFile(`The mapping derives parents, which imports of ${mapping.kind} do not have.`);
  }
  const compiler = new Compiler(names);
  const own = compiler.record(mapping.columns);
  const levels = parents.map((columns) => compiler.record(columns));
  return {
    columns: new Set([...Object.keys(mapping.columns), ...(levels.length > 0 ? ['parent_code'] : [])]),
    ignored: names.filter((name) => name !== '' && !compiler.used.has(name)),
    map: (cells) => {
      const row: MappedRow = { records: [], reasons: [] };
      let parentCode: string | undefined;
      for (const level of levels) {
        const texts = level(cells, row.reasons);
        if (parentCode !== undefined) texts.parent_code = parentCode;
        parentCode = texts.code ?? '';
        row.records.push({ texts, derived: true });
      }
      const texts = own(cells, row.reasons);
      if (parentCode !== undefined) texts.parent_code = parentCode;
      row.records.push({ texts, derived: false });
      return row;
    },
  };
}
