import { type FeelValue, feelName, isContext, isFunction, isList, typeNameOf } from './feel-value.ts';
import { midnightOf } from './time-arithmetic.ts';

/** A type of values: what FEEL's type expressions and a model's item definitions say. */
export type FeelType =
  | { readonly kind: 'any' }
  | { readonly kind: 'simple'; readonly name: string }
  | { readonly kind: 'list'; readonly of: FeelType }
  | { readonly kind: 'range'; readonly of: FeelType }
  | { readonly kind: 'context'; readonly entries: ReadonlyMap<string, FeelType> }
  | { readonly kind: 'function'; readonly parameters: readonly FeelType[]; readonly result: FeelType }
  /** A name that the model's item definitions explain. */
  | { readonly kind: 'named'; readonly name: string }
  /** A type of which only the values that pass the test belong. */
  | { readonly kind: 'limited'; readonly base: FeelType; readonly allows: (value: FeelValue) => boolean };

/** What a name of a type stands for; undefined where nothing has it. */
export type TypeNames = ReadonlyMap<string, FeelType>;

/** Every value. */
export const anyType: FeelType = { kind: 'any' };

const simpleNames = new Set([
  'number',
  'string',
  'boolean',
  'date',
  'time',
  'date and time',
  'days and time duration',
  'years and months duration',
]);
const otherSpellings: Readonly<Record<string, string>> = {
  dateTime: 'date and time',
  dayTimeDuration: 'days and time duration',
  yearMonthDuration: 'years and months duration',
};

/** The type that a name stands for, before a model's own types are looked up. */
export function typeOfName(text: string): FeelType {
  const name = feelName(text.replace(/^feel:/, ''));
  const simple = otherSpellings[name] ?? name;
  if (simpleNames.has(simple)) return { kind: 'simple', name: simple };
  if (name === 'Any') return anyType;
  if (name === 'Null') return { kind: 'simple', name: 'null' };
  if (name === 'list') return { kind: 'list', of: anyType };
  if (name === 'context') return { kind: 'context', entries: new Map() };
  return { kind: 'named', name };
}

/** Follows names; null where a name stands for nothing (or for itself). */
export function resolveType(type: FeelType, names: TypeNames): FeelType | null {
  let current: FeelType | undefined = type;
  for (let turns = 0; current?.kind === 'named'; turns += 1) {
    if (turns > 100) return null;
    current = names.get(current.name);
  }
  return current ?? null;
}

/** Whether a value is of a type (`instance of`), whatever values that allows; null is of `Null` only. */
export function isInstance(value: FeelValue, type: FeelType, names: TypeNames): boolean {
  const resolved = resolveType(type, names);
  if (!resolved) return false;
  if (value === null) return resolved.kind === 'simple' && resolved.name === 'null';
  return conforms(value, resolved, names, false);
}

/** Whether a value may stand where a type is asked for: null always may. Without `limits`, allowed values do not matter. */
function conforms(value: FeelValue, type: FeelType, names: TypeNames, limits = true): boolean {
  if (value === null) return true;
  switch (type.kind) {
    case 'any':
      return true;
    case 'simple':
      return typeNameOf(value) === type.name;
    case 'named': {
      const resolved = resolveType(type, names);
      return resolved !== null && conforms(value, resolved, names, limits);
    }
    case 'limited':
      return conforms(value, type.base, names, limits) && (!limits || type.allows(value));
    case 'list':
      return isList(value) && value.every((entry) => conforms(entry, type.of, names, limits));
    case 'range': {
      if (isList(value) || typeof value !== 'object' || !('type' in value) || value.type !== 'range') return false;
      return [value.low, value.high].every((end) => conforms(end, type.of, names, limits));
    }
    case 'context':
      return (
        isContext(value) &&
        [...type.entries].every(([name, entry]) => value.has(name) && conforms(value.get(name)!, entry, names, limits))
      );
    case 'function':
      return isFunction(value) && conformsAsFunction(value, type, names);
  }
}

function conformsAsFunction(value: FeelValue, type: FeelType & { kind: 'function' }, names: TypeNames): boolean {
  if (!isFunction(value)) return false;
  const { parameters, result } = value;
  // What a function does not say of itself (a built-in's signatures, what its body makes) is found out by calling it.
  if (result && !isSubtype(result, type.result, names)) return false;
  if (!parameters) return true;
  if (parameters.length !== type.parameters.length) return false;
  return parameters.every((parameter, index) => isSubtype(type.parameters[index]!, parameter.type, names));
}

/** Whether every value of the one type is of the other (DMN 1.5 § 10.3.2.9.4). */
function isSubtype(type: FeelType, of: FeelType, names: TypeNames): boolean {
  // The same name is the same type, also where it holds itself.
  if (type.kind === 'named' && of.kind === 'named' && type.name === of.name) return true;
  const a = resolveType(type, names);
  const b = resolveType(of, names);
  if (!a || !b) return false;
  if (b.kind === 'any') return true;
  if (a.kind === 'limited') return isSubtype(a.base, b, names);
  if (a.kind === 'simple') return a.name === 'null' || (b.kind === 'simple' && a.name === b.name);
  if (a.kind === 'list') return b.kind === 'list' && isSubtype(a.of, b.of, names);
  if (a.kind === 'range') return b.kind === 'range' && isSubtype(a.of, b.of, names);
  if (a.kind === 'context') {
    if (b.kind !== 'context') return false;
    return [...b.entries].every(
      ([name, entry]) => a.entries.has(name) && isSubtype(a.entries.get(name)!, entry, names),
    );
  }
  if (a.kind !== 'function' || b.kind !== 'function' || a.parameters.length !== b.parameters.length) return false;
  const fits = a.parameters.every((parameter, index) => isSubtype(b.parameters[index]!, parameter, names));
  return fits && isSubtype(a.result, b.result, names);
}

/**
 * The value where a type is asked for (DMN 1.5 § 10.3.2.9.4): itself, the only entry of a list, a list of it, the midnight of
 * a date; undefined where none of these is of the type.
 */
export function coerce(value: FeelValue, type: FeelType, names: TypeNames): FeelValue | undefined {
  const resolved = resolveType(type, names);
  if (!resolved) return undefined;
  if (conforms(value, resolved, names)) return value;
  const outer = resolved.kind === 'limited' ? resolved.base : resolved;
  if (isList(value) && value.length === 1 && outer.kind !== 'list' && conforms(value[0]!, resolved, names))
    return value[0]!;
  if (outer.kind === 'list' && !isList(value) && conforms([value], resolved, names)) return [value];
  const isMoment = outer.kind === 'simple' && outer.name === 'date and time';
  if (isMoment && typeNameOf(value) === 'date') {
    const midnight = midnightOf(value as Parameters<typeof midnightOf>[0]);
    if (conforms(midnight, resolved, names)) return midnight;
  }
  return undefined;
}
