import { Problem } from '#problem';
import { type Checking, checkNode, nameOf } from './check-node.ts';
import {
  type Body,
  type Feel,
  type Flow,
  type ProcessModel,
  type ProcessNode,
  variableTypes,
} from './process-model.ts';

/** Something in a model that keeps it from being published: the element, and what is wrong in words that name it. */
export interface ModelMistake {
  /** Null: the process itself. */
  id: string | null;
  message: string;
}

/**
 * Parses FEEL over these names (`tests`: unary tests) and answers the names that it uses freely, none where the parser does not tell;
 * throws a `Problem` whose detail says what is wrong.
 */
export type ParseFeel = (expression: Feel, names: readonly string[], kind: 'expression' | 'tests') => readonly string[];

/** Nodes of one model, sub-processes included; larger ones nobody can read, and checking them takes over a second. */
export const maxNodes = 1_000;

/** What is structurally wrong with a model, before its token game is played (`checkSoundness`). Empty: nothing. */
export function checkModel(model: ProcessModel, parse: ParseFeel): ModelMistake[] {
  const mistakes: ModelMistake[] = [];
  const inside = nodesOf(model.body);
  const checking: Checking = {
    model,
    nodes: new Map(inside.map((node) => [node.id, node])),
    variables: new Set(model.variables.map(({ name }) => name)),
    note(element, message) {
      mistakes.push({ id: element?.id ?? null, message: element ? `${nameOf(element)} ${message}.` : `${message}.` });
    },
    feel(element, what, expression, locals = []) {
      const names = [...model.variables.map(({ name }) => name), ...tasksOf(inside), ...locals];
      const wrong = parseMistake(parse, expression, names, 'expression');
      if (wrong !== null) checking.note(element, `has ${what} that cannot be used: ${wrong}`);
    },
  };
  checkHead(checking, parse);
  if (inside.length > maxNodes) {
    checking.note(null, `The process has ${inside.length} elements; ${maxNodes} are the most`);
    return mistakes;
  }
  checkIds(checking, inside, model.body);
  checkBody(checking, model.body, null);
  for (const node of inside) checkNode(checking, node);
  return mistakes;
}

/** Every node of a body, those of sub-processes too. */
export const nodesOf = (body: Body): ProcessNode[] =>
  body.nodes.flatMap((node) => (node.kind === 'sub-process' ? [node, ...nodesOf(node.body)] : [node]));

const flowsOf = (body: Body): Flow[] => [
  ...body.flows,
  ...body.nodes.flatMap((node) => (node.kind === 'sub-process' ? flowsOf(node.body) : [])),
];

/** User tasks are names as well: `legal.outcome`. */
const tasksOf = (nodes: readonly ProcessNode[]) => nodes.flatMap(({ id, kind }) => (kind === 'user' ? [id] : []));

function parseMistake(
  parse: ParseFeel,
  expression: Feel,
  names: readonly string[],
  kind: 'expression' | 'tests',
): string | null {
  if (expression.trim() === '') return 'it is empty';
  try {
    const unknown = parse(expression, names, kind).filter((name) => !names.includes(name));
    return unknown.length > 0 ? `the process has no variable "${unknown[0]}"` : null;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return (error.detail ?? error.message).replace(/\.$/, '');
  }
}

function checkHead({ model, note }: Checking, parse: ParseFeel): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(model.code))
    note(null, `"${model.code}" is no code: lower case, digits and -`);
  if (model.title.trim() === '') note(null, 'The process has no title');
  const seen = new Set<string>();
  for (const { name, type, allowed } of model.variables) {
    if (!/^\p{L}[\p{L}\p{N}_]*$/u.test(name)) note(null, `"${name}" is no name of a variable: letters, digits and _`);
    if (seen.has(name)) note(null, `The variable "${name}" is declared twice`);
    seen.add(name);
    if (!variableTypes.includes(type)) note(null, `The variable "${name}" has the unknown type "${type}"`);
    const wrong = allowed === undefined ? null : parseMistake(parse, allowed, [name], 'tests');
    if (wrong !== null) note(null, `What the variable "${name}" allows cannot be used: ${wrong}`);
  }
  for (const { blocks, element, id, name, why } of model.unsupported ?? []) {
    if (blocks)
      note({ id: id ?? element, ...(name === null ? {} : { name }) }, `(${element.replace('bpmn:', '')}) ${why}`);
  }
}

function checkIds({ note, model }: Checking, nodes: readonly ProcessNode[], body: Body): void {
  const seen = new Set<string>([model.code]);
  for (const element of [...nodes, ...flowsOf(body)]) {
    if (!/^[A-Za-z_][\w.-]*$/.test(element.id)) note(element, 'has an id that XML does not allow');
    if (seen.has(element.id)) note(element, 'has an id that another element, or the process, has too');
    seen.add(element.id);
  }
}

function checkBody(checking: Checking, body: Body, within: ProcessNode | null): void {
  const nodes = new Map(body.nodes.map((node) => [node.id, node]));
  const flows = body.flows.filter((flow) => checkEnds(checking, flow, nodes));
  const leaving = Map.groupBy(flows, ({ from }) => from);
  const entering = Map.groupBy(flows, ({ to }) => to);
  checkStarts(checking, body, within);
  for (const node of body.nodes) {
    checkFlows(checking, node, leaving.get(node.id) ?? [], entering.get(node.id) ?? []);
    if (node.kind === 'event') checkEventGateway(checking, node, leaving.get(node.id) ?? [], nodes, entering);
    if (node.kind === 'boundary') checkBoundary(checking, node, body);
    if (node.kind === 'sub-process') checkBody(checking, node.body, node);
  }
}

