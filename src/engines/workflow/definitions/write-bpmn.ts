import { isDeepStrictEqual } from 'node:util';
import type { BpmnElement } from 'bpmn-moddle';
import { type BpmnFile, elementOf, elements, moddle, parseBpmn, refuse, text } from './bpmn-xml.ts';
import type { Body, Flow, ProcessModel, ProcessNode } from './process-model.ts';
import { executable, readBpmn } from './read-bpmn.ts';
import { codeOf } from './read-events.ts';
import { writeDiagram } from './write-diagram.ts';
import { elementTypes, expression, own, type RootOf, setExtensions, writeNode } from './write-nodes.ts';

const feelUri = 'https://www.omg.org/spec/DMN/20191111/FEEL/';

/**
 * Writes models as one BPMN 2.0 file with diagram. Models that came from a file go back into it: what they do not hold stays as
 * it was, and what did not change is not touched. Throws `process.refused` where a source cannot be read.
 */
export async function writeBpmn(models: readonly ProcessModel[]): Promise<string> {
  const source = models.find((model) => model.source !== undefined)?.source;
  const file: BpmnFile = source === undefined ? emptyFile() : await parseBpmn(source);
  const known = source === undefined ? [] : (await readBpmn(source)).models;
  const writing: Writing = {
    file,
    ids: new Set(file.byId.keys()),
    rootOf: (type, name) => rootOf(writing, type, name),
  };
  for (const model of models) for (const id of everyId(model.body)) writing.ids.add(id);
  for (const model of models) {
    const before = models.length === 1 && known.length === 1 ? known[0] : known.find(({ code }) => code === model.code);
    writeProcess(writing, model, before);
    writeDiagram(file.definitions, model, before);
  }
  return (await moddle.toXML(file.definitions, { format: true })).xml;
}

interface Writing {
  file: BpmnFile;
  /** Ids that are taken. */
  ids: Set<string>;
  rootOf: RootOf;
}

function emptyFile(): BpmnFile {
  const definitions = moddle.create('bpmn:Definitions', {
    id: 'definitions',
    targetNamespace: 'urn:tradeai:processes',
    expressionLanguage: feelUri,
    rootElements: [],
    diagrams: [],
  });
  return { definitions, byId: new Map(), lost: [] };
}

const everyId = (body: Body): string[] => [
  ...body.flows.map(({ id }) => id),
  ...body.nodes.flatMap((node) => (node.kind === 'sub-process' ? [node.id, ...everyId(node.body)] : [node.id])),
];

function rootOf({ file, ids }: Writing, type: string, name: string): BpmnElement {
  const roots = elements(file.definitions.rootElements);
  const code = type === 'bpmn:Error' ? 'errorCode' : type === 'bpmn:Escalation' ? 'escalationCode' : 'name';
  const present = roots.find((root) => root.$type === type && root[code] === name);
  if (present) return present;
  const prefix = type.replace('bpmn:', '').toLowerCase();
  let number = 1;
  while (ids.has(`${prefix}-${number}`)) number += 1;
  const made = moddle.create(type, { id: `${prefix}-${number}`, name, ...(code === 'name' ? {} : { [code]: name }) });
  ids.add(`${prefix}-${number}`);
  append(file.definitions, 'rootElements', made);
  return made;
}

function append(parent: BpmnElement, property: string, element: BpmnElement): void {
  (element as { $parent?: BpmnElement }).$parent = parent;
  parent.set(property, [...elements(parent[property]), element]);
}

function writeProcess(writing: Writing, model: ProcessModel, before: ProcessModel | undefined): void {
  const { definitions } = writing.file;
  const roots = elements(definitions.rootElements);
  let process = before && executable(roots).find(({ id }) => codeOf(text(id) ?? '') === before.code);
  if (!process) {
    process = moddle.create('bpmn:Process', { id: freeId(writing, model.code), isExecutable: true, flowElements: [] });
    append(definitions, 'rootElements', process);
  } else if (before?.code !== model.code) process.set('id', freeId(writing, model.code));
  if (before?.title !== model.title) process.set('name', model.title);
  if (!isDeepStrictEqual(before?.variables ?? [], model.variables)) {
    setExtensions(
      process,
      model.variables.map((variable) => own('Variable', { ...variable })),
    );
  }
  writeBody(writing, process, model.body, before?.body ?? { nodes: [], flows: [] });
}

