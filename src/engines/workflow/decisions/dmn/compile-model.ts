import { Problem } from '#problem';
import { asType, type Compiled, type Place, shapeOfType, typeAt } from '../compile-feel.ts';
import type { FeelRun } from '../feel/feel-run.ts';
import type { FeelType } from '../feel/feel-types.ts';
import { type FeelContext, type FeelValue, feelName, isFunction } from '../feel/feel-value.ts';
import type { NameShape } from '../feel/parse-feel.ts';
import type { Mistake } from '../mistakes.ts';
import { compileBoxed, shapeOfVariable } from './compile-boxed.ts';
import { compileService } from './compile-service.ts';
import type { BoxedExpression, DecisionModel } from './dmn-model.ts';
import { defineTypes } from './model-types.ts';
import { type Asked, type Element, elementOf, type Part, valueOfElement } from './requirements.ts';

/** A model made ready to decide. */
export interface CompiledModel {
  readonly model: DecisionModel;
  /** What cannot be used; a model with mistakes still answers, with null where they are. */
  readonly mistakes: readonly Mistake[];
  /** The types that the model defines, for reading inputs. */
  readonly types: ReadonlyMap<string, FeelType>;
  /** Input data, also of the models that this one imports, by the names that values are given under. */
  readonly inputs: readonly { readonly name: string; readonly type: FeelType | null }[];
  /** A decision's answer for input data by name. Throws `not_found` for an unknown decision. */
  decide(decision: string, inputs: FeelContext, run: FeelRun): FeelValue;
  /** Calls a decision service or knowledge model with arguments by name. Throws `not_found` for an unknown one. */
  call(name: string, args: FeelContext, run: FeelRun): FeelValue;
}

/**
 * Makes a model ready, with the models that it imports by their namespaces. Throws `decision.refused` for decisions that need
 * themselves and for imports in a circle.
 */
export function compileModel(
  model: DecisionModel,
  imported: ReadonlyMap<string, DecisionModel> = new Map(),
): CompiledModel {
  const mistakes: Mistake[] = [];
  const part = compilePart(model, imported, { mistakes, effort: { spent: 0 } }, new Map(), []);
  const find = (name: string, kinds: readonly Element['kind'][]) => {
    const found = [...part.elements.values()].find(
      (element) => element.name === feelName(name) && kinds.includes(element.kind),
    );
    if (!found)
      throw new Problem('not_found', { detail: `There is no ${kinds.join(' or ')} "${name}" in ${model.name}.` });
    return found;
  };
  return {
    model,
    mistakes,
    types: part.types,
    inputs: inputsOf(part, new Set()),
    decide: (decision, inputs, run) => {
      const element = find(decision, ['decision']);
      return run.within(() => valueOfElement(element, asked(inputs), run));
    },
    call: (name, args, run) => {
      const element = find(name, ['service', 'knowledge']);
      return run.within(() => {
        const value = valueOfElement(element, asked(args), run);
        return isFunction(value) ? value.invoke({ named: args }, run) : null;
      });
    },
  };
}

function inputsOf(part: Part, seen: Set<Part>): { name: string; type: FeelType | null }[] {
  if (seen.has(part)) return [];
  seen.add(part);
  const own = [...part.elements.values()].filter(({ kind }) => kind === 'input');
  const others = [...part.imports.values()].flatMap(({ part: other }) => inputsOf(other, seen));
  return [...own.map(({ variable, type }) => ({ name: variable, type })), ...others];
}

const asked = (inputs: FeelContext): Asked => ({ inputs, known: new Map() });

type Parts = Map<string, Part>;

function compilePart(
  model: DecisionModel,
  imported: ReadonlyMap<string, DecisionModel>,
  found: Pick<Place, 'mistakes' | 'effort'>,
  parts: Parts,
  path: readonly string[],
): Part {
  if (path.includes(model.namespace)) {
    throw new Problem('decision.refused', {
      detail: `Models import each other: ${[...path, model.namespace].join(', ')}.`,
    });
  }
  const known = parts.get(model.namespace);
  if (known) return known;
  const imports = new Map<string, { alias: string; part: Part }>();
  const types = new Map<string, FeelType>();
  for (const { name, namespace } of model.imports) {
    const other = imported.get(namespace);
    if (!other) {
      found.mistakes.push({ where: `import ${name}`, detail: `There is no model of the namespace ${namespace}.` });
      continue;
    }
    const part = compilePart(other, imported, found, parts, [...path, model.namespace]);
    imports.set(namespace, { alias: name, part });
    for (const [type, meaning] of part.types) types.set(name === '' ? type : `${name}.${type}`, meaning);
  }
  const part: Part = { namespace: model.namespace, elements: new Map(), imports, types, shape: {} };
  const place: Place = { where: model.name, names: {}, types, ...found };
  defineTypes(model.types, types, place);
  Object.assign(part, { shape: shapeOfPart(model, part, place) });
  addElements(model, part, { ...place, names: part.shape });
  parts.set(model.namespace, part);
  refuseCircles(part);
  return part;
}

