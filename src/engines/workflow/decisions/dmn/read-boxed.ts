import type { ModdleElement } from 'dmn-moddle';
import { Problem } from '#problem';
import { feelName } from '../feel/feel-value.ts';
import type { Boxed, BoxedExpression, DecisionTable, HitPolicy, Rule, Variable } from './dmn-model.ts';

/** A property that is text; undefined where it is absent. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A property that holds elements, none where it is absent. */
export function elements(value: unknown): ModdleElement[] {
  return Array.isArray(value) ? (value as ModdleElement[]) : [];
}

/** The text of unary tests; undefined where there are none. */
export function unaryTests(value: unknown): string | undefined {
  const tests = value as ModdleElement | undefined;
  return text(tests?.text)?.trim() || undefined;
}

/** A variable, parameter or column. */
export function readVariable(element: ModdleElement): Variable {
  const type = text(element.typeRef);
  return { name: feelName(text(element.name) ?? ''), ...(type === undefined ? {} : { type }) };
}

const hitPolicyOf: Readonly<Record<string, HitPolicy>> = {
  UNIQUE: 'U',
  ANY: 'A',
  PRIORITY: 'P',
  FIRST: 'F',
  'RULE ORDER': 'R',
  'OUTPUT ORDER': 'O',
  COLLECT: 'C',
};
const aggregationOf: Readonly<Record<string, HitPolicy>> = { SUM: 'C+', MIN: 'C<', MAX: 'C>', COUNT: 'C#' };

type Reader = (element: ModdleElement) => BoxedExpression;

const inner = (value: unknown): BoxedExpression => {
  const element = value as ModdleElement | undefined;
  return element ? readExpression(element) : { kind: 'literal', text: 'null' };
};
/** The expression inside of `<if>`, `<in>` and the like, with the type that the element around it may say. */
const childOf = (value: unknown): BoxedExpression => {
  const element = value as ModdleElement | undefined;
  const type = text(element?.typeRef);
  return { ...(type === undefined ? {} : { type }), ...inner(element?.value) };
};

const readers: Readonly<Record<string, Reader>> = {
  'dmn:LiteralExpression': (element) => ({ kind: 'literal', text: text(element.text) ?? '' }),
  'dmn:DecisionTable': readTable,
  'dmn:Context': (element) => ({
    kind: 'context',
    entries: elements(element.contextEntry).map((entry) => ({
      ...(entry.variable ? { variable: readVariable(entry.variable as ModdleElement) } : {}),
      value: inner(entry.value),
    })),
  }),
  'dmn:List': (element) => ({ kind: 'list', entries: elements(element.elements).map(readExpression) }),
  'dmn:Relation': (element) => ({
    kind: 'relation',
    columns: elements(element.column).map(readVariable),
    rows: elements(element.row).map((row) => elements(row.elements).map(readExpression)),
  }),
  'dmn:Invocation': (element) => ({
    kind: 'invocation',
    called: inner(element.calledFunction),
    bindings: elements(element.binding).map((binding) => ({
      name: readVariable(binding.parameter as ModdleElement).name,
      value: binding.bindingFormula ? inner(binding.bindingFormula) : null,
    })),
  }),
  'dmn:FunctionDefinition': (element) => ({
    kind: 'function',
    parameters: elements(element.formalParameter).map(readVariable),
    body: element.body ? inner(element.body) : null,
    language: (text(element.kind) ?? 'FEEL') as 'FEEL' | 'Java' | 'PMML',
  }),
  'dmn:Conditional': (element) => ({
    kind: 'conditional',
    test: childOf(element.if),
    yes: childOf(element.then),
    no: childOf(element.else),
  }),
  'dmn:For': (element) => iterator('for', element, element.return),
  'dmn:Some': (element) => iterator('some', element, element.satisfies),
  'dmn:Every': (element) => iterator('every', element, element.satisfies),
  'dmn:Filter': (element) => ({ kind: 'filter', in: childOf(element.in), match: childOf(element.match) }),
};

function iterator(kind: 'for' | 'some' | 'every', element: ModdleElement, body: unknown): BoxedExpression {
  const variable = feelName(text(element.iteratorVariable) ?? '');
  return { kind, variable, in: childOf(element.in), body: childOf(body) };
}

/** A boxed expression. Throws `decision.refused` for a kind that there is not. */
export function readExpression(element: ModdleElement): BoxedExpression {
  const read = readers[element.$type];
  if (!read) {
    throw new Problem('decision.refused', { detail: `${element.$type.replace(/^dmn:/, '')} is no boxed expression.` });
  }
  const id = text(element.id);
  const type = text(element.typeRef);
  const about: Boxed = { ...(id === undefined ? {} : { id }), ...(type === undefined ? {} : { type }) };
  return { ...about, ...read(element) };
}

function literalText(value: unknown): string | undefined {
  return text((value as ModdleElement | undefined)?.text)?.trim() || undefined;
}

function readTable(element: ModdleElement): DecisionTable {
  const policy = hitPolicyOf[text(element.hitPolicy) ?? 'UNIQUE'] ?? 'U';
  const aggregation = text(element.aggregation);
  const optional = (name: string, value: string | undefined) => (value === undefined ? {} : { [name]: value });
  return {
    kind: 'table',
    hitPolicy: policy === 'C' && aggregation !== undefined ? (aggregationOf[aggregation] ?? 'C') : policy,
    inputs: elements(element.input).map((input) => {
      const expression = input.inputExpression as ModdleElement | undefined;
      return {
        ...optional('id', text(input.id)),
        ...optional('label', text(input.label)),
        expression: literalText(expression) ?? 'null',
        ...optional('type', text(expression?.typeRef)),
        ...optional('values', unaryTests(input.inputValues)),
      };
    }),
    outputs: elements(element.output).map((output) => ({
      ...optional('id', text(output.id)),
      ...optional('label', text(output.label)),
      ...optional('name', text(output.name) === undefined ? undefined : feelName(text(output.name)!)),
      ...optional('type', text(output.typeRef)),
      ...optional('values', unaryTests(output.outputValues)),
      ...optional('default', literalText(output.defaultOutputEntry)),
    })),
    annotations: elements(element.annotation).map(({ name }) => text(name) ?? ''),
    rules: elements(element.rule).map(readRule),
  };
}

function readRule(element: ModdleElement, index: number): Rule {
  return {
    id: text(element.id) ?? `row-${index + 1}`,
    conditions: elements(element.inputEntry).map((entry) => unaryTests(entry) ?? '-'),
    results: elements(element.outputEntry).map((entry) => literalText(entry) ?? 'null'),
    notes: elements(element.annotationEntry).map((entry) => text(entry.text) ?? ''),
  };
}
