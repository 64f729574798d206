import { type CellFigure, enteredCell } from '#figure';

/** How amounts among the variables of a process explain themselves. */
export const variableCells: Readonly<Record<string, CellFigure>> = {
  'workflow.variables.money': enteredCell('money', [
    { name: 'currency', field: 'currency', source: 'process; its timeline tells who began it and who decided' },
  ]),
};