function shapeOfPart(model: DecisionModel, part: Part, place: Place): NameShape {
  const shapes: Record<string, NameShape> = {};
  for (const { alias, part: other } of part.imports.values()) {
    if (alias === '') Object.assign(shapes, other.shape);
    else shapes[alias] = { ...shapes[alias], ...other.shape };
  }
  for (const { variable } of [...model.inputs, ...model.knowledge, ...model.services]) {
    shapes[variable.name] = shapeOfType(typeAt(variable.type, { ...place, mistakes: [] }), place.types);
  }
  for (const { variable, logic } of model.decisions) shapes[variable.name] = shapeOfVariable(variable, logic, place);
  return shapes;
}

function addElements(model: DecisionModel, part: Part, place: Place): void {
  const add = (id: string, element: Element) => {
    if (part.elements.has(id)) throw new Problem('decision.refused', { detail: `Two elements have the id "${id}".` });
    part.elements.set(id, element);
  };
  const at = (name: string): Place => ({ ...place, where: name });
  for (const { id, name, variable } of model.inputs) {
    const type = typeAt(variable.type, at(name));
    const read = (value: FeelValue, run: FeelRun) => asType(value, type, place.types, name, run);
    add(id, { kind: 'input', name, variable: variable.name, type, part, needs: [], read });
  }
  for (const { id, name, variable, logic, ...decision } of model.decisions) {
    const needs = [...decision.requiredDecisions, ...decision.requiredInputs, ...decision.requiredKnowledge];
    const type = typeAt(variable.type, at(name));
    const evaluate = compileLogic(type, logic, at(name));
    add(id, { kind: 'decision', name, variable: variable.name, type, part, needs, evaluate });
  }
  for (const { id, name, variable, logic, requiredKnowledge } of model.knowledge) {
    const typed: BoxedExpression | null = logic && {
      ...logic,
      ...(variable.type === undefined ? {} : { type: variable.type }),
    };
    const evaluate = compileLogic(null, typed, at(name));
    add(id, { kind: 'knowledge', name, variable: variable.name, type: null, part, needs: requiredKnowledge, evaluate });
  }
  for (const service of model.services) {
    const { id, name, variable, encapsulatedDecisions, outputDecisions, inputDecisions, inputData } = service;
    const inside = new Set([...outputDecisions, ...encapsulatedDecisions]);
    const needs = [...inside].filter((href) => !inputDecisions.includes(href) && !inputData.includes(href));
    const make = compileService(service, part, at(name));
    add(id, { kind: 'service', name, variable: variable.name, type: null, part, needs, make });
  }
}

function compileLogic(type: FeelType | null, logic: BoxedExpression | null, place: Place): Compiled {
  if (!logic) {
    place.mistakes.push({ where: place.where, detail: 'It has no logic.' });
    return (_, run) => run.nothing(`${place.where} has no logic.`);
  }
  const compiled = compileBoxed(logic, place);
  return (scope, run) => asType(compiled(scope, run), type, place.types, place.where, run);
}

/** Decisions that need themselves never answer; knowledge models may: they are functions, and functions may end. */
function refuseCircles(part: Part): void {
  const done = new Set<Element>();
  const visit = (element: Element, path: readonly Element[]): void => {
    if (path.includes(element)) {
      const circle = [...path.slice(path.indexOf(element)), element].map(({ name }) => name).join(' → ');
      throw new Problem('decision.refused', { detail: `Decisions need each other in a circle: ${circle}.` });
    }
    if (done.has(element) || element.kind === 'knowledge' || element.kind === 'service') return;
    for (const href of element.needs) {
      const needed = elementOf(href, part);
      if (needed && needed.part === part) visit(needed, [...path, element]);
    }
    done.add(element);
  };
  for (const element of part.elements.values()) visit(element, []);
}
