import {
  asType,
  constantOf,
  inside,
  isConstant,
  maxMistakes,
  type Place,
  parseAt,
  parseTestsAt,
  typeAt,
} from './compile-feel.ts';
import { compileTable } from './decision-table.ts';
import type { DecisionTable } from './dmn/dmn-model.ts';
import { passes } from './feel/evaluate-feel.ts';
import { FeelRun } from './feel/feel-run.ts';
import type { TypeNames } from './feel/feel-types.ts';
import { type NameShape, shapeOf } from './feel/parse-feel.ts';
import { Scope } from './feel/scope.ts';
import { type Column, cutColumn } from './table-atoms.ts';

/** Something about a table that its author should see, with the rows from 1 that it is about. */
export interface TableFinding {
  kind: 'syntax' | 'type' | 'overlap' | 'gap' | 'unreachable' | 'unchecked';
  rows: number[];
  detail: string;
}

/** Of each kind so many are listed: the first tell enough. */
const maxFindings = 50;
/** Combinations looked at in search of a gap; a table with more is told that nobody looked at all of them. */
const maxCombinations = 20_000;

/** What names and types a table may use. */
export interface TableNames {
  names: Iterable<string>;
  types?: TypeNames;
}

/**
 * Looks a table through: cells that are no FEEL or of the wrong type, rows that overlap where only one may match, rows that can
 * never be reached, and inputs that no row answers. Cells with variables are listed as unchecked.
 */
export function checkDecisionTable(table: DecisionTable, { names, types = new Map() }: TableNames): TableFinding[] {
  const shape: NameShape = shapeOf(names);
  const place: Place = { where: 'table', names: shape, types, mistakes: [], effort: { spent: 0 } };
  compileTable(table, place);
  const syntax = place.mistakes.map(({ where, detail }): TableFinding => {
    const row = /row (\d+)/.exec(where)?.[1];
    return { kind: 'syntax', rows: row === undefined ? [] : [Number(row)], detail: `${where}: ${detail}` };
  });
  if (place.mistakes.length >= maxMistakes) return syntax;
  const columns = table.inputs.map((input, index) =>
    cutColumn(
      input,
      table.rules.map((rule) => rule.conditions[index] ?? '-'),
      place,
    ),
  );
  const known = table.rules.map((_, row) => columns.every(({ rows }) => rows[row] !== null));
  const unknown = known.flatMap((isKnown, row) => (isKnown ? [] : [row + 1]));
  const unchecked: TableFinding[] =
    unknown.length === 0
      ? []
      : [{ kind: 'unchecked', rows: unknown, detail: 'Cells with variables were not compared with others.' }];
  return [
    ...syntax,
    ...wrongTypes(columns),
    ...wrongOutputs(table, place),
    ...overlaps(table, columns, known),
    ...unreachable(table, columns, known),
    ...gaps(table, columns, known),
    ...unchecked,
  ];
}

function wrongTypes(columns: readonly Column[]): TableFinding[] {
  return columns.flatMap(({ label, wrongTypes: wrong }) =>
    wrong.flatMap((type, row): TableFinding[] =>
      type === null ? [] : [{ kind: 'type', rows: [row + 1], detail: `${label} is compared with a ${type}.` }],
    ),
  );
}

function wrongOutputs(table: DecisionTable, place: Place): TableFinding[] {
  const quiet = { ...place, mistakes: [] };
  return table.outputs.flatMap((output, column) => {
    const type = typeAt(output.type, quiet);
    const allowed = output.values === undefined ? null : parseTestsAt(output.values, quiet);
    const label = output.label ?? output.name ?? 'The result';
    return table.rules.flatMap((rule, row): TableFinding[] => {
      const node = parseAt(rule.results[column] ?? 'null', inside(quiet, ''));
      if (!node || !isConstant(node)) return [];
      const value = constantOf(node);
      const run = new FeelRun(new Date(0));
      if (value !== null && asType(value, type, place.types, label, run) === null) {
        return [{ kind: 'type', rows: [row + 1], detail: `${label} is to be a ${output.type}.` }];
      }
      const isAllowed = allowed === null || passes(value, allowed, new Scope(new Map()), run) === true;
      return isAllowed ? [] : [{ kind: 'type', rows: [row + 1], detail: `${label} is not one of ${output.values}.` }];
    });
  });
}

