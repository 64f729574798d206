import { Problem } from '#problem';
import { evaluate } from './feel/evaluate-feel.ts';
import { FeelRun } from './feel/feel-run.ts';
import type { FeelNode, FeelTests } from './feel/feel-tree.ts';
import { coerce, type FeelType, resolveType, type TypeNames, typeOfName } from './feel/feel-types.ts';
import type { FeelValue } from './feel/feel-value.ts';
import { type NameShape, parseFeel, parseTests } from './feel/parse-feel.ts';
import { Scope } from './feel/scope.ts';
import type { Mistake } from './mistakes.ts';

/** What is known where an expression stands: the names it may use, the types, where to tell of mistakes. */
export interface Place {
  readonly where: string;
  readonly names: NameShape;
  readonly types: TypeNames;
  readonly mistakes: Mistake[];
  /** What parsing has taken so far, over all of the model. */
  readonly effort: { spent: number };
}

/** An expression made ready: evaluates without parsing again. */
export type Compiled = (scope: Scope, run: FeelRun) => FeelValue;

/** The place inside of a place. */
export function inside(place: Place, what: string, names: NameShape = {}): Place {
  return { ...place, where: `${place.where} > ${what}`, names: { ...place.names, ...names } };
}

/** So many mistakes are told; whoever makes more corrects these first. */
export const maxMistakes = 100;
/** Squares of the expressions' lengths, which is what parsing takes: some seconds at the worst. */
const maxEffort = 5e8;

function attempt<T>(place: Place, text: string, work: () => T): T | null {
  if (place.mistakes.length >= maxMistakes) return null;
  place.effort.spent += text.length ** 2;
  if (place.effort.spent > maxEffort) {
    throw new Problem('decision.refused', { detail: 'The model says too much in expressions that are too long.' });
  }
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    place.mistakes.push({ where: place.where, detail: error.detail });
    return null;
  }
}

/** FEEL, parsed; null, with a mistake, where it is none. */
export function parseAt(text: string, place: Place): FeelNode | null {
  return attempt(place, text, () => parseFeel(text, place.names));
}

/** Unary tests, parsed; null, with a mistake, where they are none. */
export function parseTestsAt(text: string, place: Place): FeelTests | null {
  return attempt(place, text, () => parseTests(text, place.names));
}

/** FEEL, made ready; what cannot be parsed is a mistake, and null when it is evaluated. */
export function compileFeel(text: string, place: Place): Compiled {
  const node = parseAt(text, place);
  if (!node) return (_, run) => run.nothing(`${place.where} is not FEEL.`);
  return (scope, run) => evaluate(node, scope, run);
}

/** The type that a reference names; null where there is none. An unknown one is a mistake. */
export function typeAt(reference: string | undefined, place: Place): FeelType | null {
  if (reference === undefined) return null;
  const type = typeOfName(reference);
  if (type.kind === 'any') return null;
  if (resolveType(type, place.types)) return type;
  place.mistakes.push({ where: place.where, detail: `There is no type "${reference}".` });
  return type;
}

/** The value as the type asks for it; null, with a note, where it is of another. */
export function asType(
  value: FeelValue,
  type: FeelType | null,
  types: TypeNames,
  where: string,
  run: FeelRun,
): FeelValue {
  if (type === null || value === null) return value;
  const coerced = coerce(value, type, types);
  return coerced === undefined ? run.nothing(`${where} is of another type than it says.`) : coerced;
}

/** What a function answers whose variable or definition names a type: the function's result, or the type itself. */
export function resultTypeOf(reference: string | undefined, place: Place): FeelType | null {
  const type = typeAt(reference, place);
  const resolved = type && resolveType(type, place.types);
  return resolved?.kind === 'function' ? resolved.result : type;
}

/** The names inside of a type's values, which paths and filters use. */
export function shapeOfType(type: FeelType | null, types: TypeNames, depth = 0): NameShape {
  const resolved = type && resolveType(type, types);
  // A type may hold itself (a tree of customers); FEEL that goes deeper by names with signs in them is not written.
  if (!resolved || depth > 5) return {};
  if (resolved.kind === 'limited') return shapeOfType(resolved.base, types, depth);
  if (resolved.kind === 'list') return shapeOfType(resolved.of, types, depth);
  if (resolved.kind !== 'context') return {};
  return Object.fromEntries([...resolved.entries].map(([name, inner]) => [name, shapeOfType(inner, types, depth + 1)]));
}

const constructors = ['date', 'time', 'date and time', 'duration'];

/** Whether an expression is the same whenever it is evaluated: literals, dates made of them, ranges and lists of them. */
export function isConstant(node: FeelNode): boolean {
  switch (node.kind) {
    case 'literal':
      return true;
    case 'negation':
      return isConstant(node.of);
    case 'list':
      return node.entries.every(isConstant);
    case 'range':
      return isConstant(node.low) && isConstant(node.high);
    case 'test':
      return isConstant(node.end);
    case 'call':
      return node.of.kind === 'name' && constructors.includes(node.of.name) && node.positional.every(isConstant);
    default:
      return false;
  }
}

const noScope = new Scope(new Map());

/** What a constant expression is worth. */
export function constantOf(node: FeelNode): FeelValue {
  return evaluate(node, noScope, new FeelRun(new Date(0)));
}
