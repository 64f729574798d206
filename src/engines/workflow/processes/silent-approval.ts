import { nodesOf } from '../definitions/check-model.ts';
import type { Body, ProcessModel, ProcessNode, UserTask } from '../definitions/process-model.ts';
import { indexModel } from '../instances/index-model.ts';
import type { Happening, InstanceState, Token } from '../instances/instance-state.ts';
import { evaluatorOf } from '../instances/running-model.ts';
import { type Evaluate, step, unbegun } from '../instances/step.ts';

/** Steps that are tried at most: a process of more ways is told at run time. */
const mostSteps = 2_000;

/** A way that an instance goes while no person decides anything. */
interface Way {
  state: InstanceState;
  /** Nodes and flows that it came by. */
  path: readonly string[];
  /** What was assumed of conditions that ask what nobody knows yet, by their text. */
  assumed: ReadonlyMap<string, boolean>;
  /** A task was left without a person. */
  isSilent: boolean;
}

/** Something that happens without a person; `silently`: to a task of people. */
type Move = { happening: Happening; silently: boolean };

/**
 * The way by which a process ends "approved" and no person has decided a task of it: ids of nodes and flows; null where none is known.
 * Played by the step function itself. A way that leaves a task by silence counts whatever data says, one that asks nobody only where
 * no data is asked either: what data makes of it is told when it happens.
 */
export function findSilentApproval(model: ProcessModel): readonly string[] | null {
  return new SilentWalk(model).find();
}

class SilentWalk {
  readonly #nodes: readonly ProcessNode[];
  readonly #bodies: readonly Body[];
  readonly #indexed: ReturnType<typeof indexModel>;
  readonly #evaluate: Evaluate;
  readonly #conditions: ReadonlySet<string>;
  readonly #lists: ReadonlySet<string>;
  readonly #data: RegExp;
  #steps = 0;

  constructor(model: ProcessModel) {
    this.#nodes = nodesOf(model.body);
    this.#bodies = [model.body, ...this.#nodes.flatMap((node) => (node.kind === 'sub-process' ? [node.body] : []))];
    this.#indexed = indexModel(model);
    this.#evaluate = evaluatorOf(this.#indexed, new Date(0));
    const conditions = this.#bodies.flatMap(({ flows }) => flows.map(({ condition }) => condition));
    this.#conditions = new Set(conditions.filter((one) => one !== undefined));
    this.#lists = new Set(this.#nodes.flatMap((node) => ('multi' in node && node.multi ? [node.multi.over] : [])));
    const locals = this.#nodes.flatMap((node) => ('multi' in node && node.multi ? [node.multi.as] : []));
    const names = ['currency', 'now', 'today', ...model.variables.map(({ name }) => name), ...locals];
    this.#data = new RegExp(`(?<![\\p{L}\\p{N}_."])(${names.join('|')})(?![\\p{L}\\p{N}_"])`, 'u');
  }

  find(): readonly string[] | null {
    const seen = new Set<string>();
    const begun: Way = { state: unbegun, path: [], assumed: new Map(), isSilent: false };
    const ways = this.#turns(begun, { happening: { type: 'started', variables: {} }, silently: false });
    for (let way = ways.pop(); way && this.#steps < mostSteps; way = ways.pop()) {
      const { state, assumed, isSilent } = way;
      if (state.status === 'completed' && state.outcome === 'approved' && (isSilent || assumed.size === 0)) {
        return way.path;
      }
      const key = JSON.stringify([state, [...assumed], isSilent]);
      if (state.status !== 'running' || seen.has(key)) continue;
      seen.add(key);
      for (const token of state.tokens) {
        if (token.rests !== 'outside' || token.multi) continue;
        for (const move of this.#moves(token)) ways.push(...this.#turns(way, move));
      }
    }
    return null;
  }

  #moves(token: Token): Move[] {
    const { node, outgoing, boundaries } = this.#indexed.place(token.node);
    const caught = (event: string): Happening => ({ type: 'caught', token: token.id, event });
    const silently = node.kind === 'user';
    const edges = boundaries.filter(({ event }) => event.type !== 'error' && event.type !== 'escalation');
    const moves = edges.map(({ id }): Move => ({ happening: caught(id), silently }));
    if (node.kind === 'user') moves.push(...silentEnds(node, token));
    else if (node.kind === 'catch') moves.push({ happening: caught(node.id), silently });
    else if (node.kind === 'event') moves.push(...outgoing.map(({ to }) => ({ happening: caught(to), silently })));
    else if (node.kind === 'service' || node.kind === 'business-rule' || node.kind === 'send') {
      moves.push({ happening: { type: 'completed', token: token.id }, silently });
    }
    return moves;
  }

  /** The ways on from what happens: one for each answer to what only data could say. */
  #turns(way: Way, { happening, silently }: Move): Way[] {
    const turns: Way[] = [];
    for (let planned: boolean[] | null = []; planned && this.#steps < mostSteps; this.#steps++) {
      const plan: readonly boolean[] = planned;
      const said: boolean[] = [];
      const assumed = new Map(way.assumed);
      const evaluate: Evaluate = (text, variables) => {
        if (!this.#conditions.has(text)) return this.#lists.has(text) ? [null] : null;
        const before = assumed.get(text);
        if (before !== undefined) return before;
        const value = this.#evaluate(text, variables);
        // What is false whatever data says, is: of two that must both hold, one is known not to.
        if (!this.#data.test(text) || value === false) return value;
        const answer = plan[said.length] ?? false;
        said.push(answer);
        assumed.set(text, answer);
        return answer;
      };
      const entered: string[] = [];
      const place = (id: string) => {
        entered.push(id);
        return this.#indexed.place(id);
      };
      const { state } = step({ ...this.#indexed, place }, way.state, happening, evaluate);
      turns.push({ state, path: this.#pathOn(way.path, entered), assumed, isSilent: way.isSilent || silently });
      const last = said.lastIndexOf(false);
      planned = last < 0 ? null : [...said.slice(0, last), true];
    }
    return turns;
  }

  /** A path with what was entered after it, each by the flow or the edge that leads there. */
  #pathOn(path: readonly string[], entered: readonly string[]): string[] {
    const on = [...path];
    for (const id of entered) {
      if (on.includes(id)) continue;
      // Of several flows that lead here the one from where it came last.
      const [flow] = this.#bodies
        .flatMap(({ flows }) => flows.filter((one) => one.to === id && on.includes(one.from)))
        .sort((one, other) => on.indexOf(other.from) - on.indexOf(one.from));
      const node = this.#nodes.find((one) => one.id === id);
      const isAtEdge = node?.kind === 'boundary' && on.includes(node.attachedTo);
      if (flow) on.push(flow.id, id);
      else if (isAtEdge || node?.kind === 'start') on.push(id);
    }
    return on;
  }
}

/** How a task of people ends, or is told to those around it, by silence. */
function silentEnds({ id, vote, escalations = [] }: UserTask, token: Token): Move[] {
  const told = escalations.map(({ does }) => does);
  const outcomes = [vote?.fallback, ...told.map((does) => (does.type === 'complete' ? does.outcome : undefined))];
  const codes = told.flatMap((does) => (does.type === 'escalate' ? [does.code] : []));
  return [
    ...outcomes
      .filter((outcome) => outcome !== undefined)
      .map((outcome): Happening => ({ type: 'completed', token: token.id, set: { [id]: { outcome, by: null } } })),
    ...codes.map((code): Happening => ({ type: 'escalated', token: token.id, code })),
  ].map((happening) => ({ happening, silently: true }));
}
