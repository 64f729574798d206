import type { Decimal } from '#money';
import { add, divide } from '../arithmetic.ts';
import type { BuiltInTable } from '../built-in.ts';
import { compareValues, equalValues } from '../compare-values.ts';
import type { FeelRun } from '../feel-run.ts';
import { type FeelFunction, FeelNumber, type FeelValue, finite, isList, isNumber } from '../feel-value.ts';

type List = readonly FeelValue[];

const count = (length: number) => new FeelNumber(length);
const same = (a: FeelValue, b: FeelValue) => equalValues(a, b) === true;

/** A list given as one argument, or as several. */
function gathered(body: (list: List, run: FeelRun) => FeelValue) {
  return ([list]: [List], run: FeelRun): FeelValue => {
    const [only] = list;
    return body(list.length === 1 && isList(only!) ? only : list, run);
  };
}

/** `list: list` by name or alone, or any number of arguments. */
function ofListOrRest(body: (list: List, run: FeelRun) => FeelValue): BuiltInTable[string] {
  return [
    ['list: list', ([list], run) => body(list, run)],
    ['...list', gathered(body)],
  ];
}

function numbersOf(list: List, run: FeelRun): readonly Decimal[] | null {
  return list.every(isNumber) && list.length > 0 ? list : run.nothing('It takes one number or more.');
}

function ofNumbers(body: (numbers: readonly Decimal[], run: FeelRun) => FeelValue) {
  return ofListOrRest((list, run) => {
    const numbers = numbersOf(list, run);
    return numbers && body(numbers, run);
  });
}

const total = (numbers: readonly Decimal[]) => numbers.reduce((sum, number) => sum.plus(number), new FeelNumber(0));

function extreme(sign: 1 | -1) {
  return ofListOrRest((list, run) => {
    let best = list[0] ?? null;
    for (const value of list) {
      const order = compareValues(value, best);
      if (order === null) return run.nothing('They cannot be compared.');
      if (order === sign) best = value;
    }
    return best;
  });
}

function sum(list: List, run: FeelRun): FeelValue {
  if (list.length === 0) return run.nothing('There is nothing to add.');
  if (list.every((value) => typeof value === 'string')) return run.nothing('Strings have no sum.');
  return list.slice(1).reduce((so, value) => add(so, value, run), list[0]!);
}

function median(numbers: readonly Decimal[]): Decimal {
  const sorted = [...numbers].sort((a, b) => a.comparedTo(b));
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : sorted[middle - 1]!.plus(sorted[middle]!).div(2);
}

/** The sample's standard deviation. */
function deviation(numbers: readonly Decimal[], run: FeelRun): FeelValue {
  if (numbers.length < 2) return run.nothing('One number has no deviation.');
  const mean = total(numbers).div(numbers.length);
  const squares = total(numbers.map((number) => number.minus(mean).pow(2)));
  return squares.div(numbers.length - 1).sqrt();
}

