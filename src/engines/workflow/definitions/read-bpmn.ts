import type { BpmnElement } from 'bpmn-moddle';
import { type BpmnFile, elementOf, elements, extensions, optional, parseBpmn, refuse, text } from './bpmn-xml.ts';
import {
  type Body,
  type Flow,
  type Gateway,
  type ProcessModel,
  type ProcessNode,
  type Unsupported,
  type VariableDeclaration,
  type VariableType,
  variableTypes,
} from './process-model.ts';
import { readDiagram } from './read-diagram.ts';
import { codeOf, feel, isCatch, isThrow, readEvent } from './read-events.ts';
import { readAutomaticTask, readMultiInstance, readUserTask } from './read-tasks.ts';

/** The processes of a file, and everything of it that they do not hold: nothing is dropped in silence. */
export interface ReadBpmn {
  models: ProcessModel[];
  unsupported: Unsupported[];
}

/** Names for FEEL as the language of expressions. */
const feelLanguage = /feel/i;
/** What tools write as the language of a whole file without meaning it. */
const unmeantLanguages = new Set(['http://www.w3.org/1999/XPath', 'http://www.w3.org/TR/XPath']);

/**
 * Reads BPMN 2.0 XML: each process that is marked executable, or each that has elements where none is marked. Throws
 * `process.refused` (see `parseBpmn`); what cannot be executed is listed and comes back on export.
 */
export async function readBpmn(xml: string): Promise<ReadBpmn> {
  const file = await parseBpmn(xml);
  const roots = elements(file.definitions.rootElements);
  const chosen = executable(roots);
  const unsupported = file.lost.map((why): Unsupported => ({ ...nameless, element: 'bpmn:Definitions', why }));
  const codes = new Set<string>();
  const models = chosen.map((process) => readProcess(process, file, codes, xml));
  for (const root of roots) {
    if (!chosen.includes(root)) unsupported.push(...listRoot(root, chosen));
  }
  return { models, unsupported: [...unsupported, ...models.flatMap((model) => model.unsupported ?? [])] };
}

const nameless = { id: null, name: null, blocks: false };

/** The processes of a file that are read as models. */
export function executable(roots: readonly BpmnElement[]): BpmnElement[] {
  const processes = roots.filter(
    ({ $type, flowElements }) => $type === 'bpmn:Process' && elements(flowElements).length > 0,
  );
  const marked = processes.filter(({ isExecutable }) => isExecutable === true);
  return marked.length > 0 ? marked : processes;
}

/** Root elements that the models take up by their names. */
const takenUp = new Set(['bpmn:Message', 'bpmn:Signal', 'bpmn:Error', 'bpmn:Escalation']);

function listRoot(root: BpmnElement, chosen: readonly BpmnElement[]): Unsupported[] {
  if (takenUp.has(root.$type)) return [];
  if (root.$type === 'bpmn:Collaboration') {
    const inside = [root.participants, root.messageFlows, root.artifacts].flatMap(elements);
    return inside
      .filter(({ processRef }) => !elements(processRef).some((process) => chosen.includes(process)))
      .map((one) => listed(one, 'is kept as it is drawn, not executed', false));
  }
  const why = root.$type === 'bpmn:Process' ? 'is not marked executable, or empty: kept' : 'is kept, not executed';
  return [listed(root, why, false)];
}

const listed = ({ $type, id, name }: BpmnElement, why: string, blocks: boolean): Unsupported => ({
  element: $type,
  id: text(id) ?? null,
  name: text(name) ?? null,
  why,
  blocks,
});

interface Reading {
  unsupported: Unsupported[];
  /** The language that expressions are in where they do not say. */
  language: string | undefined;
}

function readProcess(process: BpmnElement, file: BpmnFile, codes: Set<string>, source: string): ProcessModel {
  const code = codeOf(text(process.id) ?? '');
  if (codes.has(code)) refuse(`Two processes of the file have the code "${code}".`);
  codes.add(code);
  const reading: Reading = { unsupported: [], language: text(file.definitions.expressionLanguage) };
  const body = readBody(process, reading);
  listAround(process, reading);
  return {
    code,
    title: text(process.name) ?? code,
    variables: extensions(process)
      .filter(({ $type }) => $type === 'tradeai:Variable')
      .map(readVariable),
    body,
    ...optional('diagram', readDiagram(file.definitions, body)),
    source,
    ...optional('unsupported', reading.unsupported.length > 0 ? reading.unsupported : undefined),
  };
}

