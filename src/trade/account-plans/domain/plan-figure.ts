import type { Figure } from '#figure';
import { Decimal } from '#money';
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
    unit: column === 'gap' ? differenceUnit(unit) : unit,
    ...(unit === 'units' ? { per: 'case' as const } : {}),
    formula: said && !(column === 'latestEstimate' && derived) ? said(wordsOf(line)) : formula,
    formulaVersion,
    inputs: inputsOf(figures, line, column, origin),
    ...(unknown.length > 0 ? { notEstimated: [...unknown] } : {}),
    ...(origin.rows ? { rows: origin.rows } : {}),
  };
}

/** A difference of ratios is in percentage points. */
const differenceUnit = (unit: Figure['unit']): Figure['unit'] => (unit === 'ratio' ? 'points' : unit);

/** What the plan of a column differs by from that of another, for the whole of a line. */
export function differenceFigure(
  { before, after }: { before: PeriodFigures; after: PeriodFigures },
  line: PlanLine,
  names: { currency: string; before: string; after: string },
): Figure {
  const { unit } = lineFormulas[line];
  const value = (of: PeriodFigures) => figureValue(of, line, 'plan', names.currency);
  return {
    ...{ value: differenceOf(line, { before, after }, names.currency), unit: differenceUnit(unit) },
    ...(unit === 'units' ? { per: 'case' as const } : {}),
    ...{ formula: `${wordsOf(line)} of the scenario − ${wordsOf(line)} of the plan`, formulaVersion },
    inputs: [
      { name: 'scenario', value: plain(value(after)), source: names.after },
      { name: 'plan', value: plain(value(before)), source: names.before },
    ],
  };
}

/** What counting one more promotion adds to a line of the plan's year. */
export function addedFigure(
  line: Exclude<PlanLine, 'tradeRate'>,
  { before, after }: { before: bigint | null | undefined; after: bigint | null | undefined },
  names: { currency: string; before: string; after: string },
): Figure {
  const { unit } = lineFormulas[line];
  const json = (value: bigint | null | undefined) => lineJson(line, value, names.currency);
  return {
    ...{ value: json((after ?? 0n) - (before ?? 0n)), unit, ...(unit === 'units' ? { per: 'case' as const } : {}) },
    ...{ formula: `${wordsOf(line)} of the year with it − without it`, formulaVersion },
    inputs: [
      { name: 'with it', value: plain(json(after)), source: names.after },
      { name: 'without it', value: plain(json(before)), source: names.before },
    ],
  };
}

function differenceOf(
  line: PlanLine,
  { before, after }: { before: PeriodFigures; after: PeriodFigures },
  currency: string,
): Figure['value'] {
  if (line === 'tradeRate') {
    const [was, is] = [rateOf(before, 'plan'), rateOf(after, 'plan')];
    return was === null || is === null ? null : new Decimal(is).minus(was).toFixed(4);
  }
  const [was, is] = [before.plan[line] ?? null, after.plan[line] ?? null];
  return was === null || is === null ? null : lineJson(line, is - was, currency);
}

/** A figure that is no number, for a reason. */
export function withoutValue(figure: Figure, reason: string): Figure {
  return { ...figure, value: null, notEstimated: [...(figure.notEstimated ?? []), reason] };
}

function wordsOf(line: PlanLine): string {
  return line.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
