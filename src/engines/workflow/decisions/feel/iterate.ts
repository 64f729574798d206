import { compareValues } from './compare-values.ts';
import type { FeelRun } from './feel-run.ts';
import type { FeelNode, Iterator } from './feel-tree.ts';
import { FeelNumber, type FeelValue, isList, isNumber, typeNameOf } from './feel-value.ts';
import type { Scope } from './scope.ts';
import { addDays } from './time-arithmetic.ts';

type Evaluate = (node: FeelNode, scope: Scope, run: FeelRun) => FeelValue;

type Body = (scope: Scope, run: FeelRun) => FeelValue;

/** What the body makes of every combination (`for … return`); where it asks for them, it sees those so far as `partial`. */
export function collect(
  iterators: readonly Iterator[],
  scope: Scope,
  run: FeelRun,
  evaluate: Evaluate,
  body: Body,
  asksPartial: boolean,
): FeelValue {
  const results: FeelValue[] = [];
  const complete = iterate(iterators, scope, run, evaluate, (names) => {
    // A copy: a list that grew on would come to hold itself.
    const seen = asksPartial ? names.with(new Map([['partial', run.list([...results])]])) : names;
    results.push(body(seen, run));
    run.checkLength(results.length);
    return true;
  });
  return complete ? run.list(results) : null;
}

/** Whether the body holds for some combination, or for every one: three-valued. */
export function quantify(
  kind: 'some' | 'every',
  iterators: readonly Iterator[],
  scope: Scope,
  run: FeelRun,
  evaluate: Evaluate,
  body: Body,
): FeelValue {
  const decisive = kind === 'some';
  let result: boolean | null = !decisive;
  const complete = iterate(iterators, scope, run, evaluate, (names) => {
    const test = body(names, run);
    if (test === decisive) result = decisive;
    else if (typeof test !== 'boolean') result = null;
    return test !== decisive;
  });
  return complete ? result : null;
}

/**
 * Visits every combination of the iterators, the last running fastest, until `visit` answers false. False where an iterator
 * runs through nothing that can be iterated.
 */
function iterate(
  iterators: readonly Iterator[],
  scope: Scope,
  run: FeelRun,
  evaluate: Evaluate,
  visit: (names: Scope) => boolean,
): boolean {
  let goesOn = true;
  const visitFrom = (index: number, names: Scope): boolean => {
    const iterator = iterators[index];
    if (!iterator) {
      goesOn = visit(names);
      return true;
    }
    const values = valuesOf(iterator, names, run, evaluate);
    if (values === null) return false;
    let complete = true;
    run.enter();
    for (const value of values) {
      run.step();
      complete = visitFrom(index + 1, names.with(new Map([[iterator.name, value]])));
      if (!complete || !goesOn) break;
    }
    run.leave();
    return complete;
  };
  return visitFrom(0, scope);
}

function valuesOf(iterator: Iterator, scope: Scope, run: FeelRun, evaluate: Evaluate): Iterable<FeelValue> | null {
  const from = evaluate(iterator.over, scope, run);
  if (iterator.to) return between(from, evaluate(iterator.to, scope, run), run);
  if (isList(from)) return from;
  if (from !== null && typeof from === 'object' && 'type' in from && from.type === 'range') {
    const { low, high, lowClosed, highClosed } = from;
    const values = between(low, high, run);
    if (values === null) return null;
    const isExcluded = (value: FeelValue, end: FeelValue, closed: boolean) =>
      !closed && compareValues(value, end) === 0;
    return [...values].filter((value) => !isExcluded(value, low, lowClosed) && !isExcluded(value, high, highClosed));
  }
  return from === null ? run.nothing('Nothing is there to iterate over.') : [from];
}

/** Whole steps from one number or date to another, up or down. */
function between(from: FeelValue, to: FeelValue, run: FeelRun): FeelValue[] | null {
  const direction = compareValues(to, from);
  const isDates = typeNameOf(from) === 'date' && typeNameOf(to) === 'date';
  if (direction === null || !(isNumber(from) || isDates)) {
    return run.nothing(`From a ${typeNameOf(from)} to a ${typeNameOf(to)} there are no whole steps.`);
  }
  const values: FeelValue[] = [];
  for (let value: FeelValue = from; value !== null; value = next(value, direction || 1)) {
    const order = compareValues(value, to);
    if (order !== 0 && order === (direction || 1)) break;
    values.push(value);
    run.checkLength(values.length);
    run.step();
    if (order === 0) break;
  }
  return values;
}

function next(value: FeelValue, direction: number): FeelValue {
  if (isNumber(value)) return value.plus(new FeelNumber(direction));
  return addDays(value as Parameters<typeof addDays>[0], BigInt(direction));
}
