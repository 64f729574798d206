import {
  type FeelContext,
  type FeelRange,
  type FeelValue,
  isContext,
  isList,
  isNumber,
  typeNameOf,
} from './feel-value.ts';
import { instantOf, instantOfTime } from './time-arithmetic.ts';

/** Whether two values are equal (DMN 1.5 table 42): null where their types differ, unless one is null. */
export function equalValues(a: FeelValue, b: FeelValue): boolean | null {
  if (a === null || b === null) return a === b;
  if (typeof a !== 'object' || typeof b !== 'object') return typeof a === typeof b ? a === b : null;
  if (isNumber(a)) return isNumber(b) ? a.equals(b) : null;
  if (isList(a)) return isList(b) ? equalLists(a, b) : null;
  if (isContext(a)) return isContext(b) ? equalContexts(a, b) : null;
  if (typeNameOf(a) !== typeNameOf(b)) return null;
  const other = b as typeof a;
  switch (a.type) {
    case 'range':
      return equalRanges(a, other as FeelRange);
    case 'function':
      return a === other;
    default: {
      const order = compareValues(a, other);
      return order === null ? null : order === 0;
    }
  }
}

function equalLists(a: readonly FeelValue[], b: readonly FeelValue[]): boolean {
  return a.length === b.length && a.every((value, index) => equalValues(value, b[index]!) === true);
}

function equalContexts(a: FeelContext, b: FeelContext): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.has(key) && equalValues(value, b.get(key)!) === true);
}

function equalRanges(a: FeelRange, b: FeelRange): boolean {
  return (
    a.lowClosed === b.lowClosed &&
    a.highClosed === b.highClosed &&
    equalValues(a.low, b.low) === true &&
    equalValues(a.high, b.high) === true
  );
}

const sign = (a: bigint | number, b: bigint | number) => (a < b ? -1 : a > b ? 1 : 0);

/** −1, 0 or 1 as a stands before, at or after b; null where they cannot be ordered (DMN 1.5 table 43). */
export function compareValues(a: FeelValue, b: FeelValue): -1 | 0 | 1 | null {
  if (a === null || b === null) return null;
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : null;
  if (isNumber(a)) return isNumber(b) ? (a.comparedTo(b) as -1 | 0 | 1) : null;
  if (typeof a === 'boolean' || typeof b !== 'object' || isList(a) || isContext(a) || isList(b) || isContext(b))
    return null;
  if (isNumber(b)) return null;
  switch (a.type) {
    case 'date':
      return b.type === 'date' ? sign(a.year, b.year) || sign(a.month, b.month) || sign(a.day, b.day) : null;
    case 'time':
      if (b.type !== 'time' || (a.zone === null) !== (b.zone === null)) return null;
      return sign(instantOfTime(a), instantOfTime(b));
    case 'date and time':
      if (b.type !== 'date and time' || (a.time.zone === null) !== (b.time.zone === null)) return null;
      return sign(instantOf(a), instantOf(b));
    case 'days and time duration':
      return b.type === a.type ? sign(a.nanos, b.nanos) : null;
    case 'years and months duration':
      return b.type === a.type ? sign(a.months, b.months) : null;
    default:
      return null;
  }
}

/** By code points, as FEEL counts characters. */
function compareText(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  // UTF-16 puts the surrogates of rare characters before some common ones: where they differ, whole characters count.
  const isSecondHalf = at > 0 && (a.charCodeAt(at) & 0xfc00) === 0xdc00;
  const start = isSecondHalf ? at - 1 : at;
  return sign(a.codePointAt(start) ?? -1, b.codePointAt(start) ?? -1);
}

/** Whether a value lies in a range; null where it cannot be compared with an end. */
export function isWithin(value: FeelValue, range: FeelRange): boolean | null {
  const { low, high } = range;
  const fromLow = low === null ? 1 : compareValues(value, low);
  const fromHigh = high === null ? -1 : compareValues(value, high);
  if (fromLow === null || fromHigh === null || (low === null && high === null)) return null;
  const above = fromLow > 0 || (fromLow === 0 && range.lowClosed);
  return above && (fromHigh < 0 || (fromHigh === 0 && range.highClosed));
}
