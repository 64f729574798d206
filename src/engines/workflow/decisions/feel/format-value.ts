import { formatTemporal } from './feel-time.ts';
import { type FeelValue, isContext, isList, isNumber } from './feel-value.ts';

/** The text that `string()` makes of a value (DMN 1.5 table 75); strings inside of lists and contexts are quoted. */
export function formatValue(value: FeelValue): string {
  return typeof value === 'string' ? value : formatInside(value);
}

function formatInside(value: FeelValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`;
  if (typeof value === 'boolean') return String(value);
  if (isNumber(value)) return Math.abs(value.e) > 40 ? value.toString() : value.toFixed();
  if (isList(value)) return `[${value.map(formatInside).join(', ')}]`;
  if (isContext(value))
    return `{${[...value].map(([key, inner]) => `${formatKey(key)}: ${formatInside(inner)}`).join(', ')}}`;
  if (value.type === 'range') {
    if (value.low === null) return `${value.highClosed ? '<=' : '<'} ${formatInside(value.high)}`;
    if (value.high === null) return `${value.lowClosed ? '>=' : '>'} ${formatInside(value.low)}`;
    return `${value.lowClosed ? '[' : '('}${formatInside(value.low)}..${formatInside(value.high)}${value.highClosed ? ']' : ')'}`;
  }
  return value.type === 'function' ? 'function' : formatTemporal(value);
}

function formatKey(key: string): string {
  return /^[\p{L}_][\p{L}\p{N}_ ]*$/u.test(key) ? key : `"${key.replace(/["\\]/g, '\\$&')}"`;
}
