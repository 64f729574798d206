import { type FieldError, Problem } from '#problem';
import type { VariableDeclaration, VariableType } from '../definitions/process-model.ts';
import type { IndexedModel } from './index-model.ts';
import type { Value, Values } from './instance-state.ts';
import type { Evaluate } from './step.ts';

const isContext = (value: Value): boolean => typeof value === 'object' && !Array.isArray(value);
const isText = (value: Value, like: RegExp): boolean => typeof value === 'string' && like.test(value);
const decimal = /^-?\d{1,40}(\.\d{1,40})?$/;

/** Whether JSON is a value of a variable's type; money and numbers may be decimal strings. */
const fits: Readonly<Record<VariableType, (value: Value) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' || isText(value, decimal),
  boolean: (value) => typeof value === 'boolean',
  date: (value) => isText(value, /^\d{4}-\d{2}-\d{2}$/),
  'date-time': (value) => isText(value, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/),
  duration: (value) => isText(value, /^-?P/),
  money: (value) => isText(value, decimal) || isContext(value),
  list: (value) => Array.isArray(value),
  context: isContext,
};

function mistakeIn({ name, type, allowed }: VariableDeclaration, value: Value, evaluate: Evaluate): string | null {
  if (value === null) return null;
  if (!fits[type](value)) return `is no ${type}`;
  if (allowed === undefined || evaluate(`${name} in (${allowed})`, { [name]: value }) === true) return null;
  return `must be ${allowed}`;
}

/**
 * Throws `request.malformed` unless every value is one of a variable that the process declares: what nobody knows of would
 * be set in silence and never be read, and what people decided is not set at all. `atStart`: what is required must be there.
 */
export function requireFittingVariables(
  { model }: IndexedModel,
  values: Values,
  evaluate: Evaluate,
  { atStart = false } = {},
): void {
  const declared = new Map(model.variables.map((variable) => [variable.name, variable] as const));
  const errors: FieldError[] = [];
  for (const [name, value] of Object.entries(values)) {
    const variable = declared.get(name);
    const mistake = variable ? mistakeIn(variable, value, evaluate) : 'is no variable of this process';
    if (mistake !== null) errors.push({ path: name, message: mistake });
  }
  const missing = model.variables.filter(
    ({ name, required }) => atStart && required && (values[name] ?? null) === null,
  );
  errors.push(...missing.map(({ name }) => ({ path: name, message: 'is needed' })));
  if (errors.length > 0)
    throw new Problem('request.malformed', { detail: 'The variables do not fit the process.', errors });
}
