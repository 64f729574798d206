import type { Decimal } from '#money';
import type { BuiltInTable } from '../built-in.ts';
import type { FeelRun } from '../feel-run.ts';
import { FeelNumber, type FeelValue } from '../feel-value.ts';
import { formatValue } from '../format-value.ts';
import { matchAll, replaceAll, splitBy } from '../patterns.ts';

/** FEEL counts characters, not UTF-16 units. */
const characters = (text: string) => Array.from(text);

function substring(text: string, start: Decimal, length: Decimal | undefined, run: FeelRun): FeelValue {
  const all = characters(text);
  const at = start.trunc().toNumber();
  const index = at < 0 ? all.length + at : at - 1;
  if (at === 0 || index < 0 || index >= all.length) return run.nothing('The string has no such position.');
  const size = length?.trunc().toNumber();
  if (size !== undefined && size < 1) return run.nothing('A part of a string has one character or more.');
  return all.slice(index, size === undefined ? undefined : index + size).join('');
}

function join(list: readonly FeelValue[], delimiter: string | null | undefined, run: FeelRun): FeelValue {
  const parts = list.filter((part) => part !== null);
  if (!parts.every((part) => typeof part === 'string')) return run.nothing('Only strings can be joined.');
  return run.text(parts.join(delimiter ?? ''));
}

/** `1 234,5` with its grouping and decimal separators: a number. */
function numberOf(from: string, grouping: string | null, decimal: string | null, run: FeelRun): FeelValue {
  const isKnown = grouping === null || [' ', ',', '.'].includes(grouping);
  if (!isKnown || (decimal !== null && !['.', ','].includes(decimal)) || (grouping !== null && grouping === decimal)) {
    return run.nothing(
      'Numbers are grouped by space, comma or point, and have a point or comma before their decimals.',
    );
  }
  const plain = (grouping === null ? from : from.replaceAll(grouping, '')).replaceAll(decimal ?? '.', '.');
  if (!/^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,6})?$/.test(plain))
    return run.nothing(`"${from.slice(0, 50)}" is no number.`);
  const value = new FeelNumber(plain);
  return value.isFinite() ? value.toSignificantDigits(34) : run.nothing('A number is out of range.');
}

/** Functions of strings (DMN 1.5 table 75) and conversions from and to them. */
export const stringFunctions: BuiltInTable = {
  string: [['from: Any', ([from], run) => (from === null ? null : run.text(formatValue(from)))]],
  number: [
    ['from: string', ([from], run) => numberOf(from, null, null, run)],
    [
      'from: string, grouping separator: string|null, decimal separator: string|null',
      ([from, grouping, decimal], run) => numberOf(from, grouping, decimal, run),
    ],
    ['from: number', ([from]) => from],
  ],
  substring: [
    [
      'string: string, start position: number, length?: number',
      ([text, start, length], run) => substring(text, start, length, run),
    ],
  ],
  'string length': [['string: string', ([text]) => new FeelNumber(characters(text).length)]],
  'upper case': [['string: string', ([text]) => text.toUpperCase()]],
  'lower case': [['string: string', ([text]) => text.toLowerCase()]],
  'substring before': [
    ['string: string, match: string', ([text, match]) => text.slice(0, Math.max(0, text.indexOf(match)))],
  ],
  'substring after': [
    [
      'string: string, match: string',
      ([text, match]) => (text.includes(match) ? text.slice(text.indexOf(match) + match.length) : ''),
    ],
  ],
  contains: [['string: string, match: string', ([text, match]) => text.includes(match)]],
  'starts with': [['string: string, match: string', ([text, match]) => text.startsWith(match)]],
  'ends with': [['string: string, match: string', ([text, match]) => text.endsWith(match)]],
  matches: [
    [
      'input: string, pattern: string, flags?: string|null',
      ([input, pattern, flags], run) => matchAll(input, pattern, flags ?? '', run),
    ],
  ],
  replace: [
    [
      'input: string, pattern: string, replacement: string, flags?: string|null',
      ([input, pattern, replacement, flags], run) => replaceAll(input, pattern, replacement, flags ?? '', run),
    ],
  ],
  split: [['string: string, delimiter: string', ([text, delimiter], run) => splitBy(text, delimiter, run)]],
  'string join': [['list: list, delimiter?: string|null', ([list, delimiter], run) => join(list, delimiter, run)]],
  not: [['negand: boolean|null', ([negand]) => (negand === null ? null : !negand)]],
  is: [['value1: Any, value2: Any', ([a, b]) => formatValue(a) === formatValue(b) && typeof a === typeof b]],
};
