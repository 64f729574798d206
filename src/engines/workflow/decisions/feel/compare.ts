import { compareValues, equalValues, isWithin } from './compare-values.ts';
import type { FeelRun } from './feel-run.ts';
import type { Comparison } from './feel-tree.ts';
import { type FeelRange, type FeelValue, isContext, isList, typeNameOf } from './feel-value.ts';

/** A comparison; null where the two cannot be compared. */
export function compare(operator: Comparison, a: FeelValue, b: FeelValue, run: FeelRun): boolean | null {
  run.goThrough(a);
  const incomparable = () =>
    run.nothing(`A ${typeNameOf(a)} and a ${typeNameOf(b)} cannot be compared by ${operator}.`);
  if (operator === '=' || operator === '!=') {
    const equal = equalValues(a, b);
    return equal === null ? incomparable() : equal === (operator === '=');
  }
  const order = compareValues(a, b);
  if (order === null) return incomparable();
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** A range of two ends that can be compared, the low one first; null otherwise. */
export function makeRange(
  low: FeelValue,
  high: FeelValue,
  closed: Pick<FeelRange, 'lowClosed' | 'highClosed'>,
  run: FeelRun,
): FeelValue {
  const order = compareValues(low, high);
  if (order === null) return run.nothing(`A ${typeNameOf(low)} and a ${typeNameOf(high)} are no ends of a range.`);
  if (order > 0) return run.nothing('A range ends before it begins.');
  return { type: 'range', low, high, lowClosed: closed.lowClosed, highClosed: closed.highClosed };
}

/** Whether a value is what a test came to, or belongs to it. */
export function belongs(value: FeelValue, result: FeelValue): boolean | null {
  if (isList(result)) {
    if (isList(value) && equalValues(value, result) === true) return true;
    const found = result.some(
      (entry) => equalValues(value, entry) === true || (isRange(entry) && belongs(value, entry)),
    );
    return found;
  }
  if (isRange(result)) return isRange(value) ? equalValues(value, result) : isWithin(value, result);
  if (result === true && typeof value !== 'boolean') return true;
  if (isList(value) && !isContext(result)) return value.some((entry) => equalValues(entry, result) === true);
  return equalValues(value, result);
}

/** Whether a value is a range. */
export function isRange(value: FeelValue): value is FeelRange {
  return typeNameOf(value) === 'range';
}
