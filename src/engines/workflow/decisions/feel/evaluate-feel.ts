import { add, divide, multiply, negate, power, subtract } from './arithmetic.ts';
import { bindArguments } from './bind-arguments.ts';
import { builtIns } from './built-ins.ts';
import { belongs, compare, makeRange } from './compare.ts';
import { feelProperty } from './feel-properties.ts';
import type { FeelRun } from './feel-run.ts';
import type { Comparison, FeelNode, FeelTests, Operator } from './feel-tree.ts';
import { isInstance } from './feel-types.ts';
import {
  type FeelArguments,
  type FeelFunction,
  type FeelValue,
  isContext,
  isFunction,
  isList,
  isNumber,
  typeNameOf,
} from './feel-value.ts';
import { entryAt, filterList } from './filter-list.ts';
import { collect, quantify } from './iterate.ts';
import type { Scope } from './scope.ts';

/** What an expression is worth in a scope; null, with a note of the run, where FEEL has no answer. */
export function evaluate(node: FeelNode, scope: Scope, run: FeelRun): FeelValue {
  run.enter();
  const value = evaluateNode(node, scope, run);
  run.leave();
  return value;
}

function evaluateNode(node: FeelNode, scope: Scope, run: FeelRun): FeelValue {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'name':
      return valueOfName(node.name, scope, run);
    case 'tested':
      return scope.get('?') ?? null;
    case 'path':
      return pathOf(evaluate(node.of, scope, run), node.name, run);
    case 'filter':
      return filterBy(evaluate(node.of, scope, run), node.by, scope, run);
    case 'list':
      return run.list(node.entries.map((entry) => evaluate(entry, scope, run)));
    case 'context':
      return evaluateContext(node, scope, run);
    case 'if':
      return evaluate(evaluate(node.test, scope, run) === true ? node.yes : node.no, scope, run);
    case 'for':
      return collect(
        node.iterators,
        scope,
        run,
        evaluate,
        (names) => evaluate(node.body, names, run),
        mentions(node.body, 'partial'),
      );
    case 'some':
    case 'every':
      return quantify(node.kind, node.iterators, scope, run, evaluate, (names) => evaluate(node.body, names, run));
    case 'or':
    case 'and':
      return evaluateLogic(node, scope, run);
    case 'arithmetic':
      return arithmetic[node.operator](evaluate(node.left, scope, run), evaluate(node.right, scope, run), run);
    case 'negation':
      return negate(evaluate(node.of, scope, run), run);
    case 'comparison':
      return compare(node.operator, evaluate(node.left, scope, run), evaluate(node.right, scope, run), run);
    case 'between': {
      const value = evaluate(node.value, scope, run);
      const low = compare('>=', value, evaluate(node.low, scope, run), run);
      const high = compare('<=', value, evaluate(node.high, scope, run), run);
      return low === false || high === false ? false : low === null || high === null ? null : true;
    }
    case 'in':
      return evaluateIn(node, scope, run);
    case 'test':
      return evaluateTest(node.operator, evaluate(node.end, scope, run), run);
    case 'range':
      return makeRange(evaluate(node.low, scope, run), evaluate(node.high, scope, run), node, run);
    case 'instance': {
      const value = evaluate(node.value, scope, run);
      run.goThrough(value);
      return isInstance(value, node.type, scope.types);
    }
    case 'call':
      return call(
        evaluate(node.of, scope, run),
        { positional: node.positional.map((arg) => evaluate(arg, scope, run)) },
        run,
      );
    case 'call by name': {
      const named = new Map(node.named.map(({ name, value }) => [name, evaluate(value, scope, run)] as const));
      if (named.size < node.named.length) return run.nothing('An argument is named twice.');
      return call(evaluate(node.of, scope, run), { named }, run);
    }
    case 'function':
      return userFunction(node, scope);
  }
}

const arithmetic: Readonly<Record<Operator, (a: FeelValue, b: FeelValue, run: FeelRun) => FeelValue>> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '**': power,
};

function valueOfName(name: string, scope: Scope, run: FeelRun): FeelValue {
  const value = scope.get(name) ?? builtIns.get(name);
  if (value !== undefined) return value;
  run.unset.add(name);
  return run.nothing(`Nothing is named "${name}".`);
}

function pathOf(value: FeelValue, name: string, run: FeelRun): FeelValue {
  if (isList(value)) return run.list(value.map((entry) => pathOf(entry, name, run)));
  if (isContext(value)) return value.get(name) ?? (value.has(name) ? null : run.nothing(`A context has no "${name}".`));
  const property = feelProperty(value, name);
  return property === undefined ? run.nothing(`A ${typeNameOf(value)} has no "${name}".`) : property;
}

