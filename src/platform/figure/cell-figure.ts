import type { Figure } from './figure.ts';

/** A number that a cell was made from: a field of the cell's row, `summary.spend` for one further in. */
export interface CellInput {
  name: string;
  field: string;
  source: string;
  /** The address of the figure that this input is; `{field}` stands for a field of the row. */
  figure?: string;
}

/** A formula that the cells of one column share: the values come from the row of the cell. */
export interface CellFormula extends Pick<Figure, 'unit' | 'per' | 'formula' | 'formulaVersion' | 'rows' | 'sumOf'> {
  inputs: readonly CellInput[];
}

/**
 * How the cells of a column explain themselves, so that no cell carries a figure: a formula over the row, or the address
 * of the figure that is asked for when somebody looks. In addresses and paths `{field}` stands for a field of the row;
 * where the row has none, there is nothing behind that address.
 */
export type CellFigure = CellFormula | { figure: string };

/** Says that a number was entered or came with a document and was not calculated; the inputs tell by whom and when. */
export function enteredCell(
  unit: Figure['unit'],
  inputs: readonly CellInput[],
  more: Pick<CellFormula, 'per' | 'rows'> = {},
): CellFormula {
  return { unit, formula: 'as it was entered, not calculated', formulaVersion: 'entered/1', inputs, ...more };
}
