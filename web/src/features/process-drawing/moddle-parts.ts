/** A part of a BPMN file as moddle holds it. */
export interface Part {
  readonly $type: string;
  readonly $descriptor: { properties: PartProperty[]; isGeneric?: boolean };
  $parent?: Part | undefined;
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  [property: string]: unknown;
}

interface PartProperty {
  ns: { prefix: string; localName: string };
  type: string;
  isMany?: boolean;
  isAttr?: boolean;
}

/** What makes parts: moddle, by the type's name. */
export interface Maker {
  create(type: string, properties?: Record<string, unknown>): Part;
}

/** One step of an edit: these properties of a part become these. Several are done, and undone, together. */
export interface Change {
  target: Part;
  properties: Record<string, unknown>;
}

/** The prefix of our own elements and attributes in a BPMN file. */
const ours = 'tradeai';

/** A property's parts: one, several or none. */
export function partsOf(value: unknown): Part[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((one): one is Part => typeof one === 'object' && one !== null && '$type' in one);
}

/** A text property; undefined where it is absent or empty. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const extensionsOf = (of: Part): Part[] => partsOf(partsOf(of.extensionElements)[0]?.values);
const isOwn = ({ $type }: Part, type: string) => $type === `${ours}:${type}`;
const isGiven = (value: unknown) =>
  value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);

const ownProperties = ({ $descriptor }: Part) => $descriptor.properties.filter(({ ns }) => ns.prefix === ours);
const isElement = ({ type }: PartProperty) => type.startsWith(`${ours}:`);

/** One of our elements as plain values, by the names of its attributes and what it holds. */
function plainOf(part: Part): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const property of ownProperties(part)) {
    const { localName } = property.ns;
    const value = part[localName];
    if (!isGiven(value)) continue;
    const inside = isElement(property) ? partsOf(value).map(plainOf) : value;
    plain[localName] = isElement(property) && !property.isMany ? (inside as unknown[])[0] : inside;
  }
  return plain;
}

function partOf(maker: Maker, type: string, plain: object): Part {
  const part = maker.create(type);
  for (const property of ownProperties(part)) {
    const { localName } = property.ns;
    const value = (plain as Record<string, unknown>)[localName];
    if (!isGiven(value)) continue;
    if (!isElement(property)) {
      part.set(localName, value);
      continue;
    }
    const inside = (Array.isArray(value) ? value : [value]).map((one: object) => partOf(maker, property.type, one));
    for (const one of inside) one.$parent = part;
    part.set(localName, property.isMany ? inside : inside[0]);
  }
  return part;
}

/** Our elements of a type on a part of the file, as plain values; `T` says their shape (`bpmn-extension.ts`). */
export const ownOf = <T extends object>(of: Part, type: string): T[] =>
  extensionsOf(of)
    .filter((one) => isOwn(one, type))
    .map((one) => plainOf(one) as T);

/** Puts our elements of a type on a part in the place of those that stood there; everything else there stays. */
export function setOwn(maker: Maker, of: Part, type: string, plains: readonly object[]): Change[] {
  const others = extensionsOf(of).filter((one) => !isOwn(one, type));
  const values = [...others, ...plains.map((plain) => partOf(maker, `${ours}:${type}`, plain))];
  if (values.length === 0) return [{ target: of, properties: { extensionElements: undefined } }];
  const extensionElements = maker.create('bpmn:ExtensionElements', { values });
  extensionElements.$parent = of;
  for (const value of values) value.$parent = extensionElements;
  return [{ target: of, properties: { extensionElements } }];
}

/** Tools whose elements a part carries as well: `zeebe`. */
export function otherTools(of: Part): string[] {
  const prefixes = extensionsOf(of).map(({ $type }) => $type.split(':')[0]!);
  return [...new Set(prefixes.filter((prefix) => prefix !== ours))];
}