/** A number that needs no entry to be known is a position, whatever the list holds. */
function filterBy(value: FeelValue, by: FeelNode, scope: Scope, run: FeelRun): FeelValue {
  if (by.kind === 'literal' || by.kind === 'negation' || by.kind === 'arithmetic') {
    const index = evaluate(by, scope, run);
    if (isNumber(index)) return entryAt(isList(value) ? value : [value], index, run);
    if (by.kind !== 'literal') return run.nothing('A filter is a number or a condition.');
  }
  return filterList(value, (names) => evaluate(by, names, run), scope, run);
}

function evaluateContext(node: FeelNode & { kind: 'context' }, scope: Scope, run: FeelRun): FeelValue {
  const entries = new Map<string, FeelValue>();
  const inner = scope.with(entries);
  for (const { name, value } of node.entries) {
    if (entries.has(name)) return run.nothing(`A context names "${name}" twice.`);
    entries.set(name, evaluate(value, inner, run));
  }
  return run.checkSize(entries);
}

/** Three-valued logic: what is no boolean counts as unknown (DMN 1.5 table 50). */
function evaluateLogic(node: FeelNode & { kind: 'or' | 'and' }, scope: Scope, run: FeelRun): FeelValue {
  const decisive = node.kind === 'or';
  const left = evaluate(node.left, scope, run);
  if (left === decisive) return decisive;
  const right = evaluate(node.right, scope, run);
  if (right === decisive) return decisive;
  return left === !decisive && right === !decisive ? !decisive : null;
}

function evaluateIn(node: FeelNode & { kind: 'in' }, scope: Scope, run: FeelRun): FeelValue {
  const value = evaluate(node.value, scope, run);
  let result: boolean | null = false;
  for (const test of node.tests) {
    const passed = matches(value, test, scope, run);
    if (passed === true) return true;
    if (passed === null) result = null;
  }
  return result;
}

/** `< 5` as a value is the range of what is less; `= 5` the range of it alone. */
function evaluateTest(operator: Comparison, end: FeelValue, run: FeelRun): FeelValue {
  if (end === null) return run.nothing('A comparison needs something to compare with.');
  const closed = operator.endsWith('=');
  if (operator === '=') return { type: 'range', low: end, high: end, lowClosed: true, highClosed: true };
  if (operator === '!=') return run.nothing('What differs from a value is no range.');
  const isLow = operator.startsWith('>');
  return {
    type: 'range',
    low: isLow ? end : null,
    high: isLow ? null : end,
    lowClosed: isLow && closed,
    highClosed: !isLow && closed,
  };
}

/** Whether a value passes the tests of a cell; null where that cannot be told. */
export function passes(value: FeelValue, tests: FeelTests, scope: Scope, run: FeelRun): boolean | null {
  if (tests.any) return true;
  let result: boolean | null = false;
  for (const test of tests.tests) {
    const passed = matches(value, test, scope, run);
    if (passed === true) return !tests.negated;
    if (passed === null) result = null;
  }
  return result === null ? null : tests.negated;
}

/** Whether a value passes one positive unary test (DMN 1.5 § 7.3.9.1, table 55). */
function matches(value: FeelValue, test: FeelNode, scope: Scope, run: FeelRun): boolean | null {
  if (test.kind === 'test') return compare(test.operator, value, evaluate(test.end, scope, run), run);
  const inner = scope.with(new Map([['?', value]]));
  const result = evaluate(test, inner, run);
  if (mentions(test, '?')) return typeof result === 'boolean' ? result : null;
  run.goThrough(value);
  run.goThrough(result);
  // A range whose ends are unknown is not the null that a cell may ask for.
  return result === null && test.kind === 'range' ? null : belongs(value, result);
}

const mentioned = { '?': new WeakMap<object, boolean>(), partial: new WeakMap<object, boolean>() };

/** Whether an expression mentions `?` (so that it answers itself whether a test is passed) or the name `partial`. */
function mentions(part: unknown, what: keyof typeof mentioned): boolean {
  if (typeof part !== 'object' || part === null) return false;
  const known = mentioned[what].get(part);
  if (known !== undefined) return known;
  const { kind, name } = part as { kind?: unknown; name?: unknown };
  const itself = what === '?' ? kind === 'tested' : kind === 'name' && name === what;
  const found = itself || (kind !== 'literal' && Object.values(part).some((inner) => mentions(inner, what)));
  mentioned[what].set(part, found);
  return found;
}

/** Calls a function; null where the value is none. */
export function call(value: FeelValue, args: FeelArguments, run: FeelRun): FeelValue {
  if (!isFunction(value)) return run.nothing(`A ${typeNameOf(value)} cannot be called.`);
  return value.invoke(args, run);
}

function userFunction(node: FeelNode & { kind: 'function' }, scope: Scope): FeelFunction {
  const { parameters, body } = node;
  return {
    type: 'function',
    parameters,
    result: null,
    invoke: (args, run) => {
      if (body === null) return run.nothing('External functions are not run.');
      const bound = bindArguments(parameters, args, scope, run);
      return bound && evaluate(body, scope.with(bound), run);
    },
  };
}
