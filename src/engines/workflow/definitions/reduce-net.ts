import { type NetFlow, type NetNode, type TokenNet, vanishes } from './token-net.ts';

type Group = 'one' | 'all' | 'any';
const groups = ['one', 'all', 'any'] as const;

/**
 * Makes a token net smaller without changing whether it is sound, until no rule applies: sequences, blocks of a split and its
 * join, loops of an exclusive merge and split (T. Murata, "Petri nets: properties, analysis and applications", 1989, §V.C,
 * and the SESE blocks of J. Vanhatalo et al., 2007, on BPMN's own gateways). A well-structured body leaves only the root.
 */
export function reduceNet(net: TokenNet): void {
  const reducer = new Reducer(net);
  let hasChanged = true;
  while (hasChanged) {
    hasChanged = false;
    for (const index of [...net.nodes.keys()]) {
      while (net.nodes.has(index) && reducer.reduceAt(index)) hasChanged = true;
    }
  }
}

class Reducer {
  readonly net: TokenNet;

  constructor(net: TokenNet) {
    this.net = net;
  }

  /** Applies one rule around a node; false where none applies. */
  reduceAt(index: number): boolean {
    const node = this.net.nodes.get(index)!;
    return (
      this.mergeFlows(node) ||
      this.dropVanishing(node) ||
      this.dropLoop(index, node) ||
      this.passThrough(index, node) ||
      this.fuseJoin(index, node) ||
      this.fuseSplit(index, node)
    );
  }

  flow = (index: number): NetFlow => this.net.flows.get(index)!;

  remove(flow: number, node: NetNode): void {
    for (const group of groups) node[group] = node[group].filter((other) => other !== flow);
    this.net.nodes.get(this.flow(flow).to)?.ins.delete(flow);
    this.net.flows.delete(flow);
  }

  retarget(flow: number, to: number, via: readonly string[]): void {
    const moved = this.flow(flow);
    this.net.nodes.get(moved.to)?.ins.delete(flow);
    moved.to = to;
    moved.via.push(...via);
    this.net.nodes.get(to)?.ins.add(flow);
  }

  /** Two flows from one node to one other that always, or never, carry tokens together become one. */
  mergeFlows(node: NetNode): boolean {
    for (const group of groups) {
      const first = new Map<number, number>();
      for (const flow of node[group]) {
        const { to, via } = this.flow(flow);
        const other = first.get(to);
        first.set(to, other ?? flow);
        if (other === undefined || !this.mergeable(group, this.flow(flow))) continue;
        if (group === 'all') this.flow(other).via.push(...via);
        this.remove(flow, node);
        return true;
      }
    }
    return false;
  }

  mergeable(group: Group, { from, to }: NetFlow): boolean {
    const join = to < 0 ? 'end' : this.net.nodes.get(to)!.join;
    // What comes round meanwhile may get between the split and the join.
    if (to >= 0 && group !== 'one' && this.isRound(from) && !this.leadsTo(to, from)) return false;
    if (group === 'one') return join !== 'all';
    if (group === 'all') return join !== 'one';
    return join === 'some' || join === 'end';
  }

  isRound(node: number): boolean {
    const { one, all, any } = this.net.nodes.get(node)!;
    return [...one, ...all, ...any].some((flow) => this.flow(flow).to >= 0 && this.leadsTo(this.flow(flow).to, node));
  }

  leadsTo(from: number, to: number): boolean {
    const reached = new Set([from]);
    for (const at of reached) {
      const { one, all, any } = this.net.nodes.get(at)!;
      for (const flow of [...one, ...all, ...any]) if (this.flow(flow).to >= 0) reached.add(this.flow(flow).to);
    }
    return reached.has(to);
  }

  /** A token that vanishes beside others is none. */
  dropVanishing(node: NetNode): boolean {
    const flow = node.all.find((one) => this.flow(one).to === vanishes);
    if (flow === undefined || node.all.length + node.any.length + node.one.length === 1) return false;
    node.via.push(...this.flow(flow).via);
    this.remove(flow, node);
    return true;
  }

  /** An exclusive merge and split in one that may go round: going on leads to the same. */
  dropLoop(index: number, node: NetNode): boolean {
    const back = node.one.find((flow) => this.flow(flow).to === index);
    if (back === undefined || node.join !== 'one' || node.one.length < 2 || node.any.length > 0) return false;
    this.remove(back, node);
    return true;
  }

  /** A node with one way in and one out is only passed. */
  passThrough(index: number, node: NetNode): boolean {
    const out = only(node);
    if (out === null || node.ins.size !== 1) return false;
    const [entering] = node.ins;
    const leaving = this.flow(out);
    if (entering === undefined || leaving.to === index) return false;
    const via = [...node.via, ...leaving.via];
    this.net.nodes.get(leaving.to)?.ins.delete(out);
    this.net.flows.delete(out);
    this.retarget(entering, leaving.to, via);
    this.net.nodes.delete(index);
    return true;
  }

  /** A join with one way out becomes one with the split that follows, an exclusive one also with a following exclusive one. */
  fuseJoin(index: number, node: NetNode): boolean {
    const out = only(node);
    if (out === null || node.ins.size === 0) return false;
    const { to, via } = this.flow(out);
    const next = this.net.nodes.get(to);
    if (!next || to === index) return false;
    if (next.ins.size > 1 && (node.join !== 'one' || next.join !== 'one')) return false;
    const passed = [...node.via, ...via];
    next.join = node.join;
    next.ins.delete(out);
    this.net.flows.delete(out);
    for (const entering of [...node.ins]) this.retarget(entering, to, node.join === 'one' ? passed : []);
    if (node.join !== 'one') next.via.unshift(...passed);
    this.net.nodes.delete(index);
    return true;
  }

  /** A split behind a split of its kind is part of it; so is a node that only ends. */
  fuseSplit(index: number, node: NetNode): boolean {
    for (const group of groups) {
      for (const flow of node[group]) {
        const { to, via } = this.flow(flow);
        const next = this.net.nodes.get(to);
        if (!next || to === index || next.ins.size !== 1 || !sameKind(group, node, next)) continue;
        const passed = [...via, ...next.via];
        this.remove(flow, node);
        if (group === 'all') node.via.push(...passed);
        for (const leaving of next[group]) {
          this.flow(leaving).from = index;
          if (group !== 'all') this.flow(leaving).via.unshift(...passed);
        }
        node[group].push(...next[group]);
        this.net.nodes.delete(to);
        return true;
      }
    }
    return false;
  }
}

/** The flow that a node always and only emits on. */
function only({ one, all, any }: NetNode): number | null {
  const out = [...one, ...all, ...any];
  return out.length === 1 ? out[0]! : null;
}

function sameKind(group: Group, node: NetNode, next: NetNode): boolean {
  if (groups.some((other) => other !== group && next[other].length > 0)) return false;
  if (next[group].length === 0) return false;
  // Any of a nonempty choice: only where neither may be empty.
  return group !== 'any' || node.one.length + node.all.length === 0;
}
