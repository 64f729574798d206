export { type CellFigure, type CellFormula, enteredCell } from './cell-figure.ts';
export type { Figure, FigureInput } from './figure.ts';
export { figuresModule } from './figures-module.ts';