/** The most frequent numbers, ascending. */
function modes(numbers: readonly Decimal[]): FeelValue {
  const counts = new Map<string, number>();
  for (const number of numbers) counts.set(number.toString(), (counts.get(number.toString()) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const found = [...counts].filter(([, times]) => times === most).map(([text]) => new FeelNumber(text));
  return found.sort((a, b) => a.comparedTo(b));
}

/** All true, or one true: three-valued. */
function quantified(decisive: boolean) {
  return ofListOrRest((list) => {
    if (list.includes(decisive)) return decisive;
    return list.every((value) => value === !decisive) ? !decisive : null;
  });
}

/** The index of a position from 1, or from the end where negative; null outside of the list. */
function indexOf(list: List, position: Decimal): number | null {
  const at = position.trunc().toNumber();
  const index = at < 0 ? list.length + at : at - 1;
  return at !== 0 && index >= 0 && index < list.length ? index : null;
}

function sublist(list: List, start: Decimal, length: Decimal | undefined, run: FeelRun): FeelValue {
  const index = indexOf(list, start);
  if (index === null) return run.nothing('The list has no such position.');
  const size = length?.trunc().toNumber() ?? list.length - index;
  return size < 1 || index + size > list.length
    ? run.nothing('The list is not so long.')
    : list.slice(index, index + size);
}

function insertBefore(list: List, position: Decimal, value: FeelValue, run: FeelRun): FeelValue {
  const index = indexOf(list, position);
  if (index === null) return run.nothing('The list has no such position.');
  return run.list([...list.slice(0, index), value, ...list.slice(index)]);
}

function joinLists(lists: List, run: FeelRun): List | null {
  if (lists.includes(null)) return run.nothing('Null is no list.');
  return run.list((lists as FeelValue[][]).flat());
}

function distinct(list: List, run: FeelRun): FeelValue {
  const found: FeelValue[] = [];
  for (const value of list) {
    run.step(found.length);
    if (!found.some((other) => same(other, value))) found.push(value);
  }
  return found;
}

function flatten(list: List, run: FeelRun): FeelValue[] {
  return list.flatMap((value) => {
    run.enter();
    const flat = isList(value) ? flatten(value, run) : [value];
    run.leave();
    return flat;
  });
}

function ask(precedes: FeelFunction, args: readonly FeelValue[], run: FeelRun): FeelValue {
  run.enter();
  const answer = precedes.invoke({ positional: args }, run);
  run.leave();
  return answer;
}

/** Merge sort, so that a function that contradicts itself still ends; null where it answers no boolean. */
function sort(list: List, precedes: FeelFunction, run: FeelRun): readonly FeelValue[] | null {
  if (list.length < 2) return list;
  const middle = list.length >> 1;
  const left = sort(list.slice(0, middle), precedes, run);
  const right = sort(list.slice(middle), precedes, run);
  if (!left || !right) return null;
  const merged: FeelValue[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    const rightFirst = ask(precedes, [right[j]!, left[i]!], run);
    if (typeof rightFirst !== 'boolean') return run.nothing('What sorts a list answers true or false.');
    merged.push(rightFirst ? right[j++]! : left[i++]!);
  }
  return [...merged, ...left.slice(i), ...right.slice(j)];
}

function sorted(list: List, precedes: FeelFunction | undefined, run: FeelRun): FeelValue {
  if (precedes) {
    if (precedes.parameters && precedes.parameters.length !== 2)
      return run.nothing('What sorts a list takes two values.');
    return sort(list, precedes, run);
  }
  if (list.some((value) => compareValues(value, list[0]!) === null)) return run.nothing('They cannot be compared.');
  return [...list].sort((a, b) => compareValues(a, b) ?? 0);
}

function replaceMatching(list: List, matches: FeelFunction, newItem: FeelValue, run: FeelRun): FeelValue {
  if (matches.parameters && matches.parameters.length !== 2) return run.nothing('What matches takes two values.');
  const tests = list.map((item) => ask(matches, [item, newItem], run));
  if (tests.some((test) => typeof test !== 'boolean')) return run.nothing('What matches answers true or false.');
  return list.map((item, index) => (tests[index] === true ? newItem : item));
}

/** Functions of lists (DMN 1.5 table 76). */
export const listFunctions: BuiltInTable = {
  'list contains': [
    ['list: list, element: Any', ([list, element]) => list.some((value: FeelValue) => same(value, element))],
  ],
  count: [['list: list', ([list]) => count(list.length)]],
  min: extreme(-1),
  max: extreme(1),
  sum: ofListOrRest(sum),
  product: ofNumbers((numbers) =>
    finite(numbers.reduce((product, number) => product.times(number), new FeelNumber(1))),
  ),
  mean: ofListOrRest((list, run) => {
    const all = sum(list, run);
    return all === null ? null : divide(all, count(list.length), run);
  }),
  median: ofNumbers(median),
  stddev: ofNumbers(deviation),
  mode: ofListOrRest((list, run) =>
    list.length === 0 ? [] : ((found) => found && modes(found))(numbersOf(list, run)),
  ),
  all: quantified(false),
  every: quantified(false),
  any: quantified(true),
  some: quantified(true),
  and: quantified(false),
  or: quantified(true),
  sublist: [
    [
      'list: list, start position: number, length?: number',
      ([list, start, length], run) => sublist(list, start, length, run),
    ],
  ],
  append: [['list: list, ...item', ([list, items], run) => run.list([...list, ...items])]],
  concatenate: [['...list', ([lists], run) => joinLists(lists, run)]],
  'insert before': [
    [
      'list: list, position: number, newItem: Any',
      ([list, position, value], run) => insertBefore(list, position, value, run),
    ],
  ],
  remove: [
    [
      'list: list, position: number',
      ([list, position], run) => {
        const index = indexOf(list, position);
        return index === null ? run.nothing('The list has no such position.') : list.toSpliced(index, 1);
      },
    ],
  ],
  'list replace': [
    [
      'list: list, position: number, newItem: Any',
      ([list, position, newItem], run) => {
        const index = indexOf(list, position);
        return index === null ? run.nothing('The list has no such position.') : list.with(index, newItem);
      },
    ],
    [
      'list: list, match: function, newItem: Any',
      ([list, match, newItem], run) => replaceMatching(list, match, newItem, run),
    ],
  ],
  reverse: [['list: list', ([list]) => list.toReversed()]],
  'index of': [
    [
      'list: list, match: Any',
      ([list, match]) => (list as List).flatMap((value, index) => (same(value, match) ? [count(index + 1)] : [])),
    ],
  ],
  union: [
    [
      '...list',
      ([lists], run) => {
        const joined = joinLists(lists, run);
        return joined && distinct(joined, run);
      },
    ],
  ],
  'distinct values': [['list: list', ([list], run) => distinct(list, run)]],
  'duplicate values': [
    [
      'list: list',
      ([list], run) => {
        run.step(list.length * list.length);
        const repeated = (list as List).filter(
          (value) => (list as List).filter((other) => same(other, value)).length > 1,
        );
        return distinct(repeated, run);
      },
    ],
  ],
  flatten: [['list: list', ([list], run) => run.list(flatten(list, run))]],
  sort: [['list: list, precedes?: function', ([list, precedes], run) => sorted(list, precedes, run)]],
  partition: [
    [
      'list: list, size: number',
      ([list, size], run) => {
        const step = size.trunc().toNumber();
        if (step < 1) return run.nothing('A part has one entry or more.');
        const parts: FeelValue[] = [];
        for (let at = 0; at < list.length; at += step) parts.push(list.slice(at, at + step));
        return parts;
      },
    ],
  ],
};
