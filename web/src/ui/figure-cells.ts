import type { Figure, FigureValue } from '../api/shapes.ts';
import { decimalSum } from './format.ts';

/** A row of any list, as the API answered it. */
export type FigureRow = Readonly<Record<string, unknown>> | object;

/** A formula that the cells of a column share; the values come from the row. */
export interface CellFormula extends Pick<Figure, 'unit' | 'per' | 'formula' | 'formulaVersion' | 'rows' | 'sumOf'> {
  inputs: { name: string; field: string; source: string; figure?: string }[];
}

/** How the cells of a column explain themselves: a formula over the row, or the address of the whole figure. */
export type CellFigure = CellFormula | { figure: string };

/** A field of a row, `summary.spend` for one further in; undefined where there is none. */
export function fieldOf(row: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined,
      row,
    );
}

const isMoney = (value: unknown): value is { amount: string; currency: string } =>
  typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value;

/** A path or address with the row's fields in it: a member of the query without a value is left out, a part of the path never. */
export function filled(template: string, row: FigureRow): string | undefined {
  const textOf = (field: string): string | undefined => {
    const value = fieldOf(row, field);
    if (typeof value !== 'string' && typeof value !== 'number') return undefined;
    const text = String(value);
    return text.startsWith('/api/') ? text : encodeURIComponent(text);
  };
  let missing = false;
  const put = (part: string): string =>
    part.replace(/\{([^}]+)\}/g, (_whole, field: string) => {
      const text = textOf(field);
      if (text === undefined) missing = true;
      return text ?? '';
    });
  const [, path = '', query, place] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(template) ?? [];
  const start = put(path);
  if (missing) return undefined;
  const members = (query ?? '').split('&').flatMap((member) => {
    missing = false;
    const text = put(member);
    return missing || member === '' ? [] : [text];
  });
  // A path that the row brings along may have a query of its own.
  const tail = members.length > 0 ? `${start.includes('?') ? '&' : '?'}${members.join('&')}` : '';
  return `${start}${tail}${place === undefined ? '' : `#${place}`}`;
}

/** What an input may say: money and texts as they are, numbers and yes or no as text. */
function inputValue(value: unknown): FigureValue {
  if (isMoney(value)) return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? value : null;
}

/** The figure of a cell: its column's formula with the values of its row. */
export function figureOfCell({ inputs, rows, ...formula }: CellFormula, row: FigureRow, value: FigureValue): Figure {
  const path = rows === undefined ? undefined : filled(rows, row);
  return {
    ...{ ...formula, value },
    inputs: inputs.map(({ field, figure, ...input }) => {
      const address = figure === undefined ? undefined : filled(figure, row);
      return { ...input, value: inputValue(fieldOf(row, field)), ...(address ? { figure: address } : {}) };
    }),
    ...(path ? { rows: path } : {}),
  };
}

/** The place in an answer that an address names behind `#`, a JSON pointer (RFC 6901); undefined where there is nothing. */
export function placeIn(answer: unknown, pointer: string): unknown {
  const names = pointer.split('/').slice(1);
  return names.reduce<unknown>(
    (value, name) => fieldOf(value, name.replaceAll('~1', '/').replaceAll('~0', '~')),
    answer,
  );
}

/** The sum of a field over rows, exact, of the rows in the currency of `like` where that is money. */
export function sumOver(rows: readonly object[], field: string, like: FigureValue): FigureValue {
  const values = rows.map((row) => fieldOf(row, field));
  if (isMoney(like)) {
    const amounts = values.flatMap((value) => (isMoney(value) && value.currency === like.currency ? value.amount : []));
    return { amount: decimalSum(amounts), currency: like.currency };
  }
  return decimalSum(values.filter((value): value is string => typeof value === 'string'));
}
