import { exploreNet, type NetFault } from './explore-net.ts';
import type { Body, EndNode, ProcessNode } from './process-model.ts';
import { reduceNet } from './reduce-net.ts';
import { buildNet, type Exits } from './token-net.ts';

/**
 * Why a process is unsound. `unreachable`: nothing ever leads there; `dead-end`: no end can be reached from there; `deadlock`: it
 * waits for what cannot come; `double-execution`: it may happen twice at the same time; `no-way-out`: it goes round for ever;
 * `undecided`: the process branches too much at once to be decided, which refuses it as well.
 */
export interface SoundnessFinding {
  kind: 'unreachable' | 'dead-end' | 'deadlock' | 'double-execution' | 'no-way-out' | 'undecided';
  /** The sub-process whose body it is about; null: the process itself. */
  within: string | null;
  /** Ids of the elements that it is about. */
  elements: string[];
  /**
   * Ids of nodes and flows from the start of the body on that show it: for `deadlock` and `double-execution` in an order in which they
   * can happen, for what follows from the drawing alone the shortest way there; empty where there is none.
   */
  path: string[];
  message: string;
}

/**
 * Whether a process always can end, does nothing twice at once by mistake and holds nothing that never happens: soundness (W. van
 * der Aalst, "Verification of Workflow Nets", 1997) of the token game of BPMN, where a body ends when its last token does.
 * Conditions may turn out either way. A branch that leads only to ends may be started again while it still runs. Empty: sound.
 * Expects what `checkModel` has nothing against.
 */
export function checkSoundness(body: Body): SoundnessFinding[] {
  return checkBody(body, null).findings;
}

function checkBody(body: Body, within: string | null): { findings: SoundnessFinding[]; exits: Exits } {
  const findings: SoundnessFinding[] = [];
  const exits = new Map<string, Exits>();
  for (const node of body.nodes) {
    if (node.kind !== 'sub-process') continue;
    const inside = checkBody(node.body, node.id);
    findings.push(...inside.findings);
    exits.set(node.id, inside.exits);
  }
  const graph = graphOf(body, exits);
  const own = [...checkReach(body, graph, exits), ...unthrown(body, exits)];
  if (own.length === 0 && findings.length === 0) own.push(...playBody(body, exits));
  return {
    findings: [...findings, ...own.map((finding) => ({ ...finding, within }))],
    exits: exitsOf(body, graph.reached, exits),
  };
}

type Found = Omit<SoundnessFinding, 'within'>;

interface Graph {
  /** Node → flows and nodes that it leads to. */
  next: ReadonlyMap<string, readonly { via: string[]; to: string }[]>;
  reached: ReadonlySet<string>;
}

/** Where each node leads; a boundary event follows its activity. */
function graphOf(body: Body, exits: ReadonlyMap<string, Exits>): Graph {
  const next = new Map<string, { via: string[]; to: string }[]>(body.nodes.map(({ id }) => [id, []]));
  for (const { id, from, to } of body.flows) {
    if (exits.get(from)?.canComplete !== false) next.get(from)?.push({ via: [id], to });
  }
  for (const node of body.nodes) {
    if (node.kind === 'boundary') next.get(node.attachedTo)?.push({ via: [], to: node.id });
  }
  const reached = new Set(body.nodes.flatMap(({ id, kind }) => (kind === 'start' ? [id] : [])));
  for (const id of reached) for (const { to } of next.get(id) ?? []) reached.add(to);
  return { next, reached };
}

/** What no way leads to, and what no way leads out of. */
function checkReach(body: Body, { next, reached }: Graph, exits: ReadonlyMap<string, Exits>): Found[] {
  const never = body.flows.filter(({ from }) => exits.get(from)?.canComplete === false);
  const unreachable = [...body.nodes.filter(({ id }) => !reached.has(id)), ...never].map(({ id }) => id);
  if (unreachable.length > 0) return [found('unreachable', unreachable, [], body)];
  // An end of everything gets branches out that have no way out of their own: the token game tells.
  if (body.nodes.some((node) => node.kind === 'end' && isAbrupt(node))) return [];
  const before = new Map<string, string[]>();
  for (const [from, links] of next) for (const { to } of links) before.set(to, [...(before.get(to) ?? []), from]);
  const ending = new Set(
    body.nodes.flatMap(({ id, kind }) => (kind === 'end' || next.get(id)?.length === 0 ? [id] : [])),
  );
  for (const id of ending) for (const earlier of before.get(id) ?? []) ending.add(earlier);
  const lost = body.nodes.filter(({ id }) => !ending.has(id)).map(({ id }) => id);
  if (lost.length === 0) return [];
  const isRound = lost.some((id) => (next.get(id) ?? []).length > 0);
  return [found(isRound ? 'no-way-out' : 'dead-end', lost, wayTo(new Set(lost), body, next), body)];
}

