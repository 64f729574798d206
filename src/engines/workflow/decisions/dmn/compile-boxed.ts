import {
  asType,
  type Compiled,
  compileFeel,
  inside,
  type Place,
  resultTypeOf,
  shapeOfType,
  typeAt,
} from '../compile-feel.ts';
import { compileTable } from '../decision-table.ts';
import { bindArguments } from '../feel/bind-arguments.ts';
import { evaluate } from '../feel/evaluate-feel.ts';
import { anyType } from '../feel/feel-types.ts';
import { type FeelFunction, type FeelValue, isFunction } from '../feel/feel-value.ts';
import { filterList } from '../feel/filter-list.ts';
import { collect, quantify } from '../feel/iterate.ts';
import type { NameShape } from '../feel/parse-feel.ts';
import type { BoxedExpression, Variable } from './dmn-model.ts';

type Kind<K extends BoxedExpression['kind']> = BoxedExpression & { kind: K };
type Compiler = { readonly [K in BoxedExpression['kind']]: (expression: Kind<K>, place: Place) => Compiled };

const compilers: Compiler = {
  literal: ({ text }, place) => compileFeel(text, place),
  table: (table, place) => {
    const compiled = compileTable(table, place);
    return (scope, run) => compiled.evaluate(scope, run);
  },
  context: compileContext,
  list: ({ entries }, place) => {
    const compiled = entries.map((entry, index) => compileBoxed(entry, inside(place, `entry ${index + 1}`)));
    return (scope, run) => run.list(compiled.map((entry) => entry(scope, run)));
  },
  relation: compileRelation,
  invocation: compileInvocation,
  function: compileFunction,
  conditional: (expression, place) => {
    const test = compileBoxed(expression.test, inside(place, 'if'));
    const then = compileBoxed(expression.yes, inside(place, 'then'));
    const otherwise = compileBoxed(expression.no, inside(place, 'else'));
    return (scope, run) => {
      const answer = test(scope, run);
      if (answer !== null && typeof answer !== 'boolean')
        return run.nothing(`${place.where} asks what is no condition.`);
      return (answer === true ? then : otherwise)(scope, run);
    };
  },
  for: compileIterator,
  some: compileIterator,
  every: compileIterator,
  filter: (expression, place) => {
    const list = compileBoxed(expression.in, inside(place, 'in'));
    const match = compileBoxed(expression.match, inside(place, 'match', { item: shapeOfBoxed(expression.in, place) }));
    return (scope, run) => filterList(list(scope, run), match, scope, run);
  },
};

/** A boxed expression, made ready; what is wrong with it stands among the place's mistakes. */
export function compileBoxed(expression: BoxedExpression, place: Place): Compiled {
  const compile = compilers[expression.kind] as (expression: BoxedExpression, place: Place) => Compiled;
  const compiled = compile(expression, place);
  const type = typeAt(expression.type, place);
  // What a function definition says of its type is the function's or its result's: it sees to that itself.
  if (!type || expression.kind === 'function') return compiled;
  return (scope, run) => asType(compiled(scope, run), type, place.types, place.where, run);
}

/** The names inside of what an expression makes, as far as its form tells. */
export function shapeOfBoxed(expression: BoxedExpression | null, place: Place): NameShape {
  if (!expression) return {};
  if (expression.type !== undefined)
    return shapeOfType(typeAt(expression.type, { ...place, mistakes: [] }), place.types);
  if (expression.kind === 'context') {
    const named = expression.entries.filter(({ variable }) => variable);
    return Object.fromEntries(
      named.map(({ variable, value }) => [variable!.name, shapeOfVariable(variable!, value, place)]),
    );
  }
  if (expression.kind === 'relation') return Object.fromEntries(expression.columns.map(({ name }) => [name, {}]));
  if (expression.kind === 'table') {
    return Object.fromEntries(
      expression.outputs.flatMap(({ name }) => (name === undefined ? [] : [[name, {}] as const])),
    );
  }
  return {};
}

/** The names inside of a variable: by its type, or by what it is made of. */
export function shapeOfVariable(variable: Variable, value: BoxedExpression | null, place: Place): NameShape {
  if (variable.type === undefined) return shapeOfBoxed(value, place);
  return shapeOfType(typeAt(variable.type, { ...place, mistakes: [] }), place.types);
}