function readVariable({ name, type, required, allowed }: BpmnElement): VariableDeclaration {
  if (!variableTypes.includes(type as VariableType)) refuse(`The variable "${name}" has the unknown type "${type}".`);
  return {
    name: text(name) ?? '',
    type: type as VariableType,
    ...optional('required', required === true ? true : undefined),
    ...optional('allowed', text(allowed)),
  };
}

/** Parts of a body that say nothing about what happens. */
const documentary = new Set(['bpmn:DataObject', 'bpmn:DataObjectReference', 'bpmn:DataStoreReference']);

/** A process's or sub-process's body; what cannot be executed is listed, and flows to it with it. */
function readBody(container: BpmnElement, reading: Reading): Body {
  const nodes: ProcessNode[] = [];
  const drawn: BpmnElement[] = [];
  for (const element of elements(container.flowElements)) {
    if (element.$type === 'bpmn:SequenceFlow') drawn.push(element);
    else if (documentary.has(element.$type)) reading.unsupported.push(listed(element, 'is kept, not executed', false));
    else {
      const read = readNode(element, reading);
      if ('why' in read) reading.unsupported.push(listed(element, read.why, true));
      else nodes.push(read);
      listExtensions(element, reading);
    }
  }
  for (const one of [...elements(container.artifacts), ...elements(container.laneSets).flatMap(lanesOf)]) {
    reading.unsupported.push(listed(one, 'is kept as it is drawn, not executed', false));
  }
  const executed = withoutLostBoundaries(nodes, reading);
  const known = new Set(executed.map(({ id }) => id));
  const flows = drawn.flatMap((element) => readFlow(element, known, reading));
  const ids = new Set(flows.map(({ id }) => id));
  return { nodes: executed.map((node) => withoutLostDefault(node, ids)), flows };
}

/** A default flow to what cannot be executed is listed with the flow. */
function withoutLostDefault(node: ProcessNode, flows: ReadonlySet<string>): ProcessNode {
  if (!('default' in node) || node.default === undefined || flows.has(node.default)) return node;
  const { default: _, ...rest } = node;
  return rest;
}

/** A boundary event of what cannot be executed cannot be either. */
function withoutLostBoundaries(nodes: readonly ProcessNode[], reading: Reading): ProcessNode[] {
  const known = new Set(nodes.map(({ id }) => id));
  return nodes.filter((node) => {
    if (node.kind !== 'boundary' || known.has(node.attachedTo)) return true;
    const why = 'is attached to what cannot be executed';
    reading.unsupported.push({
      element: 'bpmn:BoundaryEvent',
      id: node.id,
      name: node.name ?? null,
      why,
      blocks: true,
    });
    return false;
  });
}

function lanesOf(set: BpmnElement): BpmnElement[] {
  return elements(set.lanes).flatMap((lane) => [lane, ...elements(lane.childLaneSet).flatMap(lanesOf)]);
}

