import { evaluate } from './feel/evaluate-feel.ts';
import { type FeelLimits, FeelRun } from './feel/feel-run.ts';
import type { FeelType } from './feel/feel-types.ts';
import { type FeelValue, feelName, isContext, isList } from './feel/feel-value.ts';
import { isPlain, type NameShape, parseFeel, shapeOf } from './feel/parse-feel.ts';
import { Scope } from './feel/scope.ts';
import { feelOf, type Json, jsonOf } from './feel-json.ts';

/** What an expression came to, and why where it came to null. */
export interface ExpressionAnswer {
  value: Json;
  notes: string[];
  /** Names that it read and that have no value. */
  unset: string[];
}

/** When and how far an expression is evaluated, and as what its variables are read: a number kept as text is one by its type. */
export interface ExpressionOptions {
  now: Date;
  limits?: FeelLimits;
  /** By name; a function where the type goes by what is there. */
  types?: Readonly<Record<string, FeelType | ((json: Json) => FeelType)>>;
}

/** FEEL over variables: a text and JSON by name to an answer. Throws as {@link evaluateExpression}. */
export type Evaluator = (text: string, variables: Readonly<Record<string, Json>>) => ExpressionAnswer;

/** A variable as it was read last. */
interface ReadVariable {
  json: Json;
  name: string;
  value: FeelValue;
  shape: NameShape;
}

/** Names that change nothing in how a text is parsed. */
const noNames: NameShape = {};

/** Evaluates one expression after another over variables of which most stay what they are: those are read once. */
export function makeEvaluator({ now, limits, types = {} }: ExpressionOptions): Evaluator {
  const known = new Map<string, ReadVariable>();
  const read = (key: string, json: Json): ReadVariable => {
    const before = known.get(key);
    if (before && before.json === json) return before;
    const type = types[key] ?? null;
    const value = feelOf(json, typeof type === 'function' ? type(json) : type);
    const made = { json, name: feelName(key), value, shape: shapeOfNames(value) };
    known.set(key, made);
    return made;
  };
  return (text, variables) => {
    const variablesRead = Object.entries(variables).map(([key, json]) => read(key, json));
    const names = new Map(variablesRead.map(({ name, value }) => [name, value] as const));
    const shape = significant(variablesRead.map((one) => [one.name, one.shape] as const));
    const run = new FeelRun(now, limits);
    const value = run.within(() => evaluate(parseFeel(text, shape), new Scope(names), run));
    return { value: jsonOf(value), notes: run.notes, unset: [...run.unset] };
  };
}

/**
 * One FEEL expression over variables, such as the condition of a way out of a gateway. Throws `decision.refused` for what is not
 * FEEL, `decision.exhausted` for what does not end.
 */
export function evaluateExpression(
  text: string,
  variables: Readonly<Record<string, Json>>,
  options: ExpressionOptions,
): ExpressionAnswer {
  return makeEvaluator(options)(text, variables);
}

/** Of some names those that parsing has to be told. */
function significant(names: readonly (readonly [string, NameShape])[]): NameShape {
  const told = names.filter(([name, shape]) => shape !== noNames || !isPlain(name));
  return told.length === 0 ? noNames : Object.fromEntries(told);
}

/** The names inside of variables, as deep as FEEL is written; of a list those of its first entry. */
function shapeOfNames(value: FeelValue, depth = 0): NameShape {
  if (isList(value)) return shapeOfNames(value[0] ?? null, depth);
  if (!isContext(value) || depth > 5) return noNames;
  return significant([...value].map(([name, inner]) => [name, shapeOfNames(inner, depth + 1)] as const));
}

/** Throws `decision.refused`, with the place, unless the text is FEEL over variables of these names. */
export function checkExpression(text: string, variables: Iterable<string>): void {
  parseFeel(text, shapeOf(variables));
}
