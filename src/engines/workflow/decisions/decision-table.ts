import { type CellInput, type CompiledCell, cellInput, compileCell } from './compile-cell.ts';
import { asType, type Compiled, compileFeel, inside, type Place, typeAt } from './compile-feel.ts';
import type { DecisionTable } from './dmn/dmn-model.ts';
import type { FeelRun } from './feel/feel-run.ts';
import type { FeelType } from './feel/feel-types.ts';
import type { FeelValue } from './feel/feel-value.ts';
import type { Scope } from './feel/scope.ts';
import { type Hit, type Outputs, resolveHits } from './hit-policies.ts';

/** Why a table answered what it did. */
export interface TableTrace {
  /** The place of the table in its model, such as the decision's name. */
  table: string;
  inputs: { label: string; value: FeelValue }[];
  /** The rows that matched, in the table's order; `row` counts from 1. */
  matched: { id: string; row: number }[];
  result: FeelValue;
}

interface Column {
  label: string;
  value: Compiled;
  type: FeelType | null;
  allowed: CompiledCell | null;
}

/** A table made ready. */
export interface CompiledTable {
  /** What the table answers; why is among the run's `tables`. */
  evaluate(scope: Scope, run: FeelRun): FeelValue;
  /** Indexes of the rows whose conditions all hold for these values, one an input. */
  match(values: readonly FeelValue[], scope: Scope, run: FeelRun): number[];
}

/** Makes a table ready once: cells without variables become comparisons, the rest parsed FEEL. Mistakes are the place's. */
export function compileTable(table: DecisionTable, place: Place): CompiledTable {
  const columns = table.inputs.map((input, index): Column => {
    const label = input.label ?? input.expression;
    const at = inside(place, label || `input ${index + 1}`);
    return {
      label,
      value: compileFeel(input.expression, at),
      type: typeAt(input.type, at),
      allowed: input.values === undefined ? null : compileCell(input.values, at),
    };
  });
  const rows = compileRows(table, place);
  const outputs = compileOutputs(table, place);
  const match: CompiledTable['match'] = (values, scope, run) => {
    const found: number[] = [];
    const inputs = values.map(cellInput);
    run.step(rows.length);
    for (let row = 0; row < rows.length; row += 1) {
      if (holds(rows[row]!.cells, inputs, scope, run)) found.push(row);
    }
    return found;
  };
  const evaluate: CompiledTable['evaluate'] = (scope, run) => {
    const values = readInputs(columns, scope, run, place);
    const found = values ? match(values, scope, run) : [];
    const hits = found.map((row): Hit => ({ row, outputs: () => rows[row]!.results.map((cell) => cell(scope, run)) }));
    const result = values ? resolveHits(table.hitPolicy, hits, outputs(scope, run), run) : null;
    run.tables.push({
      table: place.where,
      inputs: columns.map(({ label }, index) => ({ label, value: values?.[index] ?? null })),
      matched: found.map((row) => ({ id: rows[row]!.id, row: row + 1 })),
      result,
    });
    return result;
  };
  return { evaluate, match };
}

interface Row {
  id: string;
  cells: readonly CompiledCell[];
  results: readonly Compiled[];
}

function holds(cells: readonly CompiledCell[], inputs: readonly CellInput[], scope: Scope, run: FeelRun): boolean {
  for (let at = 0; at < cells.length; at += 1) {
    if (cells[at]!(inputs[at]!, scope, run) !== true) return false;
  }
  return true;
}

function compileRows(table: DecisionTable, place: Place): Row[] {
  return table.rules.map((rule, index) => {
    const at = inside(place, `row ${index + 1}`);
    if (rule.conditions.length !== table.inputs.length || rule.results.length !== table.outputs.length) {
      const detail = `It has ${rule.conditions.length} conditions and ${rule.results.length} results, not ${table.inputs.length} and ${table.outputs.length}.`;
      place.mistakes.push({ where: at.where, detail });
    }
    return {
      id: rule.id,
      cells: table.inputs.map((input, column) =>
        compileCell(rule.conditions[column] ?? '-', inside(at, input.label ?? input.expression)),
      ),
      results: table.outputs.map((output, column) => {
        const where = inside(at, output.label ?? output.name ?? 'result');
        const compiled = compileFeel(rule.results[column] ?? 'null', where);
        const type = typeAt(output.type, { ...where, mistakes: [] });
        return (scope, run) => asType(compiled(scope, run), type, place.types, where.where, run);
      }),
    };
  });
}

/** Input values in order; null, with a note, where one is not among the allowed. */
function readInputs(columns: readonly Column[], scope: Scope, run: FeelRun, place: Place): FeelValue[] | null {
  const values: FeelValue[] = [];
  for (const { label, value, type, allowed } of columns) {
    const input = asType(value(scope, run), type, place.types, label, run);
    if (allowed && allowed(cellInput(input), scope, run) !== true)
      return run.nothing(`${label} is not one of the allowed values.`);
    values.push(input);
  }
  return values;
}

function compileOutputs(table: DecisionTable, place: Place): (scope: Scope, run: FeelRun) => Outputs {
  const compiled = table.outputs.map((output, index) => {
    const at = inside(place, output.label ?? output.name ?? `output ${index + 1}`);
    typeAt(output.type, at);
    return {
      name: output.name ?? null,
      default: output.default === undefined ? null : compileFeel(output.default, at),
      priorities: output.values === undefined ? null : compileFeel(`[${output.values}]`, at),
    };
  });
  return (scope, run) => ({
    names: compiled.map(({ name }) => name),
    defaults: compiled.some((output) => output.default)
      ? compiled.map((output) => output.default?.(scope, run) ?? null)
      : null,
    priorities: compiled.map((output) => {
      const list = output.priorities?.(scope, run) ?? null;
      return Array.isArray(list) ? (list as readonly FeelValue[]) : null;
    }),
  });
}