function checkEnds({ note }: Checking, flow: Flow, nodes: ReadonlyMap<string, ProcessNode>): boolean {
  const [from, to] = [nodes.get(flow.from), nodes.get(flow.to)];
  if (!from || !to) {
    note(flow, `leads ${from ? `to "${flow.to}"` : `from "${flow.from}"`}, which is not in the same body`);
    return false;
  }
  if (from.kind === 'end') note(flow, `leads on from the end ${nameOf(from)}`);
  if (to.kind === 'start' || to.kind === 'boundary') note(flow, `leads to ${nameOf(to)}, which nothing leads to`);
  return true;
}

function checkStarts({ note }: Checking, { nodes }: Body, within: ProcessNode | null): void {
  const starts = nodes.filter((node) => node.kind === 'start');
  const plain = starts.filter(({ event }) => !event);
  if (starts.length === 0) note(within, within ? 'has no start' : 'The process has no start');
  for (const start of plain.slice(1)) note(start, 'is one start too many: only one may wait for nothing');
  if (!within) return;
  for (const start of starts.filter(({ event }) => event))
    note(start, 'waits for an event: a sub-process starts at once');
}

function checkFlows(checking: Checking, node: ProcessNode, out: readonly Flow[], into: readonly Flow[]): void {
  const { note } = checking;
  const isGateway = ['exclusive', 'inclusive', 'parallel', 'event'].includes(node.kind);
  if (node.kind !== 'end' && out.length === 0) note(node, 'leads nowhere: lead it to an end');
  if (!isGateway && out.length > 1) note(node, `has ${out.length} ways on: put a gateway behind it`);
  if (node.kind !== 'start' && node.kind !== 'boundary' && into.length === 0) note(node, 'is led to by nothing');
  const byDefault = 'default' in node ? node.default : undefined;
  if (byDefault !== undefined && !out.some(({ id }) => id === byDefault)) {
    note(node, `has the default "${byDefault}", which is none of its flows`);
  }
  const chooses = (node.kind === 'exclusive' || node.kind === 'inclusive') && out.length > 1;
  for (const flow of out) {
    const { condition } = flow;
    if (condition !== undefined && !chooses) note(flow, `has a condition, but ${nameOf(node)} does not choose`);
    else if (condition !== undefined && flow.id === byDefault) note(flow, 'is the default and needs no condition');
    else if (condition !== undefined) checking.feel(flow, 'a condition', condition);
    else if (node.kind === 'exclusive' && chooses && flow.id !== byDefault)
      note(flow, 'needs a condition: it is not the default');
  }
  const mayStop = out.every(({ id, condition }) => condition !== undefined && id !== byDefault);
  if (chooses && mayStop) note(node, 'takes no flow where no condition holds: give it a default');
}

function checkEventGateway(
  { note }: Checking,
  gateway: ProcessNode,
  out: readonly Flow[],
  nodes: ReadonlyMap<string, ProcessNode>,
  entering: ReadonlyMap<string, readonly Flow[]>,
): void {
  if (out.length === 1) note(gateway, 'waits for one event only: two or more');
  for (const { to } of out) {
    const target = nodes.get(to)!;
    if (target.kind !== 'catch') note(target, `comes behind the event gateway ${nameOf(gateway)} but catches no event`);
    else if (entering.get(to)!.length > 1) note(target, 'has other ways in beside the event gateway');
  }
}

const activities = new Set<ProcessNode['kind']>(['user', 'service', 'business-rule', 'send', 'sub-process', 'call']);

function checkBoundary({ note }: Checking, node: ProcessNode & { kind: 'boundary' }, { nodes }: Body): void {
  const host = nodes.find(({ id }) => id === node.attachedTo);
  if (!host || !activities.has(host.kind)) {
    note(node, `is attached to "${node.attachedTo}", which is no activity of the same body`);
    return;
  }
  const { event } = node;
  if (event.type === 'error' && !node.interrupting) note(node, 'catches an error: that always interrupts');
  if (event.type === 'escalation' && !['user', 'sub-process', 'call'].includes(host.kind)) {
    note(node, `catches an escalation, which ${nameOf(host)} never throws`);
  }
  if (event.type !== 'error' && event.type !== 'escalation') return;
  const twin = nodes.find(
    (other) =>
      other.kind === 'boundary' &&
      other.attachedTo === host.id &&
      other.event.type === event.type &&
      other.event.code === event.code,
  );
  if (twin !== node) note(node, `catches the same as ${nameOf(twin!)}`);
}

/** A process that calls itself by way of others, or one that is not there; told once for each call activity. */
export function checkCalls(models: readonly ProcessModel[]): ModelMistake[] {
  const calls = new Map(
    models.map(({ code, body }) => [code, nodesOf(body).filter((node) => node.kind === 'call')] as const),
  );
  const called = (code: string) => (calls.get(code) ?? []).map(({ process }) => process);
  return [...calls].flatMap(([code, nodes]) =>
    nodes.flatMap((node) => {
      if (!calls.has(node.process)) {
        return [{ id: node.id, message: `${nameOf(node)} calls the process "${node.process}", which is not there.` }];
      }
      const back = wayBack(node.process, code, called);
      if (!back) return [];
      return [{ id: node.id, message: `${nameOf(node)} calls its own process again: ${[code, ...back].join(' > ')}.` }];
    }),
  );
}

/** The shortest chain of calls from one process to another. */
function wayBack(from: string, to: string, called: (code: string) => readonly string[]): string[] | null {
  const ways = new Map([[from, [from]]]);
  for (const [code, way] of ways) {
    if (code === to) return way;
    for (const next of called(code)) if (!ways.has(next)) ways.set(next, [...way, next]);
  }
  return null;
}
