import { evaluate } from './feel/evaluate-feel.ts';
import { type FeelLimits, FeelRun } from './feel/feel-run.ts';
import type { FeelType } from './feel/feel-types.ts';
import { type FeelValue, feelName, isContext, isList } from './feel/feel-value.ts';
import { type NameShape, parseFeel, shapeOf } from './feel/parse-feel.ts';
import { Scope } from './feel/scope.ts';
import { feelOf, type Json, jsonOf } from './feel-json.ts';

/** What an expression came to, and why where it came to null. */
export interface ExpressionAnswer {
  value: Json;
  notes: string[];
}

/** When and how far an expression is evaluated, and as what its variables are read: a number kept as text is one by its type. */
export interface ExpressionOptions {
  now: Date;
  limits?: FeelLimits;
  types?: Readonly<Record<string, FeelType>>;
}

/**
 * One FEEL expression over variables, such as the condition of a way out of a gateway. Throws `decision.refused` for what is not
 * FEEL, `decision.exhausted` for what does not end.
 */
export function evaluateExpression(
  text: string,
  variables: Readonly<Record<string, Json>>,
  { now, limits, types = {} }: ExpressionOptions,
): ExpressionAnswer {
  const names = new Map<string, FeelValue>(
    Object.entries(variables).map(([name, json]) => [feelName(name), feelOf(json, types[name] ?? null)] as const),
  );
  const run = new FeelRun(now, limits);
  const value = run.within(() => evaluate(parseFeel(text, shapeOfNames(names)), new Scope(names), run));
  return { value: jsonOf(value), notes: run.notes };
}

/** The names inside of variables, as deep as FEEL is written; of a list those of its first entry. */
function shapeOfNames(value: FeelValue, depth = 0): NameShape {
  if (isList(value)) return shapeOfNames(value[0] ?? null, depth);
  if (!isContext(value) || depth > 5) return {};
  return Object.fromEntries([...value].map(([name, inner]) => [name, shapeOfNames(inner, depth + 1)]));
}

/** Throws `decision.refused`, with the place, unless the text is FEEL over variables of these names. */
export function checkExpression(text: string, variables: Iterable<string>): void {
  parseFeel(text, shapeOf(variables));
}