/** The id of a process is its code: call activities name it so. */
function freeId({ ids }: Writing, code: string): string {
  if (codeOf(code) !== code) refuse(`"${code}" is no code of a process.`);
  if (ids.has(code)) refuse(`The process "${code}" has an element with the same id.`);
  ids.add(code);
  return code;
}

function writeBody(writing: Writing, container: BpmnElement, body: Body, before: Body): void {
  const kept = new Set(everyId({ ...body, nodes: body.nodes.map(shallow) }));
  const gone = new Set(everyId({ ...before, nodes: before.nodes.map(shallow) }).filter((id) => !kept.has(id)));
  const present = elements(container.flowElements).filter(({ id }) => !gone.has(String(id)));
  const byId = new Map(present.map((element) => [String(element.id), element]));
  const nodesBefore = new Map(before.nodes.map((node) => [node.id, node]));
  const flowsBefore = new Map(before.flows.map((flow) => [flow.id, flow]));
  const place = (id: string, type: string): BpmnElement => {
    const old = byId.get(id);
    if (old?.$type === type) return old;
    const made = moddle.create(type, { id });
    (made as { $parent?: BpmnElement }).$parent = container;
    if (old) present.splice(present.indexOf(old), 1, made);
    else present.push(made);
    byId.set(id, made);
    return made;
  };
  for (const node of body.nodes) {
    const element = place(node.id, elementTypes[node.kind]);
    const old = nodesBefore.get(node.id);
    if (!old || !isDeepStrictEqual(shallow(old), shallow(node))) writeNode(element, node, writing.rootOf);
    if (node.kind !== 'sub-process') continue;
    writeBody(writing, element, node.body, old?.kind === 'sub-process' ? old.body : { nodes: [], flows: [] });
  }
  for (const flow of body.flows) {
    const element = place(flow.id, 'bpmn:SequenceFlow');
    if (!isDeepStrictEqual(flowsBefore.get(flow.id), flow)) writeFlow(element, flow, byId);
  }
  link(body, nodesBefore, byId, present);
  container.set('flowElements', present);
  for (const lane of elements(container.laneSets).flatMap(({ lanes }) => elements(lanes))) dropFromLane(lane, gone);
}

/** A node without the body in it: bodies are compared on their own. */
const shallow = (node: ProcessNode): ProcessNode =>
  node.kind === 'sub-process' ? { ...node, body: { nodes: [], flows: [] } } : node;

function writeFlow(element: BpmnElement, flow: Flow, byId: ReadonlyMap<string, BpmnElement>): void {
  element.set('name', flow.name);
  element.set('sourceRef', byId.get(flow.from));
  element.set('targetRef', byId.get(flow.to));
  element.set('conditionExpression', flow.condition === undefined ? undefined : expression(flow.condition));
}

/** Sets what refers to flows and nodes, now that all are there. */
function link(
  body: Body,
  nodesBefore: ReadonlyMap<string, ProcessNode>,
  byId: ReadonlyMap<string, BpmnElement>,
  present: readonly BpmnElement[],
): void {
  const flows = present.filter(({ $type }) => $type === 'bpmn:SequenceFlow');
  for (const node of body.nodes) {
    const element = byId.get(node.id)!;
    if (node.kind === 'boundary') element.set('attachedToRef', byId.get(node.attachedTo));
    const before = defaultOf(nodesBefore.get(node.id));
    if (defaultOf(node) !== before) element.set('default', byId.get(defaultOf(node) ?? ''));
    setEnds(
      element,
      'incoming',
      flows.filter(({ targetRef }) => targetRef === element),
    );
    setEnds(
      element,
      'outgoing',
      flows.filter(({ sourceRef }) => sourceRef === element),
    );
  }
}

const defaultOf = (node: ProcessNode | undefined) => (node && 'default' in node ? node.default : undefined);

/** The order of flows at a node says nothing; where they are the same the file keeps its own. */
function setEnds(element: BpmnElement, property: string, flows: readonly BpmnElement[]): void {
  const before = new Set(elements(element[property]));
  if (before.size !== flows.length || flows.some((flow) => !before.has(flow))) element.set(property, [...flows]);
}

function dropFromLane(lane: BpmnElement, gone: ReadonlySet<string>): void {
  const stays = elements(lane.flowNodeRef).filter(({ id }) => !gone.has(String(id)));
  if (stays.length < elements(lane.flowNodeRef).length) lane.set('flowNodeRef', stays);
  for (const inner of elements(elementOf(lane.childLaneSet)?.lanes)) dropFromLane(inner, gone);
}
