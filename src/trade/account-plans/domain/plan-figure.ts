import type { Figure } from '#figure';
import { formulaVersion, lineFormulas, lineJson, type PlanColumn, type PlanLine } from './plan-lines.ts';
import { type PeriodFigures, rateOf } from './plan-result.ts';

/** Where a figure comes from, beside the figures that it is made of. */
export interface FigureOrigin {
  currency: string;
  /** Where its volumes and prices come from, in words: the versions of the snapshot. */
  sources: Record<PlanColumn, string>;
  /** What the column does not know, by line. */
  notEstimated: readonly string[];
  /** The path that lists the rows behind the figures. */
  rows?: string | undefined;
}

const columnFormulas: Partial<Record<PlanColumn, (line: string) => string>> = {
  target: (line) => `target of ${line}, as it was set`,
  latestEstimate: (line) => `${line} of the closed weeks + ${line} planned for the weeks to come`,
  gap: () => 'latest estimate − target',
};

/** The value of a line in a column, ready for JSON. */
export function figureValue(figures: PeriodFigures, line: PlanLine, column: PlanColumn, currency: string) {
  return line === 'tradeRate' ? rateOf(figures, column) : lineJson(line, figures[column][line], currency);
}

function plain(value: ReturnType<typeof figureValue>): string | null {
  return typeof value === 'object' && value !== null ? value.amount : value;
}

function inputsOf(figures: PeriodFigures, line: PlanLine, column: PlanColumn, origin: FigureOrigin): Figure['inputs'] {
  const input = (name: string, of: PlanLine, from: PlanColumn) => ({
    name,
    value: plain(figureValue(figures, of, from, origin.currency)),
    source: origin.sources[from],
  });
  if (column === 'gap') return [input('latest estimate', line, 'latestEstimate'), input('target', line, 'target')];
  if (column === 'latestEstimate' && lineFormulas[line].inputs.length === 0) {
    return [input('actual of closed weeks', line, 'actual'), openPart(figures, line, origin)];
  }
  if (column === 'target') return [];
  const known = lineFormulas[line].inputs.filter((of) => figureValue(figures, of, column, origin.currency) !== null);
  return known.map((of) => input(wordsOf(of), of, column));
}

/** What the plan says of the weeks to come: the latest estimate without its closed weeks. */
function openPart(
  figures: PeriodFigures,
  line: PlanLine,
  { currency, sources }: FigureOrigin,
): Figure['inputs'][number] {
  const name = 'planned for the weeks to come';
  if (line === 'tradeRate') return { name, value: null, source: sources.plan };
  const [whole, closed] = [figures.latestEstimate[line] ?? null, figures.actual[line] ?? 0n];
  const value = whole === null ? null : plain(lineJson(line, whole - closed, currency));
  return { name, value, source: sources.plan };
}

/** A figure of the plan with what it was made from. */
export function planFigure(figures: PeriodFigures, line: PlanLine, column: PlanColumn, origin: FigureOrigin): Figure {
  const { unit, formula } = lineFormulas[line];
  const unknown = column === 'actual' || column === 'latestEstimate' || column === 'gap' ? origin.notEstimated : [];
  const derived = lineFormulas[line].inputs.length > 0;
  const said = columnFormulas[column];
  return {
    value: figureValue(figures, line, column, origin.currency),
    unit,
    ...(unit === 'units' ? { per: 'case' as const } : {}),
    formula: said && !(column === 'latestEstimate' && derived) ? said(wordsOf(line)) : formula,
    formulaVersion,
    inputs: inputsOf(figures, line, column, origin),
    ...(unknown.length > 0 ? { notEstimated: [...unknown] } : {}),
    ...(origin.rows ? { rows: origin.rows } : {}),
  };
}

function wordsOf(line: PlanLine): string {
  return line.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