function readFlow(element: BpmnElement, known: ReadonlySet<string>, reading: Reading): Flow[] {
  const [from, to] = [element.sourceRef, element.targetRef].map((end) => text(elementOf(end)?.id) ?? '');
  if (!known.has(from!) || !known.has(to!)) {
    reading.unsupported.push(listed(element, 'leads to or from what cannot be executed', true));
    return [];
  }
  const expression = elementOf(element.conditionExpression);
  const condition = expression && feel(expression.body);
  if (condition !== undefined) {
    const language = text(expression?.language) ?? reading.language;
    if (/^[$#]\{/.test(condition) || (language && !feelLanguage.test(language) && !unmeantLanguages.has(language))) {
      reading.unsupported.push(
        listed(element, `has a condition in ${language ?? 'another language'}: only FEEL is executed`, true),
      );
    }
  }
  return [
    {
      id: text(element.id) ?? '',
      from: from!,
      to: to!,
      ...optional('name', text(element.name)),
      ...optional('condition', condition),
    },
  ];
}

/** Extension elements and attributes of other tools: kept, and told. */
function listExtensions(element: BpmnElement, reading: Reading): void {
  const foreign = [
    ...extensions(element).map(({ $type }) => $type),
    ...Object.keys(element.$attrs).filter((name) => name.includes(':') && !/^(xmlns|xsi)(:|$)/.test(name)),
  ].filter((name) => !name.startsWith('tradeai:'));
  if (foreign.length === 0) return;
  const why = `${[...new Set(foreign)].join(', ')}: kept; executed only where its meaning is also ours`;
  reading.unsupported.push({ ...listed(element, why, false), element: 'bpmn:ExtensionElements' });
}

function listAround(process: BpmnElement, reading: Reading): void {
  listExtensions(process, reading);
  for (const property of ['ioSpecification', 'properties', 'resources', 'correlationSubscriptions']) {
    for (const one of elements(process[property]))
      reading.unsupported.push(listed(one, 'is kept, not executed', false));
  }
}

const gateways: Readonly<Record<string, Gateway['kind']>> = {
  'bpmn:ExclusiveGateway': 'exclusive',
  'bpmn:InclusiveGateway': 'inclusive',
  'bpmn:ParallelGateway': 'parallel',
  'bpmn:EventBasedGateway': 'event',
};

/** Why an element that BPMN knows is not executed. */
const reasons: Readonly<Record<string, string>> = {
  'bpmn:Task': 'does not say who or what does it: make it a user, service, business rule or send task',
  'bpmn:ManualTask': 'is done outside of the system: make it a user task',
  'bpmn:ScriptTask': 'scripts are not executed: make it a business rule or service task',
  'bpmn:ReceiveTask': 'make it an intermediate event that catches the message',
  'bpmn:ComplexGateway': 'complex gateways are not executed',
  'bpmn:AdHocSubProcess': 'sub-processes without an order are not executed',
  'bpmn:Transaction': 'transactions are not executed',
};

function readNode(element: BpmnElement, reading: Reading): ProcessNode | { why: string } {
  const named = { id: text(element.id) ?? '', ...optional('name', text(element.name)) };
  if (named.id === '') refuse(`A ${element.$type} of the file has no id.`);
  const kind = gateways[element.$type];
  if (kind) {
    if (element.instantiate === true) return { why: 'starts processes' };
    if (element.eventGatewayType === 'Parallel') return { why: 'waits for all of its events' };
    return { kind, ...named, ...optional('default', text(elementOf(element.default)?.id)) };
  }
  if (element.$type.endsWith('Event')) return readEventNode(element, named);
  return readActivity(element, named, reading);
}

function readActivity(
  element: BpmnElement,
  named: { id: string; name?: string },
  reading: Reading,
): ProcessNode | { why: string } {
  const why = reasons[element.$type];
  if (why !== undefined) return { why };
  if (element.isForCompensation === true) return { why: 'runs as compensation' };
  if (element.default !== undefined) return { why: 'chooses among its flows: put a gateway behind it' };
  if (element.triggeredByEvent === true) return { why: 'sub-processes that an event starts are not executed' };
  const repeated = readMultiInstance(element);
  if ('why' in repeated) return repeated;
  if (element.$type === 'bpmn:SubProcess')
    return { kind: 'sub-process', ...named, body: readBody(element, reading), ...repeated };
  if (element.$type === 'bpmn:UserTask') return { ...readUserTask(element, named), ...repeated };
  const task = readAutomaticTask(element, named);
  return task ? { ...task, ...repeated } : { why: 'is not executed' };
}

/** What our own attribute says came of an instance that ends here. */
const outcomeOf = (element: BpmnElement) =>
  text(extensions(element).find(({ $type }) => $type === 'tradeai:Outcome')?.name);

function readEventNode(element: BpmnElement, named: { id: string; name?: string }): ProcessNode | { why: string } {
  const read = readEvent(element);
  if ('why' in read) return read;
  const { event } = read;
  const impossible = {
    why: `no ${element.$type.replace('bpmn:', '')} is executed with ${event ? `a ${event.type}` : 'nothing to wait for'}`,
  };
  switch (element.$type) {
    case 'bpmn:StartEvent':
      if (event && !isCatch(event)) return impossible;
      return { kind: 'start', ...named, ...optional('event', event) };
    case 'bpmn:EndEvent': {
      const end = { kind: 'end' as const, ...named, ...optional('outcome', outcomeOf(element)) };
      if (!event) return end;
      if (isThrow(event) || event.type === 'terminate') return { ...end, event };
      return event.type === 'error' ? { ...end, event: { type: 'error', code: event.code ?? '' } } : impossible;
    }
    case 'bpmn:IntermediateThrowEvent':
      if (event && !isThrow(event)) return impossible;
      return { kind: 'throw', ...named, ...optional('event', event) };
    case 'bpmn:IntermediateCatchEvent':
      return event && isCatch(event) ? { kind: 'catch', ...named, event } : impossible;
    case 'bpmn:BoundaryEvent': {
      if (
        !event ||
        event.type === 'terminate' ||
        (event.type !== 'error' && event.type !== 'escalation' && !isCatch(event))
      ) {
        return impossible;
      }
      const interrupting = element.cancelActivity !== false;
      return {
        kind: 'boundary',
        ...named,
        attachedTo: text(elementOf(element.attachedToRef)?.id) ?? '',
        interrupting,
        event,
      };
    }
    default:
      return impossible;
  }
}
