import { Problem } from '#problem';
import { type Place, parseTestsAt } from '../compile-feel.ts';
import { passes } from '../feel/evaluate-feel.ts';
import { FeelRun } from '../feel/feel-run.ts';
import { anyType, type FeelType, resolveType, type TypeNames, typeOfName } from '../feel/feel-types.ts';
import { type FeelValue, isList } from '../feel/feel-value.ts';
import { Scope } from '../feel/scope.ts';
import type { ItemDefinition } from './dmn-model.ts';

/** The types that item definitions stand for, added to `types`; unknown names and wrong tests are mistakes of the place. */
export function defineTypes(definitions: readonly ItemDefinition[], types: Map<string, FeelType>, place: Place): void {
  for (const definition of definitions) types.set(definition.name, typeOf(definition, place));
  for (const definition of definitions) {
    refuseCircle(definition.name, types);
    checkNames(definition, types, place);
  }
}

/** A type may hold itself (a customer its customers), but not be itself, nor a list of itself alone. */
function refuseCircle(name: string, types: TypeNames): void {
  const seen = new Set<string>();
  let type: FeelType | undefined = { kind: 'named', name };
  while (type && type.kind !== 'any' && type.kind !== 'simple' && type.kind !== 'context' && type.kind !== 'function') {
    if (type.kind === 'named') {
      if (seen.has(type.name)) throw new Problem('decision.refused', { detail: `The type "${name}" is itself.` });
      seen.add(type.name);
      type = types.get(type.name);
    } else type = type.kind === 'limited' ? type.base : type.of;
  }
}

function checkNames(definition: ItemDefinition, types: TypeNames, place: Place): void {
  const names = [
    definition.type,
    ...(definition.function?.parameters ?? []).map(({ type }) => type),
    definition.function?.result,
  ];
  for (const name of names) {
    if (name !== undefined && !resolveType(typeOfName(name), types)) {
      place.mistakes.push({ where: `type ${definition.name}`, detail: `There is no type "${name}".` });
    }
  }
  for (const component of definition.components) checkNames(component, types, place);
}

function typeOf(definition: ItemDefinition, place: Place): FeelType {
  const base = baseOf(definition, place);
  const limited = limit(base, definition.allowedValues, definition.name, place);
  const whole: FeelType = definition.isCollection ? { kind: 'list', of: limited } : limited;
  return limit(whole, definition.typeConstraint, definition.name, place);
}

function baseOf(definition: ItemDefinition, place: Place): FeelType {
  if (definition.function) {
    const { parameters, result } = definition.function;
    return {
      kind: 'function',
      parameters: parameters.map(({ type }) => (type === undefined ? anyType : typeOfName(type))),
      result: result === undefined ? anyType : typeOfName(result),
    };
  }
  if (definition.components.length > 0) {
    return {
      kind: 'context',
      entries: new Map(definition.components.map((inner) => [inner.name, typeOf(inner, place)])),
    };
  }
  return definition.type === undefined ? anyType : typeOfName(definition.type);
}

function limit(base: FeelType, text: string | undefined, name: string, place: Place): FeelType {
  if (text === undefined) return base;
  const tests = parseTestsAt(text, { ...place, where: `type ${name}` });
  if (!tests) return base;
  const scope = new Scope(new Map());
  const test = (value: FeelValue) => passes(value, tests, scope, new FeelRun(new Date(0))) === true;
  const allows = (value: FeelValue) => test(value) || (isList(value) && value.length > 0 && value.every(test));
  return { kind: 'limited', base, allows };
}
