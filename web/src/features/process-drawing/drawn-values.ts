import { type Change, type Maker, type Part, partsOf, textOf } from './moddle-parts.ts';

/** When something happens: one of the first three (ISO 8601, or FEEL behind `=`), counted in a business calendar or not. */
export interface Moment {
  at?: string;
  after?: string;
  every?: string;
  calendar?: string;
}

/** An activity that runs once for each element of a list; the members are FEEL or names of variables. */
export interface Repetition {
  sequential: boolean;
  over?: string | undefined;
  as?: string | undefined;
  until?: string | undefined;
  collectInto?: string | undefined;
  collectValue?: string | undefined;
}

const bodyOf = (expression: unknown) => textOf(partsOf(expression)[0]?.body)?.trim();

function expressionOf(maker: Maker, body: string | undefined, parent: Part): Part | undefined {
  if (body === undefined || body.trim() === '') return undefined;
  const made = maker.create('bpmn:FormalExpression', { body: body.trim() });
  made.$parent = parent;
  return made;
}

const given = <K extends string>(name: K, value: string | undefined) => (value === undefined ? {} : { [name]: value });

/** What stands on an event: the definition that it waits for or throws; undefined for a plain one. */
export const definitionOf = (event: Part): Part | undefined => partsOf(event.eventDefinitions)[0];

/** When a timer fires. */
export const timerOf = (definition: Part): Moment => ({
  ...given('at', bodyOf(definition.timeDate)),
  ...given('after', bodyOf(definition.timeDuration)),
  ...given('every', bodyOf(definition.timeCycle)),
  ...given('calendar', textOf(definition.calendar)),
});

/** Makes a timer fire at a moment. */
export function setTimer(maker: Maker, definition: Part, { at, after, every, calendar }: Moment): Change[] {
  const properties = {
    timeDate: expressionOf(maker, at, definition),
    timeDuration: expressionOf(maker, after, definition),
    timeCycle: expressionOf(maker, every, definition),
    calendar: calendar || undefined,
  };
  return [{ target: definition, properties }];
}

/** FEEL on a flow; FEEL as Camunda writes it too, behind `=`. */
export const conditionOf = (flow: Part): string => bodyOf(flow.conditionExpression)?.replace(/^=\s*/, '') ?? '';

/** Puts a condition on a flow, or takes it away. */
export const setCondition = (maker: Maker, flow: Part, feel: string): Change[] => [
  { target: flow, properties: { conditionExpression: expressionOf(maker, feel, flow) } },
];

/** How an activity repeats; undefined: once. */
export function repetitionOf(activity: Part): Repetition | undefined {
  const loop = partsOf(activity.loopCharacteristics)[0];
  if (loop?.$type !== 'bpmn:MultiInstanceLoopCharacteristics') return undefined;
  return {
    sequential: loop.isSequential === true,
    ...given('over', textOf(loop.over)),
    ...given('as', textOf(loop.as)),
    ...given('until', bodyOf(loop.completionCondition)),
    ...given('collectInto', textOf(loop.collectInto)),
    ...given('collectValue', textOf(loop.collectValue)),
  };
}

/** Says how an activity repeats; what other tools say of it stays. */
export function setRepetition(maker: Maker, activity: Part, repetition: Repetition | undefined): Change[] {
  const present = partsOf(activity.loopCharacteristics)[0];
  if (!repetition) return present ? [{ target: activity, properties: { loopCharacteristics: undefined } }] : [];
  const isKept = present?.$type === 'bpmn:MultiInstanceLoopCharacteristics';
  const loop = isKept ? present : maker.create('bpmn:MultiInstanceLoopCharacteristics');
  if (!isKept) loop.$parent = activity;
  const { sequential, until, ...names } = repetition;
  const properties = {
    isSequential: sequential,
    completionCondition: expressionOf(maker, until, loop),
    ...Object.fromEntries(
      (['over', 'as', 'collectInto', 'collectValue'] as const).map((name) => [name, names[name] || undefined]),
    ),
  };
  if (isKept) return [{ target: loop, properties }];
  return [
    { target: loop, properties },
    { target: activity, properties: { loopCharacteristics: loop } },
  ];
}

/** What is named by way of an element of the file's own: by which property, its type, and where its name stands. */
const references = {
  messageRef: { type: 'bpmn:Message', name: 'name' },
  signalRef: { type: 'bpmn:Signal', name: 'name' },
  errorRef: { type: 'bpmn:Error', name: 'errorCode' },
  escalationRef: { type: 'bpmn:Escalation', name: 'escalationCode' },
} as const;
export type Reference = keyof typeof references;

/** The name or code of the message, signal, error or escalation that a part refers to. */
export function namedBy(holder: Part, reference: Reference): string {
  const root = partsOf(holder[reference])[0];
  return textOf(root?.[references[reference].name]) ?? textOf(root?.name) ?? textOf(root?.id) ?? '';
}

/** Every part below a container of flow elements that may refer to something of the file. */
function holders(container: Part): Part[] {
  return partsOf(container.flowElements).flatMap((element) => [
    element,
    ...partsOf(element.eventDefinitions),
    ...holders(element),
  ]);
}

/**
 * Makes a part refer to the message, signal, error or escalation of a name; it is made where the file has none, and the one from before goes
 * where nothing else refers to it and other tools wrote nothing on it. An empty name refers to nothing.
 */
export function setNamed(maker: Maker, definitions: Part, holder: Part, reference: Reference, name: string): Change[] {
  const { type, name: property } = references[reference];
  const roots = partsOf(definitions.rootElements);
  const before = partsOf(holder[reference])[0];
  const isUsed = (root: Part) =>
    root.extensionElements !== undefined ||
    roots.flatMap(holders).some((one) => one !== holder && partsOf(one[reference])[0] === root);
  const kept = roots.filter((root) => root !== before || isUsed(root));
  const wanted = name.trim();
  let named = kept.find((root) => root.$type === type && root[property] === wanted);
  if (!named && wanted !== '') {
    const id = `${type.replace('bpmn:', '')}_${crypto.randomUUID().slice(0, 8)}`;
    named = maker.create(type, { id, name: wanted, [property]: wanted });
    named.$parent = definitions;
    kept.push(named);
  }
  return [
    { target: definitions, properties: { rootElements: kept } },
    { target: holder, properties: { [reference]: named } },
  ];
}

/** An id that FEEL can use as a name, made of what people call an element; `taken` says what is not free. */
export function wordFor(name: string, taken: (id: string) => boolean): string {
  const word = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 40);
  const begun = /^[a-z]/.test(word) ? word : word === '' ? 'element' : `x_${word}`;
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? begun : `${begun}_${number}`;
    if (!taken(id)) return id;
  }
}

/** A code for a process, made of its title. */
export const codeFor = (title: string): string => wordFor(title, () => false).replaceAll('_', '-');

/** FEEL that reads from an element by its id, with another id in its place; what stands in quotes is text. */
export function renamedIn(feel: string, from: string, to: string): string {
  const name = from.replace(/[.-]/g, '\\$&');
  const read = new RegExp(`"(?:[^"\\\\]|\\\\.)*"|(?<![\\w.])${name}(?=\\s*\\.)`, 'g');
  return feel.replace(read, (found) => (found.startsWith('"') ? found : to));
}
