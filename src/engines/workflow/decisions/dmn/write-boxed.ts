import type { ModdleElement } from 'dmn-moddle';
import type { BoxedExpression, DecisionTable, HitPolicy, Variable } from './dmn-model.ts';

/** Makes an element of DMN; properties that are undefined are left out. */
export type Create = (type: string, properties: Record<string, unknown>) => ModdleElement;

/** A variable, parameter or column. */
export function writeVariable({ name, type }: Variable, create: Create): ModdleElement {
  return create('InformationItem', { name, typeRef: type });
}

const policyNames: Readonly<Record<HitPolicy, readonly [string, string?]>> = {
  U: ['UNIQUE'],
  A: ['ANY'],
  P: ['PRIORITY'],
  F: ['FIRST'],
  R: ['RULE ORDER'],
  O: ['OUTPUT ORDER'],
  C: ['COLLECT'],
  'C+': ['COLLECT', 'SUM'],
  'C<': ['COLLECT', 'MIN'],
  'C>': ['COLLECT', 'MAX'],
  'C#': ['COLLECT', 'COUNT'],
};

type Kind<K extends BoxedExpression['kind']> = BoxedExpression & { kind: K };
type Writers = {
  readonly [K in BoxedExpression['kind']]: (expression: Kind<K>, create: Create) => [string, Record<string, unknown>];
};

const child = (value: BoxedExpression, create: Create) =>
  create('ChildExpression', { value: writeExpression(value, create) });
/** How `for`, `some` and `every` are written. */
function iterator<K extends 'for' | 'some' | 'every'>(type: string, body: string): Writers[K] {
  const write = (expression: Kind<'for' | 'some' | 'every'>, create: Create): [string, Record<string, unknown>] => [
    type,
    {
      iteratorVariable: expression.variable,
      in: create('TypedChildExpression', { value: writeExpression(expression.in, create) }),
      [body]: child(expression.body, create),
    },
  ];
  return write as Writers[K];
}

const writers: Writers = {
  literal: ({ text }) => ['LiteralExpression', { text }],
  table: writeTable,
  context: ({ entries }, create) => [
    'Context',
    {
      contextEntry: entries.map(({ variable, value }) =>
        create('ContextEntry', {
          variable: variable && writeVariable(variable, create),
          value: writeExpression(value, create),
        }),
      ),
    },
  ],
  list: ({ entries }, create) => ['List', { elements: entries.map((entry) => writeExpression(entry, create)) }],
  relation: ({ columns, rows }, create) => [
    'Relation',
    {
      column: columns.map((column) => writeVariable(column, create)),
      row: rows.map((row) => create('List', { elements: row.map((cell) => writeExpression(cell, create)) })),
    },
  ],
  invocation: ({ called, bindings }, create) => [
    'Invocation',
    {
      calledFunction: writeExpression(called, create),
      binding: bindings.map(({ name, value }) =>
        create('Binding', {
          parameter: writeVariable({ name }, create),
          bindingFormula: value === null ? undefined : writeExpression(value, create),
        }),
      ),
    },
  ],
  function: ({ parameters, body, language }, create) => [
    'FunctionDefinition',
    {
      kind: language === 'FEEL' ? undefined : language,
      formalParameter: parameters.map((parameter) => writeVariable(parameter, create)),
      body: body === null ? undefined : writeExpression(body, create),
    },
  ],
  conditional: ({ test, yes, no }, create) => [
    'Conditional',
    { if: child(test, create), ...Object.fromEntries([['then', child(yes, create)]]), else: child(no, create) },
  ],
  for: iterator('For', 'return'),
  some: iterator('Some', 'satisfies'),
  every: iterator('Every', 'satisfies'),
  filter: (expression, create) => [
    'Filter',
    { in: child(expression.in, create), match: child(expression.match, create) },
  ],
};

/** A boxed expression as an element of DMN. */
export function writeExpression(expression: BoxedExpression, create: Create): ModdleElement {
  const write = writers[expression.kind] as (
    expression: BoxedExpression,
    create: Create,
  ) => [string, Record<string, unknown>];
  const [type, properties] = write(expression, create);
  return create(type, { id: expression.id, typeRef: expression.type, ...properties });
}

function writeTable(table: DecisionTable, create: Create): [string, Record<string, unknown>] {
  const [hitPolicy, aggregation] = policyNames[table.hitPolicy];
  const tests = (text: string | undefined) => (text === undefined ? undefined : create('UnaryTests', { text }));
  const literal = (text: string | undefined) =>
    text === undefined ? undefined : create('LiteralExpression', { text });
  return [
    'DecisionTable',
    {
      hitPolicy,
      aggregation,
      input: table.inputs.map(({ id, label, expression, type, values }) =>
        create('InputClause', {
          id,
          label,
          inputExpression: create('LiteralExpression', { text: expression, typeRef: type }),
          inputValues: tests(values),
        }),
      ),
      output: table.outputs.map(({ id, label, name, type, values, default: otherwise }) =>
        create('OutputClause', {
          id,
          label,
          name,
          typeRef: type,
          outputValues: tests(values),
          defaultOutputEntry: literal(otherwise),
        }),
      ),
      annotation: table.annotations.map((name) => create('RuleAnnotationClause', { name })),
      rule: table.rules.map((rule) =>
        create('DecisionRule', {
          id: rule.id,
          inputEntry: rule.conditions.map(tests),
          outputEntry: rule.results.map(literal),
          annotationEntry: rule.notes.map((text) => create('RuleAnnotation', { text })),
        }),
      ),
    },
  ];
}
