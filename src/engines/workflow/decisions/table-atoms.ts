import { constantOf, isConstant, type Place, parseTestsAt } from './compile-feel.ts';
import type { InputClause } from './dmn/dmn-model.ts';
import { compareValues, equalValues } from './feel/compare-values.ts';
import type { FeelTests } from './feel/feel-tree.ts';
import { type FeelRange, type FeelValue, isList, typeNameOf } from './feel/feel-value.ts';
import { formatValue } from './feel/format-value.ts';

/** A part of a column's values that every cell of it takes or leaves as a whole. */
export interface Atom {
  text: string;
  /** One value, or all between two (an end that is null is open). */
  of: { point: FeelValue } | { low: FeelValue; high: FeelValue } | 'other';
}

/** A column cut into atoms, and which of them each row takes. */
export interface Column {
  label: string;
  atoms: Atom[];
  /** By row: bit n stands for atom n; null where the cell has variables, so that nobody can tell. */
  rows: (bigint | null)[];
  /** By row: the type of a constant in the cell that the column's type excludes. */
  wrongTypes: (string | null)[];
}

/** A test that needs no variables: what is in it. */
type Constant = { point: FeelValue } | { range: FeelRange };

interface Cell {
  any: boolean;
  negated: boolean;
  constants: Constant[];
}

/** Cuts a column; cells that are no FEEL count as those with variables. */
export function cutColumn(input: InputClause, cells: readonly string[], place: Place): Column {
  const quiet = { ...place, mistakes: [] };
  const parsed = cells.map((cell) => cellOf(parseTestsAt(cell, quiet)));
  const allowed = input.values === undefined ? null : cellOf(parseTestsAt(input.values, quiet));
  const constants = [...parsed, allowed].flatMap((cell) => cell?.constants ?? []);
  const atoms = atomsOf(constants, input.type).filter((atom) => allowed === null || takes(allowed, atom));
  return {
    label: input.label ?? input.expression,
    atoms,
    rows: parsed.map((cell) => cell && maskOf(cell, atoms)),
    wrongTypes: parsed.map((cell) => wrongTypeOf(cell, input.type)),
  };
}

function cellOf(tests: FeelTests | null): Cell | null {
  if (!tests?.tests.every(isConstant)) return null;
  const constants = tests.tests.flatMap((test): Constant[] => {
    if (test.kind === 'test' && test.operator === '!=') return [];
    const value = constantOf(test);
    const values = isList(value) ? value : [value];
    return values.map((one) => (typeNameOf(one) === 'range' ? { range: one as FeelRange } : { point: one }));
  });
  const isUnequal = tests.tests.some((test) => test.kind === 'test' && test.operator === '!=');
  return isUnequal ? null : { any: tests.any, negated: tests.negated, constants };
}

const endsOf = (constant: Constant) =>
  'point' in constant ? [constant.point] : [constant.range.low, constant.range.high];

function atomsOf(constants: readonly Constant[], type: string | undefined): Atom[] {
  const points: FeelValue[] = [];
  for (const value of constants.flatMap(endsOf)) {
    const isOpenEnd = value === null && !constants.some((constant) => 'point' in constant && constant.point === null);
    if (!isOpenEnd && !points.some((point) => equalValues(point, value) === true)) points.push(value);
  }
  const isOrdered = constants.some((constant) => 'range' in constant);
  const atom = (point: FeelValue): Atom => ({ text: formatCell(point), of: { point } });
  if (!isOrdered) {
    if (type === 'boolean' || (points.length > 0 && points.every((point) => typeof point === 'boolean'))) {
      return [true, false].map(atom);
    }
    return [...points.map(atom), { text: 'anything else', of: 'other' }];
  }
  const comparable = points.filter(
    (point) => point !== null && compareValues(point, points.find((other) => other !== null)!) !== null,
  );
  comparable.sort((a, b) => compareValues(a, b) ?? 0);
  return [...points.filter((point) => !comparable.includes(point)).map(atom), ...intervals(comparable)];
}

const formatCell = (value: FeelValue) => (typeof value === 'string' ? `"${value}"` : formatValue(value));

function intervals(points: readonly FeelValue[]): Atom[] {
  const first: Atom = { text: `< ${formatCell(points[0]!)}`, of: { low: null, high: points[0]! } };
  return points.reduce<Atom[]>(
    (atoms, point, index) => {
      const next = points[index + 1];
      const text = next === undefined ? `> ${formatCell(point)}` : `(${formatCell(point)}..${formatCell(next)})`;
      atoms.push({ text: formatCell(point), of: { point } }, { text, of: { low: point, high: next ?? null } });
      return atoms;
    },
    [first],
  );
}

function maskOf(cell: Cell, atoms: readonly Atom[]): bigint {
  return atoms.reduce((mask, atom, index) => (takes(cell, atom) ? mask | (1n << BigInt(index)) : mask), 0n);
}

function takes(cell: Cell, { of }: Atom): boolean {
  if (cell.any) return true;
  return cell.constants.some((constant) => covers(constant, of)) !== cell.negated;
}

function covers(constant: Constant, of: Atom['of']): boolean {
  if (of === 'other') return false;
  if ('point' in constant) return 'point' in of && equalValues(of.point, constant.point) === true;
  const { low, high, lowClosed, highClosed } = constant.range;
  const from = 'point' in of ? of.point : of.low;
  const to = 'point' in of ? of.point : of.high;
  const isPoint = 'point' in of;
  const fromLow = low === null ? 1 : from === null ? -1 : compareValues(from, low);
  const toHigh = high === null ? -1 : to === null ? 1 : compareValues(to, high);
  if (fromLow === null || toHigh === null) return false;
  if (isPoint && from === null) return false;
  const above = fromLow > 0 || (fromLow === 0 && (lowClosed || !isPoint));
  return above && (toHigh < 0 || (toHigh === 0 && (highClosed || !isPoint)));
}

function wrongTypeOf(cell: Cell | null, type: string | undefined): string | null {
  const wanted = type?.replace(/^feel:/, '');
  const names = ['number', 'string', 'boolean', 'date', 'time', 'date and time'];
  if (!cell || wanted === undefined || !names.includes(wanted)) return null;
  const found = cell.constants.flatMap(endsOf).find((value) => value !== null && typeNameOf(value) !== wanted);
  return found === undefined ? null : typeNameOf(found);
}