/** The first atom of each column that both rows take; null where there is a column with none. */
function common(columns: readonly Column[], a: number, b: number): string | null {
  const texts: string[] = [];
  for (const { label, atoms, rows } of columns) {
    const both = rows[a]! & rows[b]!;
    if (both === 0n) return null;
    if (both !== allOf(atoms.length)) texts.push(`${label} ${atoms[firstBit(both)]!.text}`);
  }
  return texts.join(', ') || 'any values';
}

const allOf = (atoms: number) => (1n << BigInt(atoms)) - 1n;

function firstBit(mask: bigint): number {
  let bit = 0;
  while ((mask & (1n << BigInt(bit))) === 0n) bit += 1;
  return bit;
}

function overlaps(table: DecisionTable, columns: readonly Column[], known: readonly boolean[]): TableFinding[] {
  if (table.hitPolicy !== 'U' && table.hitPolicy !== 'A') return [];
  const found: TableFinding[] = [];
  for (let a = 0; a < known.length; a += 1) {
    for (let b = a + 1; b < known.length && found.length < maxFindings; b += 1) {
      if (!known[a] || !known[b]) continue;
      const isSame = table.rules[a]!.results.join('\n') === table.rules[b]!.results.join('\n');
      if (table.hitPolicy === 'A' && isSame) continue;
      const where = common(columns, a, b);
      if (where !== null) found.push({ kind: 'overlap', rows: [a + 1, b + 1], detail: `Both match ${where}.` });
    }
  }
  return found;
}

/** A combination of atoms within `limits` that none of the rows takes; undefined after too many combinations. */
function findGap(
  columns: readonly Column[],
  rows: readonly number[],
  limits: readonly bigint[] | null,
): string[] | null | undefined {
  let combinations = 0;
  const covered = new Set<string>();
  const takesAllFrom = (row: number) =>
    columns.findLastIndex(({ rows: masks, atoms }) => masks[row] !== allOf(atoms.length)) + 1;
  const search = (at: number, left: readonly number[], texts: readonly string[]): string[] | null | undefined => {
    if (left.length === 0) return [...texts];
    const column = columns[at];
    if (!column || left.some((row) => takesAllFrom(row) <= at)) return null;
    const key = `${at}:${left.join(',')}`;
    if (covered.has(key)) return null;
    for (const [index, { text }] of column.atoms.entries()) {
      const bit = 1n << BigInt(index);
      if (limits && (limits[at]! & bit) === 0n) continue;
      combinations += 1;
      if (combinations > maxCombinations) return undefined;
      const gap = search(
        at + 1,
        left.filter((row) => (column.rows[row]! & bit) !== 0n),
        [...texts, `${column.label} ${text}`],
      );
      if (gap !== null) return gap;
    }
    covered.add(key);
    return null;
  };
  return search(0, rows, []);
}

function unreachable(table: DecisionTable, columns: readonly Column[], known: readonly boolean[]): TableFinding[] {
  const found: TableFinding[] = [];
  for (let row = 0; row < known.length && found.length < maxFindings; row += 1) {
    if (!known[row]) continue;
    const never = columns.find(({ rows }) => rows[row] === 0n);
    if (never) {
      found.push({ kind: 'unreachable', rows: [row + 1], detail: `No value of ${never.label} fits.` });
      continue;
    }
    if (table.hitPolicy !== 'F') continue;
    const before = Array.from({ length: row }, (_, index) => index).filter((index) => known[index]);
    const gap = findGap(
      columns,
      before,
      columns.map(({ rows }) => rows[row]!),
    );
    if (gap === null)
      found.push({ kind: 'unreachable', rows: [row + 1], detail: 'Rows above match first, whatever it matches.' });
  }
  return found;
}

/** Tables that collect may match nothing, and those with a default answer it. */
function gaps(table: DecisionTable, columns: readonly Column[], known: readonly boolean[]): TableFinding[] {
  const mayBeEmpty =
    !['U', 'A', 'P', 'F'].includes(table.hitPolicy) || table.outputs.some((output) => output.default !== undefined);
  if (mayBeEmpty || known.includes(false)) return [];
  const gap = findGap(
    columns,
    known.map((_, row) => row),
    null,
  );
  if (gap === undefined)
    return [{ kind: 'unchecked', rows: [], detail: 'There are too many combinations to look for gaps.' }];
  return gap === null ? [] : [{ kind: 'gap', rows: [], detail: `No row matches ${gap.join(', ') || 'any values'}.` }];
}