const isAbrupt = ({ event }: EndNode) => event?.type === 'terminate' || event?.type === 'error';

/** The shortest way from a start to one of some nodes. */
function wayTo(targets: ReadonlySet<string>, body: Body, next: Graph['next']): string[] {
  const ways = new Map<string, string[]>(body.nodes.flatMap(({ id, kind }) => (kind === 'start' ? [[id, [id]]] : [])));
  for (const [id, way] of ways) {
    if (targets.has(id)) return [...way];
    for (const { via, to } of next.get(id) ?? []) if (!ways.has(to)) ways.set(to, [...way, ...via, to]);
  }
  return [];
}

/** Errors that a boundary event waits for although nothing inside can throw them. */
function unthrown(body: Body, exits: ReadonlyMap<string, Exits>): Found[] {
  return body.nodes.flatMap((node) => {
    if (node.kind !== 'boundary' || node.event.type !== 'error') return [];
    const host = body.nodes.find(({ id }) => id === node.attachedTo);
    if (host?.kind !== 'sub-process' || mayFail(host.body)) return [];
    const { errors } = exits.get(host.id)!;
    const { code } = node.event;
    return (code === undefined ? errors.size > 0 : errors.has(code)) ? [] : [found('unreachable', [node.id], [], body)];
  });
}

/** Whether something in a body calls effects or others, which may throw any error. */
function mayFail(body: Body): boolean {
  return body.nodes.some((node) =>
    node.kind === 'sub-process' ? mayFail(node.body) : ['service', 'business-rule', 'send', 'call'].includes(node.kind),
  );
}

function exitsOf(body: Body, reached: ReadonlySet<string>, inside: ReadonlyMap<string, Exits>): Exits {
  const ends = body.nodes.filter(({ id, kind }) => kind === 'end' && reached.has(id));
  const isError = (node: ProcessNode) => node.kind === 'end' && node.event?.type === 'error';
  const thrown = ends.flatMap((node) => (node.kind === 'end' && node.event?.type === 'error' ? [node.event.code] : []));
  const passedOn = [...inside].flatMap(([id, { errors }]) => {
    const caught = body.nodes.flatMap((node) =>
      node.kind === 'boundary' && node.attachedTo === id && node.event.type === 'error' ? [node.event.code] : [],
    );
    return caught.includes(undefined) ? [] : [...errors].filter((code) => !caught.includes(code));
  });
  return { canComplete: ends.some((node) => !isError(node)), errors: new Set([...thrown, ...passedOn]) };
}

const kinds = { twice: 'double-execution', stuck: 'deadlock', endless: 'no-way-out', undecided: 'undecided' } as const;

function playBody(body: Body, exits: ReadonlyMap<string, Exits>): Found[] {
  const net = buildNet(body, exits);
  reduceNet(net);
  const { fault, usedFlows } = exploreNet(net);
  if (fault) return [describe(fault, body)];
  const dead = [...net.flows].flatMap(([index, { via }]) => (usedFlows.has(index) ? [] : via));
  return dead.length > 0 ? [found('unreachable', [...new Set(dead)], [], body)] : [];
}

const describe = ({ kind, elements, path }: NetFault, body: Body): Found => found(kinds[kind], elements, path, body);

const messages: Readonly<Record<SoundnessFinding['kind'], (names: string) => string>> = {
  unreachable: (names) => `Nothing ever leads to ${names}.`,
  'dead-end': (names) => `No end can be reached from ${names}.`,
  deadlock: (names) => `${names} may wait for ever: what is needed there cannot come any more.`,
  'double-execution': (names) => `${names} may happen twice at the same time: join the branches before.`,
  'no-way-out': (names) => `There is no way out of ${names}.`,
  undecided: (names) => `Too much may happen at once around ${names} to decide whether it always ends: simplify there.`,
};

/** Elements that a message names before it counts the rest. */
const maxNamed = 5;

function found(kind: SoundnessFinding['kind'], elements: string[], path: string[], body: Body): Found {
  const names = new Map([...body.nodes, ...body.flows].map(({ id, name }) => [id, name]));
  const named = elements.slice(0, maxNamed).map((id) => (names.get(id) ? `"${names.get(id)}" (${id})` : `"${id}"`));
  const more = elements.length > maxNamed ? ` and ${elements.length - maxNamed} more` : '';
  return { kind, elements, path, message: messages[kind](`${named.join(', ')}${more}`) };
}