function compileContext(expression: Kind<'context'>, place: Place): Compiled {
  const names: Record<string, NameShape> = {};
  const entries = expression.entries.map(({ variable, value }) => {
    const at = inside(place, variable?.name ?? 'result', { ...names });
    const compiled = compileBoxed(value, at);
    if (variable) names[variable.name] = shapeOfVariable(variable, value, at);
    return { name: variable?.name, type: typeAt(variable?.type, at), where: at.where, compiled };
  });
  return (scope, run) => {
    const context = new Map<string, FeelValue>();
    const within = scope.with(context);
    for (const { name, type, where, compiled } of entries) {
      const value = asType(compiled(within, run), type, place.types, where, run);
      if (name === undefined) return value;
      context.set(name, value);
    }
    return context;
  };
}

function compileRelation({ columns, rows }: Kind<'relation'>, place: Place): Compiled {
  const types = columns.map((column) => typeAt(column.type, place));
  const compiled = rows.map((row, index) => {
    if (row.length !== columns.length) {
      place.mistakes.push({
        where: `${place.where} > row ${index + 1}`,
        detail: `It has ${row.length} cells, not ${columns.length}.`,
      });
    }
    return columns.map(({ name }, at) => {
      const cell: BoxedExpression = row[at] ?? { kind: 'literal', text: 'null' };
      return compileBoxed(cell, inside(place, `row ${index + 1} > ${name}`));
    });
  });
  return (scope, run) =>
    compiled.map((row) => {
      const values = row.map((cell, at) => asType(cell(scope, run), types[at]!, place.types, columns[at]!.name, run));
      return new Map(columns.map(({ name }, at) => [name, values[at]!]));
    });
}

function compileInvocation({ called, bindings }: Kind<'invocation'>, place: Place): Compiled {
  const what = compileBoxed(called, place);
  const args = bindings.map(({ name, value }) => ({ name, value: value && compileBoxed(value, inside(place, name)) }));
  return (scope, run) => {
    const target = what(scope, run);
    if (!isFunction(target)) return run.nothing(`${place.where} calls what is no function.`);
    const named = new Map(args.map(({ name, value }) => [name, value ? value(scope, run) : null]));
    return target.invoke({ named }, run);
  };
}

function compileFunction({ parameters, body, language, type }: Kind<'function'>, place: Place): Compiled {
  const typed = parameters.map((parameter) => ({
    name: parameter.name,
    type: typeAt(parameter.type, place) ?? anyType,
  }));
  if (language !== 'FEEL') place.mistakes.push({ where: place.where, detail: `Functions of ${language} are not run.` });
  const shapes = Object.fromEntries(
    parameters.map((parameter) => [parameter.name, shapeOfVariable(parameter, null, place)]),
  );
  const compiled = body && language === 'FEEL' ? compileBoxed(body, inside(place, 'body', shapes)) : null;
  const result = resultTypeOf(type, { ...place, mistakes: [] });
  return (scope) => {
    const made: FeelFunction = {
      type: 'function',
      parameters: typed,
      result,
      invoke: (args, run) => {
        if (!compiled) return run.nothing(`${place.where} is a function that is not run here.`);
        const bound = bindArguments(typed, args, scope, run);
        if (!bound) return null;
        run.enter();
        const value = compiled(scope.with(bound), run);
        run.leave();
        return asType(value, result, place.types, place.where, run);
      },
    };
    return made;
  };
}

function compileIterator(expression: Kind<'for' | 'some' | 'every'>, place: Place): Compiled {
  const { variable, kind } = expression;
  const list = compileBoxed(expression.in, inside(place, 'in'));
  const shape = { [variable]: shapeOfBoxed(expression.in, place), partial: {} };
  const asksPartial = JSON.stringify(expression.body).includes('partial');
  const body = compileBoxed(expression.body, inside(place, kind === 'for' ? 'return' : 'satisfies', shape));
  return (scope, run) => {
    const iterators = [{ name: variable, over: { kind: 'literal', value: list(scope, run) } as const }];
    return kind === 'for'
      ? collect(iterators, scope, run, evaluate, body, asksPartial)
      : quantify(kind, iterators, scope, run, evaluate, body);
  };
}
