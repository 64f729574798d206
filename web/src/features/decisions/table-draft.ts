import type { DecisionDetail, DecisionTable, TableDraft, TableRow } from './shapes.ts';

/** The hit policies, as the corner of a table says them. */
export const hitPolicies: readonly { value: string; label: string }[] = [
  { value: 'U', label: 'U · one row matches' },
  { value: 'A', label: 'A · all that match say the same' },
  { value: 'P', label: 'P · the result of the highest priority' },
  { value: 'F', label: 'F · the first row that matches' },
  { value: 'R', label: 'R · all that match, by row' },
  { value: 'O', label: 'O · all that match, by priority' },
  { value: 'C', label: 'C · all that match' },
  { value: 'C+', label: 'C+ · their sum' },
  { value: 'C<', label: 'C< · their least' },
  { value: 'C>', label: 'C> · their greatest' },
  { value: 'C#', label: 'C# · their number' },
];

/** The columns of a table; they stay the same object while only rows change. */
export type Columns = Pick<DecisionTable, 'inputs' | 'outputs' | 'annotations'>;

/** How many cells a row has: conditions, results, notes. */
export const widthOf = ({ inputs, outputs, annotations }: Columns): number =>
  inputs.length + outputs.length + annotations.length;

/** What stands in a cell, columns counted over conditions, results and notes. */
export function cellOf({ inputs, outputs }: Columns, row: TableRow, column: number): string {
  if (column < inputs.length) return row.conditions[column] ?? '-';
  if (column < inputs.length + outputs.length) return row.results[column - inputs.length] ?? '';
  return row.notes[column - inputs.length - outputs.length] ?? '';
}

const put = (cells: readonly string[], at: number, text: string, empty: string): string[] =>
  Array.from({ length: Math.max(cells.length, at + 1) }, (_, place) => (place === at ? text : (cells[place] ?? empty)));

/** A row with another text in a cell. */
function withCell(table: DecisionTable, row: TableRow, column: number, text: string): TableRow {
  const { inputs, outputs } = table;
  if (column < inputs.length) return { ...row, conditions: put(row.conditions, column, text, '-') };
  const result = column - inputs.length;
  if (result < outputs.length) return { ...row, results: put(row.results, result, text, 'null') };
  return { ...row, notes: put(row.notes, result - outputs.length, text, '') };
}

/** A table with another text in one cell. */
export function setCell(table: DecisionTable, at: number, column: number, text: string): DecisionTable {
  return {
    ...table,
    rules: table.rules.map((row, place) => (place === at ? withCell(table, row, column, text) : row)),
  };
}

/** An id that no row of the table has. */
function freeId(rules: readonly TableRow[]): string {
  const taken = new Set(rules.map(({ id }) => id));
  let number = rules.length + 1;
  while (taken.has(`row-${number}`)) number += 1;
  return `row-${number}`;
}

/** A table with a row more that every question meets, at a place. */
export function addRow(table: DecisionTable, at: number): DecisionTable {
  const row: TableRow = {
    id: freeId(table.rules),
    conditions: table.inputs.map(() => '-'),
    results: table.outputs.map(() => 'null'),
    notes: table.annotations.map(() => ''),
  };
  return { ...table, rules: table.rules.toSpliced(at, 0, row) };
}

/** A table without a row. */
export const removeRow = (table: DecisionTable, at: number): DecisionTable => ({
  ...table,
  rules: table.rules.toSpliced(at, 1),
});

/** A table with a row further up (-1) or down (1); unchanged at its edges. */
export function moveRow(table: DecisionTable, at: number, by: number): DecisionTable {
  const row = table.rules[at];
  const to = at + by;
  if (!row || to < 0 || to >= table.rules.length) return table;
  return { ...table, rules: table.rules.toSpliced(at, 1).toSpliced(to, 0, row) };
}

/** A table with cells from a spreadsheet laid over it from a cell on; rows that are missing are added, columns are not. */
export function pasteAt(
  table: DecisionTable,
  at: number,
  column: number,
  cells: readonly (readonly string[])[],
): DecisionTable {
  const width = widthOf(table);
  let pasted = table;
  for (const [down, line] of cells.entries()) {
    if (at + down >= pasted.rules.length) pasted = addRow(pasted, pasted.rules.length);
    for (const [right, text] of line.entries()) {
      if (column + right < width) pasted = setCell(pasted, at + down, column + right, text);
    }
  }
  return pasted;
}

/** A draft with a condition's column more, over an input of a name. */
export function addInput({ table, inputs, ...draft }: TableDraft, name: string, type: string): TableDraft {
  const isKnown = inputs.some((input) => input.name === name);
  const rules = table.rules.map((row) => ({ ...row, conditions: [...row.conditions, '-'] }));
  return {
    ...draft,
    inputs: isKnown ? inputs : [...inputs, { name, type }],
    table: { ...table, rules, inputs: [...table.inputs, { expression: name, type }] },
  };
}

/** A draft with a result's column more. */
export function addOutput({ table, ...draft }: TableDraft, name: string, type: string): TableDraft {
  const rules = table.rules.map((row) => ({ ...row, results: [...row.results, 'null'] }));
  // Several results need names; the first may have had none.
  const outputs = table.outputs.map((output) => ({ ...output, name: output.name ?? 'result' }));
  return { ...draft, table: { ...table, rules, outputs: [...outputs, { name, type }] } };
}

/** A draft without a column; its last result stays. An input that nothing else tests goes with its column. */
export function removeColumn({ table, inputs, ...draft }: TableDraft, column: number): TableDraft {
  const input = table.inputs[column];
  if (input) {
    const left = table.inputs.toSpliced(column, 1);
    const rules = table.rules.map((row) => ({ ...row, conditions: row.conditions.toSpliced(column, 1) }));
    const isUsed = left.some(({ expression }) => expression.includes(input.expression));
    const kept = isUsed ? inputs : inputs.filter(({ name }) => name !== input.expression);
    return { ...draft, inputs: kept, table: { ...table, rules, inputs: left } };
  }
  const result = column - table.inputs.length;
  if (result >= table.outputs.length || table.outputs.length === 1) return { ...draft, inputs, table };
  const rules = table.rules.map((row) => ({ ...row, results: row.results.toSpliced(result, 1) }));
  return { ...draft, inputs, table: { ...table, rules, outputs: table.outputs.toSpliced(result, 1) } };
}

/** The table that a version is made by, to be edited; null where more than a table makes it. */
export function draftOf({ title, decision, model }: DecisionDetail): TableDraft | null {
  const { logic } = model.decisions.find(({ name }) => name === decision) ?? { logic: null };
  if (logic?.kind !== 'table' || model.decisions.length > 1 || model.knowledge.length > 0) return null;
  return { title, inputs: model.inputs.map(({ variable }) => variable), table: logic as DecisionTable };
}

/** A table of one condition, one result and one row, to begin with. */
export const newTable = (input: string, type: string, result: string): Omit<TableDraft, 'title'> => ({
  inputs: [{ name: input, type }],
  table: {
    ...{ kind: 'table', hitPolicy: 'U', annotations: [] },
    inputs: [{ expression: input, type }],
    outputs: [{ name: result, type: 'string' }],
    rules: [{ id: 'row-1', conditions: ['-'], results: ['"nobody"'], notes: [] }],
  },
});
