import type { Body, BoundaryNode, Flow, ProcessNode } from './process-model.ts';

/** Where a token goes that vanishes at an end, and one whose arrival ends everything in the body. */
export const vanishes = -1;
export const endsAll = -2;

/** A place for a token: a sequence flow, or several elements that a token passes one after the other. */
export interface NetFlow {
  from: number;
  /** A node, {@link vanishes} or {@link endsAll}. */
  to: number;
  /** Ids of flows and nodes that a token has passed when it lies here, in an order in which they can happen. */
  via: string[];
}

/** What consumes tokens and makes new ones in one step: exactly one of `one`, all of `all`, any of `any`. */
export interface NetNode {
  /** What it needs: a token on one flow in, on all, or on some while none can still come on the others. */
  join: 'one' | 'all' | 'some';
  ins: Set<number>;
  one: number[];
  all: number[];
  any: number[];
  /** Ids of what happens when it fires. */
  via: string[];
}

/** The token game of one body; `root` puts the first token. */
export interface TokenNet {
  root: number;
  nodes: Map<number, NetNode>;
  flows: Map<number, NetFlow>;
}

/** What is known of the bodies of sub-processes, by id: whether they can end as planned, and which errors leave them. */
export interface Exits {
  canComplete: boolean;
  /** Codes of errors that its ends throw out of it. */
  errors: ReadonlySet<string>;
}

/** The token game of a body (BPMN 2.0.2, chapter 13), sub-processes seen from outside: as activities that end one way or another. */
export function buildNet(body: Body, exits: ReadonlyMap<string, Exits>): TokenNet {
  return new NetBuilder(body, exits).build();
}

class NetBuilder {
  readonly nodes = new Map<number, NetNode>();
  readonly flows = new Map<number, NetFlow>();
  readonly body: Body;
  readonly exits: ReadonlyMap<string, Exits>;
  readonly byId = new Map<string, number>();
  readonly plainEnds = new Map<string, number>();
  readonly leaving: Map<string, Flow[]>;

  constructor(body: Body, exits: ReadonlyMap<string, Exits>) {
    this.body = body;
    this.exits = exits;
    this.leaving = Map.groupBy(body.flows, ({ from }) => from);
  }

  build(): TokenNet {
    const root = this.addNode('one', []);
    for (const node of this.body.nodes) {
      const end = plainEnd(node);
      if (end !== null) this.plainEnds.set(node.id, end);
      else if (node.kind !== 'boundary') this.byId.set(node.id, this.addNode(joinOf(node), [node.id]));
    }
    for (const node of this.body.nodes) {
      const at = this.byId.get(node.id);
      if (node.kind === 'boundary' || at === undefined) continue;
      if (node.kind === 'start') this.nodes.get(root)!.one.push(this.addFlow(root, at, []));
      this.split(node, at);
    }
    return { root, nodes: this.nodes, flows: this.flows };
  }

  addNode(join: NetNode['join'], via: string[]): number {
    const index = this.nodes.size;
    this.nodes.set(index, { join, ins: new Set(), one: [], all: [], any: [], via });
    return index;
  }

  addFlow(from: number, to: number, via: string[]): number {
    const index = this.flows.size;
    this.flows.set(index, { from, to, via });
    this.nodes.get(to)?.ins.add(index);
    return index;
  }

  split(node: Exclude<ProcessNode, BoundaryNode>, at: number): void {
    const made = this.nodes.get(at)!;
    const out = this.leaving.get(node.id) ?? [];
    const each = () => out.map((flow) => this.drawn(at, flow));
    switch (node.kind) {
      case 'exclusive':
      case 'event':
        made.one = each();
        break;
      case 'parallel':
        made.all = each();
        break;
      case 'inclusive':
        this.splitInclusive(at, out, node.default);
        break;
      case 'end':
        made.all = [this.addFlow(at, vanishes, [])];
        break;
      case 'start':
      case 'catch':
      case 'throw':
        made.all = [this.exit(at, [], out)];
        break;
      default:
        this.splitActivity(node, at, out);
    }
  }

  drawn(from: number, flow: Flow, prefix: string[] = []): number {
    const via = [...prefix, flow.id];
    const node = this.byId.get(flow.to);
    if (node !== undefined) return this.addFlow(from, node, via);
    const end = this.plainEnds.get(flow.to);
    return end === undefined ? this.addFlow(from, vanishes, via) : this.addFlow(from, end, [...via, flow.to]);
  }

  /** One place for all that leaves by one way: none vanishes, several are a parallel split without a gateway. */
  exit(from: number, prefix: string[], out: readonly Flow[]): number {
    if (out.length === 1) return this.drawn(from, out[0]!, prefix);
    if (out.length === 0) return this.addFlow(from, vanishes, prefix);
    const split = this.addNode('one', []);
    this.nodes.get(split)!.all = out.map((flow) => this.drawn(split, flow));
    return this.addFlow(from, split, prefix);
  }

  /** The default flow is taken alone, one without condition always, the others in every combination. */
  splitInclusive(at: number, out: readonly Flow[], byDefault: string | undefined): void {
    const alone = out.find(({ id }) => id === byDefault);
    const others = out.filter((flow) => flow !== alone);
    let splits = at;
    if (alone) {
      splits = others.length > 0 ? this.addNode('one', []) : at;
      const gateway = this.nodes.get(at)!;
      gateway.one = [this.drawn(at, alone)];
      if (splits !== at) gateway.one.push(this.addFlow(at, splits, []));
    }
    const node = this.nodes.get(splits)!;
    node.all = others.filter(({ condition }) => condition === undefined).map((flow) => this.drawn(splits, flow));
    node.any = others.filter(({ condition }) => condition !== undefined).map((flow) => this.drawn(splits, flow));
  }

  /** An activity ends as planned or by one of its interrupting events; the others may happen beside. */
  splitActivity(node: ProcessNode, at: number, out: readonly Flow[]): void {
    const made = this.nodes.get(at)!;
    if (this.exits.get(node.id)?.canComplete !== false) made.one.push(this.exit(at, [], out));
    for (const boundary of this.body.nodes) {
      if (boundary.kind !== 'boundary' || boundary.attachedTo !== node.id) continue;
      const ends = boundary.interrupting || boundary.event.type === 'error';
      (ends ? made.one : made.any).push(this.exit(at, [boundary.id], this.leaving.get(boundary.id) ?? []));
    }
    // It only fails, and nothing here catches that: the process ends with it.
    if (made.one.length === 0) made.one.push(this.addFlow(at, endsAll, []));
  }
}

/** An end that does nothing but end: several tokens may come to it. One that sends something is a node that fires. */
function plainEnd(node: ProcessNode): number | null {
  if (node.kind !== 'end') return null;
  if (!node.event) return vanishes;
  return node.event.type === 'terminate' || node.event.type === 'error' ? endsAll : null;
}

function joinOf(node: ProcessNode): NetNode['join'] {
  return node.kind === 'parallel' ? 'all' : node.kind === 'inclusive' ? 'some' : 'one';
}
