import type { Compiled } from '../compile-feel.ts';
import type { FeelRun } from '../feel/feel-run.ts';
import type { FeelType, TypeNames } from '../feel/feel-types.ts';
import { type FeelContext, type FeelFunction, type FeelValue, isContext } from '../feel/feel-value.ts';
import type { NameShape } from '../feel/parse-feel.ts';
import { Scope } from '../feel/scope.ts';

/** One model among those that are used together. */
export interface Part {
  readonly namespace: string;
  readonly elements: Map<string, Element>;
  /** By namespace. */
  readonly imports: ReadonlyMap<string, { readonly alias: string; readonly part: Part }>;
  readonly types: TypeNames;
  readonly shape: NameShape;
}

/** One element of the graph of requirements. */
export type Element = {
  readonly name: string;
  /** The name under which others see its value. */
  readonly variable: string;
  /** Of its value; null where it may be any. */
  readonly type: FeelType | null;
  readonly part: Part;
  /** References to what it needs. */
  readonly needs: readonly string[];
} & (
  | { readonly kind: 'input'; readonly read: (value: FeelValue, run: FeelRun) => FeelValue }
  | { readonly kind: 'decision' | 'knowledge'; readonly evaluate: Compiled }
  | { readonly kind: 'service'; readonly make: (asked: Asked) => FeelFunction }
);

/** One question to the graph: the input data, and what is known of elements so far. */
export interface Asked {
  readonly inputs: FeelContext;
  readonly known: Map<Element, FeelValue>;
}

/** What a reference (`#id`, `namespace#id`) leads to; undefined where nothing is. */
export function elementOf(href: string, part: Part): Element | undefined {
  const at = href.lastIndexOf('#');
  const namespace = href.slice(0, Math.max(0, at));
  const owner = namespace === '' || namespace === part.namespace ? part : part.imports.get(namespace)?.part;
  return owner?.elements.get(href.slice(at + 1));
}

/** An element's value, evaluated once for each question; what it needs comes first. */
export function valueOfElement(element: Element, asked: Asked, run: FeelRun): FeelValue {
  const known = asked.known.get(element);
  if (known !== undefined) return known;
  run.enter();
  const value = findValue(element, asked, run);
  run.leave();
  asked.known.set(element, value);
  return value;
}

function findValue(element: Element, asked: Asked, run: FeelRun): FeelValue {
  if (element.kind === 'input') return element.read(asked.inputs.get(element.variable) ?? null, run);
  if (element.kind === 'service') return element.make(asked);
  const names = new Map<string, FeelValue>();
  const scope = new Scope(names, element.part.types);
  if (element.kind === 'knowledge') {
    // Known before what it needs: a function may need itself.
    const value = element.evaluate(scope, run);
    asked.known.set(element, value);
    bindNeeds(element, names, asked, run);
    return value;
  }
  bindNeeds(element, names, asked, run);
  return element.evaluate(scope, run);
}

function bindNeeds(element: Element, names: Map<string, FeelValue>, asked: Asked, run: FeelRun): void {
  for (const href of element.needs) {
    const needed = elementOf(href, element.part);
    if (!needed) {
      run.nothing(`${element.name} needs ${href}, which is not there.`);
      continue;
    }
    const value = valueOfElement(needed, asked, run);
    const alias = needed.part === element.part ? '' : (element.part.imports.get(needed.part.namespace)?.alias ?? '');
    if (alias === '') names.set(needed.variable, value);
    else names.set(alias, new Map([...entriesOf(names.get(alias)), [needed.variable, value]]));
  }
}

const entriesOf = (value: FeelValue | undefined) => (value !== undefined && isContext(value) ? [...value] : []);
